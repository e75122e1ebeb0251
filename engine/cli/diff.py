"""`comity diff`: what two versions of the policies decide differently, with an input for each kind of change."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from engine.backends.smt.question import Limits
from engine.bundle import Versions
from engine.claims import extra, words
from engine.claims.bundles import compare_policies, compare_versions
from engine.claims.difference import Difference, NotConfirmed
from engine.claims.forbidden import NotExcluded, not_excluded
from engine.claims.reports import junit_of, markdown_of
from engine.claims.revisions import Named, Unreadable, named_version, read_policies
from engine.cli import text
from engine.cli.app import (
    PoliciesOption,
    app,
    console,
    error_console,
    no_policy,
    print_json,
    wrong_name,
    wrong_use,
)
from engine.compiled import CompiledPolicy


class DiffFormat(StrEnum):
    text = "text"
    json = "json"
    junit = "junit"
    markdown = "markdown"


@app.command()
def diff(
    old: Annotated[
        str,
        typer.Argument(
            metavar="OLD", help="A file, a folder, `git:REV`, or a version such as `retention@1`."
        ),
    ],
    new: Annotated[
        str | None, typer.Argument(metavar="[NEW]", help="Likewise; left out after `retention@1..2`.")
    ] = None,
    policy: Annotated[
        list[str] | None, typer.Option("--policy", help="Only this policy; may be repeated.")
    ] = None,
    forbid: Annotated[
        list[str] | None,
        typer.Option("--forbid", metavar="OUTCOME->OUTCOME", help="Fail only where this change is possible."),
    ] = None,
    renamed: Annotated[
        list[str] | None,
        typer.Option("--renamed", metavar="OLD=NEW", help="A rule that has a new name; may be repeated."),
    ] = None,
    assume_items: Annotated[
        int | None,
        typer.Option(
            "--assume-items", min=0, max=24, help="Assume that lists are this short where no bound is known."
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse assumptions.")] = False,
    timeout: Annotated[
        float | None,
        typer.Option("--timeout", min=0.001, help="Seconds for each question; default no limit."),
    ] = None,
    policies: PoliciesOption = Path("policies"),
    format: Annotated[DiffFormat, typer.Option("--format", help="How to print.")] = DiffFormat.text,
) -> None:
    """Say exactly what changes between two versions of the policies, or prove that nothing does.

    Exit codes: 0 equal, 1 different or not proven, 2 wrong use. With `--forbid`, 1 only where a forbidden change exists or
    cannot be excluded.
    """
    if not extra.is_installed():
        wrong_use(f"`comity diff` needs a solver: {extra.INSTALL}")
    if strict and assume_items is not None:
        wrong_use("`--strict` refuses what `--assume-items` assumes: leave one of the two out")
    forbidden = [_pair(f, "->", "--forbid", "deny->allow") for f in forbid or []]
    names = dict(_pair(r, "=", "--renamed", "old-rule=new-rule") for r in renamed or [])
    limits = Limits(seconds=timeout, assumed_items=assume_items)
    try:
        compared = _compared(old, new, policies, policy or [], names, limits, forbidden)
    except Unreadable as error:
        text.diagnostics(error_console(), error.diagnostics)
        wrong_use(str(error))
    except NotConfirmed as error:
        error_console().print(f"comity: {error}; please report this")
        raise typer.Exit(1) from None
    _print(compared.difference, format)
    for one in compared.not_excluded:
        error_console().print(str(one))
    if compared.not_excluded or not (forbidden or compared.difference.equal):
        raise typer.Exit(1)


@dataclass(frozen=True, slots=True)
class _Compared:
    difference: Difference
    not_excluded: list[NotExcluded]


def _compared(
    old: str,
    new: str | None,
    folder: Path,
    only: list[str],
    renamed: dict[str, str],
    limits: Limits,
    forbidden: list[tuple[str, str]],
) -> _Compared:
    one, other = named_version(old), named_version(new) if new is not None else None
    if one is not None and new is None and one.until is not None:
        other = Named(one.policy, one.until, None)
    if (one is None) != (other is None) or (new is None and other is None):
        wrong_use("name two versions of a policy, such as `retention@1..2`, or give both OLD and NEW")
    if one is not None and other is not None:
        sides = read_policies(str(folder), folder)
        first, second = _version(sides, one), _version(sides, other)
        _check_outcomes(forbidden, [first, second])
        difference = compare_versions(first, second, renamed=renamed, limits=limits)
        outcomes = [{v.name: frozenset(v.outcomes)} for v in (first, second)]
        return _Compared(difference, not_excluded(difference, forbidden, *outcomes))
    assert new is not None
    before, after = read_policies(old, folder), read_policies(new, folder)
    for name in only:
        if name not in before and name not in after:
            no_policy(name, {*before, *after})
    chosen = only or [*before, *after]
    _check_outcomes(
        forbidden, [v for side in (before, after) for n in chosen if n in side for v in side[n].all]
    )
    difference = compare_policies(before, after, only=only, renamed=renamed, limits=limits)
    outcomes = [
        {name: frozenset(o for v in side[name].all for o in v.outcomes) for name in chosen if name in side}
        for side in (before, after)
    ]
    return _Compared(difference, not_excluded(difference, forbidden, *outcomes))


def _version(policies: dict[str, Versions], named: Named) -> CompiledPolicy:
    if named.policy not in policies:
        no_policy(named.policy, policies)
    for version in policies[named.policy].all:
        if version.version == named.version:
            return version
    wrong_use(f"`{named.policy}` has no version {named.version}")


def _check_outcomes(forbidden: list[tuple[str, str]], versions: list[CompiledPolicy]) -> None:
    """A forbidden change between outcomes that no policy has would forbid nothing."""
    known = {outcome for v in versions for outcome in v.outcomes}
    for outcome in (outcome for pair in forbidden for outcome in pair):
        if outcome not in known:
            wrong_name(f"no policy has the outcome `{outcome}`", outcome, known)


def _pair(given: str, sign: str, option: str, example: str) -> tuple[str, str]:
    one, difference, other = (part.strip() for part in given.partition(sign))
    if not (one and difference and other):
        wrong_use(f"`{option} {given}` does not say what becomes what, such as `{option} '{example}'`")
    return one, other


def _print(difference: Difference, format: DiffFormat) -> None:
    if format is DiffFormat.json:
        print_json(difference.to_dict())
    elif format is DiffFormat.junit:
        print(junit_of(difference), end="")  # noqa: T201 - rich would wrap the lines
    elif format is DiffFormat.markdown:
        print(markdown_of(difference), end="")  # noqa: T201
    else:
        for line in words.lines(difference):
            console().print(line)
