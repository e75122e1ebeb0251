"""Answers `python manage.py …` of a pasted tour in forks of the test, since starting Django anew takes longer than each command.

The program `python` hands its arguments and environment over, and waits for the exit code.
"""

import io
import json
import os
import socket
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path

from django.core.management import CommandError, call_command
from django.db import connections

SHIM = """\
#!{python} -SE
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as asked:
    asked.connect({address!r})
    asked.sendall(json.dumps([sys.argv[1:], dict(os.environ)]).encode() + b"\\n")
    code, output, errors = json.loads(asked.makefile().read())
sys.stdout.write(output)
sys.stderr.write(errors)
sys.exit(code)
"""


def paste(script: str, environment: dict[str, str], folder: Path) -> tuple[int, str, str]:
    """Runs a bash script in which `python manage.py` is one of the forks, and returns its exit code, output and errors."""
    programs = folder / "bin"
    programs.mkdir(exist_ok=True)
    address = folder / "commands"
    address.unlink(missing_ok=True)
    program = programs / "python"
    program.write_text(SHIM.format(python=sys.executable, address=str(address)))
    program.chmod(0o700)
    path = f"{programs}:{os.environ['PATH']}"
    with (
        socket.socket(socket.AF_UNIX) as listening,
        (folder / "output").open("w+") as output,
        (folder / "errors").open("w+") as errors,
    ):
        listening.bind(str(address))
        listening.listen()
        listening.settimeout(0.1)
        pasted = subprocess.Popen(
            ["bash", "-eu", "-c", script], env=environment | {"PATH": path}, stdout=output, stderr=errors
        )
        while pasted.poll() is None:
            with suppress(TimeoutError):
                asking, _ = listening.accept()
                _answer(asking)
        output.seek(0)
        errors.seek(0)
        return pasted.returncode, output.read(), errors.read()


def _answer(asking: socket.socket) -> None:
    with asking:
        asking.settimeout(None)
        connections.close_all()  # a fork inherits none
        child = os.fork()
        if child == 0:
            try:
                arguments, environment = json.loads(asking.makefile().readline())
                asking.sendall(json.dumps(_run(arguments, environment)).encode())
                asking.shutdown(socket.SHUT_RDWR)
            finally:
                os._exit(0)
        os.waitpid(child, 0)


def _run(arguments: list[str], environment: dict[str, str]) -> tuple[int, str, str]:
    os.environ.clear()
    os.environ.update(environment)
    output, errors = io.StringIO(), io.StringIO()
    try:
        with redirect_stdout(output), redirect_stderr(errors):
            assert arguments[0] == "manage.py"
            call_command(*arguments[1:])
    except CommandError as error:
        return 1, output.getvalue(), f"CommandError: {error}\n"
    except BaseException as error:
        return 2, output.getvalue(), f"{errors.getvalue()}{error!r}\n"
    return 0, output.getvalue(), errors.getvalue()
