"""The report of a backtest: as data, as text and as a page."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from decisions.backtest import Backtest, Explained, Tally, turned
from documents.plurals import counted
from engine import Bundle
from engine.claims import extra, words
from engine.claims.bundles import compare_policies
from engine.claims.difference import Change, Difference

SHOWN = 10
"""Changed records, people and subjects that text and page name; `json` names more."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a backtest may find without failing."""

    forbidden: tuple[tuple[str, str], ...] = ()
    most_changed: float | None = None
    """The share of the compared records."""

    def broken(self, tally: Tally) -> list[str]:
        said = [
            f"{counted(kind.count, 'decision')} of `{kind.policy}` would change from {kind.change}, which is forbidden"
            for kind in tally.forbidden(list(self.forbidden))
        ]
        if self.most_changed is not None and tally.share > self.most_changed:
            said.append(
                f"{percent(tally.share)} of the decisions change, more than {percent(self.most_changed)}"
            )
        return said


@dataclass(frozen=True, slots=True)
class Report:
    """`difference` is None without the solver. It compares the bundle in force with the policies of the candidate."""

    tally: Tally
    samples: tuple[Explained, ...]
    broken: tuple[str, ...]
    difference: Difference | None

    @property
    def unseen(self) -> list[Change]:
        """Changes that the exact difference has, and no record."""
        if self.difference is None:
            return []
        seen = {(kind.policy, kind.change) for kind in self.tally.kinds.values()}
        return [c for c in self.difference.changes if c.kind != "rule" and not (_seen_as(c) & seen)]


def _seen_as(change: Change) -> set[tuple[str, str]]:
    """The kinds of change of records that show this change."""
    if change.kind in ("outcome", "on_error"):
        return {(change.policy, f"{change.old} -> {change.new}")}
    if change.kind.startswith("output"):
        return {(change.policy, f"outputs {change.kind.partition('.')[2]}")}
    return {(change.policy, change.kind)}


def make_report(backtest: Backtest, tally: Tally, limits: Limits, in_force: Bundle | None) -> Report:
    """Takes as long as the solver needs, if there is one. Without `in_force`, the exact difference is left out."""
    samples = tuple(backtest.explain(pk) for kind in tally.kinds.values() for pk in kind.samples)
    difference = None
    if in_force is not None and extra.is_installed():
        policies = backtest.candidate.policies
        difference = compare_policies(in_force.policies, policies, only=list(policies))
    return Report(tally, samples, tuple(limits.broken(tally)), difference)


def as_data(report: Report) -> dict[str, Any]:
    tally, difference = report.tally, report.difference
    return {
        "compared": tally.compared,
        "unchanged_text": tally.unchanged,
        "same": tally.same,
        "changed": tally.changed,
        "changed_share": tally.share,
        "not_comparable": dict(tally.left),
        "kinds": [
            {
                "policy": kind.policy,
                "change": kind.change,
                "count": kind.count,
                "rules": dict(kind.rules.most_common()),
                "samples": kind.samples,
            }
            for kind in tally.kinds.values()
        ],
        "records": tally.records,
        "people": len(tally.people),
        "actors": sorted(tally.people)[: len(tally.records)],
        "subjects": [list(subject) for subject in sorted(tally.subjects)][: len(tally.records)],
        "samples": list(report.samples),
        "broken": list(report.broken),
        "difference": None if difference is None else difference.to_dict(),
        "unseen": [words.sentence(change) for change in report.unseen],
    }


def as_text(report: Report) -> Iterator[str]:
    yield from _found(report.tally)
    for kind in report.tally.kinds.values():
        yield f"{kind.policy}: {kind.change}: {kind.count:,}"
        for rules, count in kind.rules.most_common():
            yield f"   {count:,} by the rules {rules}"
        for sample in (s for s in report.samples if s["record"] in kind.samples):
            yield f"   {_sample(sample)}"
    yield from _unseen(report)
    yield from report.broken


def _found(tally: Tally) -> Iterator[str]:
    yield (
        f"{tally.compared:,} recorded decisions compared, {tally.changed:,} change ({percent(tally.share)}), "
        f"of {len(tally.people):,} people about {len(tally.subjects):,} subjects"
    )
    if tally.unchanged:
        yield f"{tally.unchanged:,} of them were decided by a text that the candidate keeps"
    for reason, count in tally.left.most_common():
        yield f"{count:,} cannot be compared: {reason}"
    if tally.records:
        more = f" and {tally.changed - SHOWN:,} more" if tally.changed > SHOWN else ""
        yield f"changed records: {', '.join(map(str, tally.records[:SHOWN]))}{more}"


def _sample(sample: Explained) -> str:
    old, new = sample["old"], sample["new"]
    because = "; ".join(turned(sample))
    return (
        f"record {sample['record']}: {old['outcome']} by `{old['rule']}`, "
        f"then {new['outcome']} by `{new['rule']}`{f': {because}' if because else ''}"
    )


def _unseen(report: Report) -> Iterator[str]:
    if report.difference is None:
        yield "what no recorded decision shows was not looked for"
        return
    for change in report.unseen:
        yield f"possible, but in no recorded decision: {words.sentence(change)}"
    for missing in report.difference.not_proven:
        yield words.not_proven(missing)
    if not report.unseen and not report.difference.not_proven:
        yield "no other kind of change is possible"


def as_page(report: Report) -> SafeString:
    """One file without scripts, for people who were not there."""
    samples = format_html_join("", "<li>{}</li>", ((_sample(sample),) for sample in report.samples))
    rows = format_html_join(
        "",
        "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
        (
            (
                kind.policy,
                kind.change,
                f"{kind.count:,}",
                "; ".join(f"{r}: {n:,}" for r, n in kind.rules.most_common()),
            )
            for kind in report.tally.kinds.values()
        ),
    )
    return format_html(
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>Backtest</title>\n'
        "<h1>Backtest</h1>\n<ul>{}</ul>\n<table>\n<caption>Changes</caption>\n"
        "<thead><tr><th>Policy</th><th>Change</th><th>Decisions</th><th>Rules</th></tr></thead>\n<tbody>{}</tbody>\n</table>\n"
        "<h2>Samples</h2>\n<ul>{}</ul>\n<h2>In no recorded decision</h2>\n<ul>{}</ul>\n<h2>Limits</h2>\n<ul>{}</ul>\n</html>\n",
        _items(_found(report.tally)),
        rows,
        samples,
        _items(_unseen(report)),
        _items(report.broken or ["none is broken"]),
    )


def _items(lines: Iterator[str] | tuple[str, ...] | list[str]) -> SafeString:
    return format_html_join("", "<li>{}</li>", ((line,) for line in lines))


def percent(share: float) -> str:
    return f"{100 * share:.3g}%"
