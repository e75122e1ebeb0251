"""Django's own options before and after a subcommand."""

from argparse import _SubParsersAction
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand, CommandError, CommandParser

ROOT = Path(__file__).parents[2]
OPTIONS = ["-v", "0", "--no-color", "--traceback"]
ARGUMENTS = (
    {"person": ["ann"], "person add": ["--role", "buyer"], "person role": ["buyer"]}
    | {
        "policy replay": ["7"],
        "policy backtest": ["candidate"],
        "policy checkout": ["--to", "folder"],
        "policy new-key": ["log.key"],
        "policy export": ["--since", "2026-01-01T00:00:00Z", "--policy", "chat", "--out", "chat.parquet"],
    }
    | {f"policy {step}": ["3"] for step in ("activate", "report", "review", "show", "withdraw")}
    | {f"policy {step}": ["3", "--report", "sha256:0"] for step in ("approve", "reject")}
    | {"policy schedule": ["3", "--at", "2027-01-01T00:00:00Z"]}
    | {"desk month": ["2026-11"]}
    | {f"moderation {step}": ["texts.csv"] for step in ("calibrate", "judge")}
    | {"moderation import-set": ["texts", "texts.csv"], "moderation evaluate": ["--set", "texts"]}
    | {
        f"moderation {step}": ["texts"]
        for step in ("grow-set", "examine-set", "export-signals", "compare-detectors")
    }
)


def own_commands() -> Iterator[tuple[str, BaseCommand]]:
    for name, app in get_commands().items():
        if (ROOT / app.replace(".", "/") / "management").is_dir():
            yield name, load_command_class(app, name)


def subcommands() -> Iterator[tuple[str, str]]:
    for name, command in own_commands():
        for action in command.create_parser("manage.py", name)._actions:
            if isinstance(action, _SubParsersAction):
                yield from ((name, step) for step in action.choices)


def parser_of(name: str) -> CommandParser:
    return dict(own_commands())[name].create_parser("manage.py", name)


def test_every_subcommand_takes_the_options_on_either_side() -> None:
    commands = list(subcommands())
    assert {name for name, _ in commands} == {
        "desk",
        "evidence",
        "moderation",
        "person",
        "policy",
        "retention",
    }
    for name, step in commands:
        rest = ARGUMENTS.get(name, []) + ARGUMENTS.get(f"{name} {step}", [])
        plain = vars(parser_of(name).parse_args([step, *rest]))
        before = vars(parser_of(name).parse_args([*OPTIONS, step, *rest]))
        after = vars(parser_of(name).parse_args([step, *rest, *OPTIONS]))
        assert before == after == plain | {"verbosity": 0, "no_color": True, "traceback": True}, (name, step)


def test_option_that_nobody_knows_is_refused() -> None:
    with pytest.raises(CommandError, match="--verbose-ish"):
        parser_of("retention").parse_args(["plan", "--verbose-ish"])


def test_checks_may_be_skipped_after_the_subcommand() -> None:
    assert parser_of("retention").parse_args(["plan", "--skip-checks"]).skip_checks
