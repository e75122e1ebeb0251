"""Format the measurements as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.table import Table

from detectors.labelled import Labelled
from detectors.standard import PASSES
from detectors.wilson import wilson
from ml.benchmark.contenders import MODES, Mode
from ml.benchmark.disguises import Worth
from ml.benchmark.rule_counts import ENOUGH, Count
from ml.benchmark.shares import Share, Verdict, by, must, share
from ml.training.parts import is_learned

Verdicts = Mapping[str, Sequence[Verdict]]
"""Verdicts by the name of the contender."""


def profile_table(verdicts: Verdicts) -> Table:
    """For each profile, the recall on texts that must be blocked, and the outcomes of texts that must pass."""
    table = Table(
        "profile",
        "who",
        "must block",
        "blocked",
        "or flagged",
        "must pass",
        "blocked",
        "flagged",
        title="The two profiles, on texts that nothing was trained on",
    )
    for mode in MODES:
        table.add_section()
        for name, all_of_them in verdicts.items():
            fresh = [(row, judged) for row, judged in all_of_them if not is_learned(row)]
            bad, good = must(fresh, mode, "block"), must(fresh, mode, "pass")
            table.add_row(
                mode,
                name,
                str(bad.texts),
                f"{bad.blocked:.1%}",
                f"{bad.seen:.1%}",
                str(good.texts),
                f"{good.blocked:.1%}",
                f"{good.flagged:.1%}",
            )
    return _right(table, 2)


def group_table(verdicts: Verdicts, mode: Mode) -> Table:
    """The blocked and flagged shares of each group of texts for each contender."""
    table = Table(
        "group",
        "texts",
        "must",
        *verdicts,
        title=f"Blocked + flagged in {mode} mode, word filters on a sample; * the heads were trained on it",
    )
    groups = {name: by(of, _group) for name, of in verdicts.items()}
    for group, rows in next(iter(groups.values())).items():
        shares = [_both(share(groups[name][group], mode)) for name in verdicts]
        table.add_row(group, str(len(rows)), _must_of(rows, mode), *shares)
    return _right(table, 1)


def category_table(verdicts: Verdicts, mode: Mode) -> Table:
    """The recall of each category, blocked and flagged, on texts from other sources that nothing was trained on."""
    table = Table(
        "category",
        "texts",
        *verdicts,
        title=f"Recall by category in {mode} mode, blocked + flagged; word filters on a sample",
    )
    groups = {
        name: by([(row, judged) for row, judged in of if not is_learned(row)], lambda row: row.category)
        for name, of in verdicts.items()
    }
    for category, rows in next(iter(groups.values())).items():
        shares = [_both(share(groups[name][category], mode)) for name in verdicts]
        table.add_row(category, str(len(rows)), *shares)
    return _right(table, 1)


def _group(row: Labelled) -> str:
    return f"{row.group} {row.part}".strip() + (" *" if is_learned(row) else "")


def _must_of(rows: Sequence[Verdict], mode: Mode) -> str:
    row = rows[0][0]
    return row.normal if mode == "normal" else row.dispute


def _both(share: Share) -> str:
    return f"{share.blocked:.1%} + {share.flagged:.1%}"


def _right(table: Table, first: int) -> Table:
    for column in table.columns[first:]:
        column.justify = "right"
    return table


def rule_table(counts: Sequence[Count]) -> Table:
    """Each rule with its hits on labelled texts and harmless lines. The last column says why it should not block."""
    table = Table(
        "rule",
        "effect",
        "right",
        "wrong",
        "precision, 95%",
        "its category, at least",
        "harmless lines",
        "",
        title=f"Rules of hard categories; one with fewer than {ENOUGH} hits is judged with those of its category",
    )
    for count in counts:
        lower, upper = wilson(count.right, count.hits)
        table.add_row(
            count.rule,
            count.effect,
            str(count.right),
            str(count.wrong),
            f"{lower:.2f}–{upper:.2f}" if count.hits else "",
            f"{count.pooled:.2f}" if count.hits < ENOUGH else "",
            str(count.harmless),
            count.verdict,
        )
    return _right(table, 2)


def pass_table(worths: Sequence[Worth]) -> Table:
    """For each disguise, the share of threats that each pass alone finds, among those blocked in plain spelling."""
    table = Table(
        "disguise",
        "texts",
        "no pass",
        *PASSES,
        "all",
        title="Threats in disguise, blocked or held, with each normalizing pass alone",
    )
    for worth in worths:
        table.add_row(
            worth.disguise,
            str(worth.texts),
            f"{worth.without:.0%}",
            *(f"{worth.alone[name]:.0%}" for name in PASSES),
            f"{worth.together:.0%}",
        )
    return _right(table, 1)
