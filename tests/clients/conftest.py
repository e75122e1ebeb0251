"""Clients generated from the committed OpenAPI documents. `make test-clients` runs these tests; they need Node."""

import importlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
DOCUMENTS = HERE.parents[1] / "docs" / "openapi"
NAMES = ("assistant", "marketplace", "policies")


def run(*command: Any) -> str:
    """Returns the output. Fails unless the exit code is 0."""
    done = subprocess.run(
        [str(each) for each in command], capture_output=True, text=True, cwd=HERE, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="session")
def node() -> Callable[..., str]:
    """Runs a program of package.json."""
    return lambda program, *arguments: run(HERE / "node_modules" / ".bin" / program, *arguments)


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Any]]:
    """Imports a module of a generated client, such as `marketplace.models`."""
    folder = tmp_path_factory.mktemp("clients")
    generator = Path(os.environ["COMITY_CLIENTS"]).resolve() / "bin" / "openapi-python-client"
    for name in NAMES:
        config = ("--config", HERE / "openapi-python-client.yaml", "--fail-on-warning")
        into = ("--meta", "none", "--output-path", folder / f"generated_{name}")
        run(generator, "generate", "--path", DOCUMENTS / f"{name}.json", *into, *config)
    sys.path.insert(0, str(folder))
    yield lambda module: importlib.import_module(f"generated_{module}")
    sys.path.remove(str(folder))
