"""A policy whose rows apply to other texts than those of their mode and category must be decided anew about every text."""

from datetime import UTC, datetime

import pytest

from decisions import bundles, trial
from documents.source import Source
from engine import Bundle, load_sources
from marketplace.moderation.services import POLICY
from marketplace.tuning.reach import reached_by
from tests.engine.policies import shipped

NOW = datetime(2026, 11, 29, 10, tzinfo=UTC)
FLAGGED = """\
      row.mode == mode
        && signals.exists(s, s.category == row.category && (s.score >= row.flag || s.score >= row.block
          || (row.flag <= 1.0 && row.category in hard_categories && s.detector != "classifier")))
"""
TEXT = shipped().version_at(POLICY, NOW).validated.policy.node.source.text


def reached(bundle: Bundle, *names: str) -> frozenset[tuple[str, str]] | None:
    with bundles.pinned(bundle):
        tunables = [tunable for tunable in trial.tunables(POLICY, now=NOW) if tunable.name in names]
    assert len(tunables) == len(names)
    return reached_by(bundle.version_at(POLICY, NOW).validated, tunables)


def edited(before: str, after: str) -> Bundle:
    assert TEXT.count(before) == 1
    loaded = load_sources([Source("moderation_profiles.yaml", TEXT.replace(before, after))])
    assert loaded.bundle is not None, loaded.diagnostics
    return loaded.bundle


def test_thresholds_reach_the_texts_of_their_rows() -> None:
    cells = "thresholds[normal/threat].flag", "thresholds[dispute/spam].block"
    assert reached(shipped(), *cells) == frozenset({("normal", "threat"), ("dispute", "spam")})


@pytest.mark.parametrize("name", ["look_from", "repeated_insults[normal].flag"])
def test_other_numbers_reach_every_text(name: str) -> None:
    assert reached(shipped(), name, "thresholds[normal/threat].flag") is None


@pytest.mark.parametrize(
    "after",
    [
        "      row.mode == mode && size(signals) > 0 && row.flag < 0.1\n",
        "      signals.exists(s, s.category == row.category && s.score >= row.flag)\n",
        "      row.mode == mode || signals.exists(s, s.category == row.category && s.score >= row.flag)\n",
        "      row.mode == mode && signals.exists(s, s.category == row.category || s.score >= row.flag)\n",
        "      row.mode == mode && signals.exists(s, s.category != row.category && s.score >= row.flag)\n",
        "      row.mode == mode && signals.all(s, s.category == row.category && s.score >= row.flag)\n",
        "      row.mode == mode && !signals.exists(s, s.category == row.category && s.score >= row.flag)\n",
    ],
)
def test_a_rule_for_other_texts_is_noticed(after: str) -> None:
    assert reached(edited(FLAGGED, after), "thresholds[normal/threat].flag") is None


def test_a_condition_in_another_order_is_understood() -> None:
    after = (
        "      signals.exists(s, s.score >= row.flag && row.category == s.category) && (mode == row.mode)\n"
    )
    assert reached(edited(FLAGGED, after), "thresholds[normal/threat].flag") == frozenset(
        {("normal", "threat")}
    )


def test_a_row_that_is_looked_up_reaches_every_text() -> None:
    after = '  score_impossible: thresholds.row("normal", "threat").flag > 1.5 || '
    bundle = edited("  score_impossible: ", after)
    assert reached(bundle, "thresholds[normal/threat].flag") is None
