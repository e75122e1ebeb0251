"""Answers `python manage.py …` and `comity …` of a pasted tour in forks of the test, since starting anew takes longer than each.

The programs `python` and `comity` hand over their arguments, environment and folder, and wait for the exit code.
"""

import io
import json
import os
import socket
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.management import CommandError, call_command
from django.db import connections

from engine import cli

SHIM = """\
#!{python} -SE
import json, os, socket, sys
program = os.path.basename(sys.argv[0])
if program == "python" and sys.argv[1] != "manage.py":
    os.execv({python!r}, [{python!r}, *sys.argv[1:]])
with socket.socket(socket.AF_UNIX) as asked:
    asked.connect({address!r})
    asked.sendall(json.dumps([program, sys.argv[1:], dict(os.environ), os.getcwd()]).encode() + b"\\n")
    code, output, errors = json.loads(asked.makefile().read())
sys.stdout.write(output)
sys.stderr.write(errors)
sys.exit(code)
"""


def paste(
    script: str, environment: dict[str, str], folder: Path, *, programs: str = "bin", options: str = "-eu"
) -> tuple[int, str, str]:
    """Runs a bash script in which `python` and `comity` of the folder `programs` are forks. Returns its exit code, output and
    errors."""
    found = folder / programs
    found.mkdir(parents=True, exist_ok=True)
    path = f"{found}:{os.environ['PATH']}"
    with (
        TemporaryDirectory() as short,  # the address of a socket has at most about a hundred letters
        socket.socket(socket.AF_UNIX) as listening,
        (found / "output").open("w+") as output,
        (found / "errors").open("w+") as errors,
    ):
        address = f"{short}/commands"
        listening.bind(address)
        listening.listen()
        listening.settimeout(0.1)
        for name in ("python", "comity"):
            program = found / name
            program.write_text(SHIM.format(python=sys.executable, address=address))
            program.chmod(0o700)
        pasted = subprocess.Popen(
            ["bash", options, "-c", script],
            cwd=folder,
            env=environment | {"PATH": path},
            stdout=output,
            stderr=errors,
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
                asked = json.loads(asking.makefile().readline())
                asking.sendall(json.dumps(_run(*asked)).encode())
                asking.shutdown(socket.SHUT_RDWR)
            finally:
                os._exit(0)
        os.waitpid(child, 0)


def _run(
    program: str, arguments: list[str], environment: dict[str, str], folder: str
) -> tuple[int, str, str]:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    output, errors = io.StringIO(), io.StringIO()
    try:
        with redirect_stdout(output), redirect_stderr(errors):
            if program == "comity":
                sys.argv = [program, *arguments]
                cli.main()
            else:
                call_command(*arguments[1:])
    except SystemExit as end:
        return int(end.code or 0), output.getvalue(), errors.getvalue()
    except CommandError as error:
        return 1, output.getvalue(), f"CommandError: {error}\n"
    except BaseException as error:
        return 2, output.getvalue(), f"{errors.getvalue()}{error!r}\n"
    return 0, output.getvalue(), errors.getvalue()
