"""Runs a module of this package in a process of its own, with Django and its own database."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.workloads.workload import SHIPPED


def run_in_django(module: str, *arguments: str, in_memory: bool = True, **settings: str) -> dict[str, float]:
    """What the module writes as JSON into the file that its first argument names. `settings` are environment variables."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "DATABASE_URL": "sqlite:///:memory:" if in_memory else f"sqlite:///{folder}/rows.sqlite3",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "COMITY_SECRET_KEY": secrets.token_urlsafe(50),
            "COMITY_ALLOWED_HOSTS": "testserver",
            "COMITY_HTTPS": "false",
            "PYTHONWARNINGS": "ignore:No directory at:UserWarning",  # static files were not collected
            **settings,
        }
        answer = Path(folder, "answer.json")
        command = [sys.executable, "-m", module, str(answer), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment, cwd=SHIPPED.parent)
        measured: dict[str, float] = json.loads(answer.read_text())
        return measured
