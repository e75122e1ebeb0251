"""A foreign project: the files from docs/embedding.md, and an environment with nothing of ours but the wheel."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "embedding.md"
CODE = (
    "api",
    "comity",
    "config",
    "console",
    "decisions",
    "detectors",
    "documents",
    "engine",
    "marketplace",
    "ml",
)
_BLOCK = re.compile(r'^```\w+ title="([^"\n]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)


def files_of_the_page() -> dict[str, str]:
    return {match[1]: match[2] for match in _BLOCK.finditer(PAGE.read_text(encoding="utf-8"))}


def build_wheel(folder: Path) -> Path:
    """Built from a copy of the tree, since setuptools leaves build files that the next build would reuse."""
    source = folder / "source"
    source.mkdir()
    for name in CODE:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copy(ROOT / name, source)
    script = "from setuptools import build_meta; build_meta.build_wheel('..')"
    subprocess.run([sys.executable, "-c", script], cwd=source, check=True, capture_output=True, timeout=300)
    [wheel] = folder.glob("*.whl")
    return wheel


@dataclass(frozen=True)
class Host:
    folder: Path
    python: Path

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """`python` and `comity` are those of the host's environment."""
        program = self.python.parent / command[0]
        environment = {
            "PATH": "",
            "NO_COLOR": "1",
            "COLUMNS": "120",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        return subprocess.run(
            [program, *command[1:]],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
        )


def make_host(folder: Path, wheel: Path) -> Host:
    """The environment borrows this one's libraries with a .pth file. Python ignores .pth files in folders added that way, so
    the editable install of this checkout is not visible."""
    environment = folder / "environment"
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", environment],
        check=True,
        capture_output=True,
        timeout=300,
    )
    site = Path(sysconfig.get_path("purelib", vars={"base": str(environment)}))
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    python = environment / "bin" / "python"
    install = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--no-index",
        "--no-deps",
        "--ignore-installed",
    ]
    subprocess.run(
        [*install, "--quiet", "--no-compile", "--disable-pip-version-check", wheel],
        check=True,
        capture_output=True,
        timeout=300,
        env={"PATH": os.environ["PATH"]},
    )
    project = folder / "project"
    for name, text in files_of_the_page().items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text, encoding="utf-8")
    return Host(project, python)
