"""All versions of a policy in one query: which of them decides a row, and what each of them decides."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from documents.diagnostics import Diagnostic
from engine.backends.backend import NotExpressible
from engine.backends.sql.dialects.dialect import Dialect
from engine.backends.sql.facts import Checked
from engine.backends.sql.policy import Written, write_policy
from engine.backends.sql.stages import Stages
from engine.bundle import Versions
from engine.policy.in_force import latest_number

Forms = Mapping[int, Mapping[str, Checked]]
"""The facts of each version."""


@dataclass
class Decided:
    """`source` can stand behind FROM. It has the columns of `write_versions`."""

    source: str
    columns: dict[int, Written] = field(default_factory=dict)
    not_expressible: dict[int, tuple[Diagnostic, ...]] = field(default_factory=dict)
    """Why a version cannot be written, by its number."""

    def column(self, sql: Dialect, name: str, otherwise: str) -> str:
        """What the deciding version says. It is only meant where `certain` is true."""
        branches = [(f"version = {number}", one.columns[name]) for number, one in self.columns.items()]
        return branches[0][1] if len(branches) == 1 else sql.cases(branches, otherwise)


def write_versions(
    sql: Dialect, versions: Versions, forms: Forms, source: str, now: Checked, wanted: Collection[str]
) -> Decided:
    """Add to `source` the columns `now`, `now_valid`, `version`, which is NULL if none is in force, and `certain`: whether the
    version could be written and its facts are certainly valid."""
    source = sql.stage(source, [("now", now.value), ("now_valid", now.valid)], "moment")
    source = sql.stage(source, [("version", _version(sql, versions, forms))], "chosen")
    decided = Decided(source)
    for version in versions.deciding:
        own = Stages(f"v{version.version}_", sql)
        try:
            decided.columns[version.version] = write_policy(version, forms[version.version], wanted, own)
        except NotExpressible as error:
            decided.not_expressible[version.version] = error.diagnostics
        else:
            decided.source = own.over(decided.source)
    certain = sql.cases(
        ((f"version = {n}", sql.name(w.certain)) for n, w in decided.columns.items()), "FALSE"
    )
    certain = f"now_valid AND COALESCE({certain}, FALSE)"
    decided.source = sql.stage(decided.source, [("certain", certain)], "sure")
    return decided


def _version(sql: Dialect, versions: Versions, forms: Forms) -> str:
    """The number of the version that decides, or NULL; see `Versions.choose`."""
    by_now = []
    for period in versions.periods:
        number = latest_number(versions.periods, period.start)
        fact = None if number is None else versions.by_number[number].validated.policy.in_force_by
        moment = "now"
        if number is not None and fact is not None:
            began = forms[number][fact]
            moment = f"CASE WHEN {began.valid} THEN least(now, {began.value}) ELSE NULL END"
        by_now.append((period.start, moment))
    branches = [(f"now >= {sql.whole(start)}", moment) for start, moment in reversed(by_now)]
    moment = sql.cases(_merged(branches), "now")
    numbers = [
        (f"({moment}) >= {sql.whole(p.start)}", "NULL" if p.version is None else sql.whole(p.version))
        for p in reversed(versions.periods)
    ]
    return sql.cases(numbers, sql.bigint("NULL"))


def _merged(branches: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Without branches whose successor has the same value; the last one also stands for earlier moments."""
    return [b for n, b in enumerate(branches) if n == len(branches) - 1 or branches[n + 1][1] != b[1]]
