"""Commands mentioned in the documentation exist."""

import re
from pathlib import Path

import pytest
import yaml
from django.core.management import get_commands
from typer.main import get_command

from engine.cli import commands
from tests.docs.markdown import MARKDOWN_FILES, ROOT, relative_name

MANAGE = re.compile(r"\bmanage\.py ([a-z_]+)")
MAKE = re.compile(r"(?:^|[`;&] ?)make ([a-z-]+)", re.MULTILINE)
COMITY = re.compile(r"(?:^|[`;&/] ?|bin/)comity ([a-z]+)\b", re.MULTILINE)
TARGETS = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


@pytest.mark.parametrize(
    "document", [p for p in MARKDOWN_FILES if p.name != "CHANGELOG.md"], ids=relative_name
)
def test_commands_of_a_page_exist(document: Path) -> None:
    code = "\n".join(CODE.findall(document.read_text(encoding="utf-8")))
    assert set(MANAGE.findall(code)) <= set(get_commands())
    assert set(MAKE.findall(code)) <= TARGETS
    assert set(COMITY.findall(code)) <= set(get_command(commands()).commands)  # type: ignore[attr-defined]


def test_hooks_before_a_commit_run_what_is_installed() -> None:
    written = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    entries = [hook["entry"].split() for repository in written["repos"] for hook in repository["hooks"]]
    assert entries
    for program, *arguments in entries:
        assert (ROOT / program).exists(), program
        assert all((ROOT / name).exists() for name in arguments if name.startswith("tests/")), arguments
