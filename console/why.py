"""Why a text was blocked, held or flagged, in one sentence; and what its place tolerates. Made from the record and the policy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from console.ruling import PLACES
from decisions import bundles
from decisions.models import DecisionRecord
from engine import Decision
from engine.compiled import CompiledPolicy
from marketplace.moderation.facts import mode_of
from marketplace.moderation.services import POLICY as PROFILES
from marketplace.moderation.strikes import POLICY as STRIKES
from marketplace.moderation.strikes import category_of_rule

NAMES: Final[Mapping[str, str]] = {
    "threat": "a threat",
    "abuse": "abuse",
    "hate": "hate",
    "violence": "violence",
    "sexual": "sexual content",
    "self_harm": "self-harm",
    "insult": "an insult",
    "profanity": "swearing",
    "spam": "advertising",
}
PLURALS: Final[Mapping[str, str]] = {
    "threat": "threats",
    "sexual": "sexual remarks",
    "self_harm": "words about self-harm",
    "insult": "insults",
    "profanity": "swear words",
}
NEVER: Final = 1.0
"""Scores end here, so a threshold above means never."""
NEEDS: Final[Mapping[str, str]] = {
    "moderation-unavailable": "the checks could not run, and nobody can tell what it says",
    "partly-unavailable": "some of the checks could not run",
    "insults-are-abuse": "it is one insult after the other at the same person",
    "insults-add-up": "it is one of several insults at the same person",
    "not-english": "the checks do not read its language",
}
"""Rules that are not about one finding."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """`below` names the parameter, or the column of a table, with the score from which the rule applies; `such` is what becomes
    of such texts."""

    below: str
    such: str
    remark: str = ""
    doubted: bool = False


FOUND: Final[Mapping[str, _Rule]] = {
    "blocked": _Rule("block", "blocked"),
    "hard-limit": _Rule("hard_limit", "blocked everywhere"),
    "self-harm": _Rule("look_from", "read by a person, since their author may need help"),
    "reported": _Rule("look_from", "read by a person", ", told of somebody else"),
    "doubted": _Rule("block", "blocked", doubted=True),
    "doubted-at-the-limit": _Rule("hard_limit", "blocked everywhere", doubted=True),
    "suspected": _Rule("hold", "held"),
    "uncertain": _Rule("hold_from", "held"),
    "quoted": _Rule("look_from", "held", ", passed on or in a quotation of nobody in particular"),
    "flagged": _Rule("flag", "read by a person"),
}


def why_in_words(record: DecisionRecord, version: CompiledPolicy | None) -> str:
    """Empty for a rule that this page does not know: owners name rules as they like."""
    if record.policy == STRIKES:
        return f"{_fate(record)}: several texts of its author were blocked before."
    if record.policy != PROFILES:
        return ""
    rule = record.rule.partition("[")[0]
    if rule in NEEDS:
        return f"{_fate(record)}: {NEEDS[rule]}."
    known = FOUND.get(rule)
    signal = _strongest(record)
    limit = _limit(known, record, version) if known else None
    if known is None or signal is None or limit is None:
        return ""
    who = "the classifier" if signal["detector"] == "classifier" else "a word rule"
    found = f"{who} found {NAMES[signal['category']]} at {signal['score']:.2f}{known.remark}"
    such = known.such
    if rule == "uncertain" and (sure := _number(version, "sure_from")) is not None:
        limit = sure if signal["score"] >= sure else limit
        such += "" if signal["score"] >= sure else ", unless the classifier finds them unlikely"
    doubt = " The classifier is sure that this one is harmless, so a person decides." if known.doubted else ""
    return f"{_fate(record)}: {found}. From {limit:.2f} on, such texts are {such}.{doubt}"


def _fate(record: DecisionRecord) -> str:
    if record.outcome not in ("allow", "flag", "hold"):
        return "Blocked"
    return "Held" if "hold" in (record.answer or {}).get("obligations", ()) else "Delivered"


def _strongest(record: DecisionRecord) -> Mapping[str, Any] | None:
    """What the rule is about: signals of its category, and those that it does not leave out."""
    signals: Sequence[Mapping[str, Any]] = record.facts.get("signals", ())
    category = category_of_rule(record.rule)
    rule = record.rule.partition("[")[0]
    if category:
        signals = [each for each in signals if each["category"] == category]
    elif rule == "self-harm":
        signals = [each for each in signals if each["category"] == "self_harm"]
    if rule in ("reported", "quoted"):
        signals = [each for each in signals if each[rule]]
    elif rule != "flagged":
        signals = [each for each in signals if not each["reported"] and not each["quoted"]] or signals
    if rule == "suspected":
        signals = [each for each in signals if each["detector"] == "classifier"] or signals
    if rule in ("blocked", "uncertain", "hard-limit", "doubted", "doubted-at-the-limit"):
        signals = [each for each in signals if each["detector"] != "classifier"] or signals
    return max(signals, key=lambda each: each["score"], default=None)


def _limit(known: _Rule, record: DecisionRecord, version: CompiledPolicy | None) -> float | None:
    if version is None:
        return None
    category = category_of_rule(record.rule)
    column, rows = known.below, thresholds(version)
    if column == "hold":
        own = _rows(version, "classifier_may_hold")
        column, rows = (
            (column, own) if own else ("block", rows)
        )  # earlier versions held from the score that blocks
    if column in ("flag", "block", "hold"):
        row = rows.get((record.facts.get("mode", ""), category or ""))
        return float(row[column]) if row else None
    return _number(version, known.below)


def _number(version: CompiledPolicy | None, name: str) -> float | None:
    parameter = version.validated.policy.parameters.get(name) if version else None
    return float(parameter.value) if parameter and isinstance(parameter.value, float) else None


def thresholds(version: CompiledPolicy) -> dict[tuple[str, str], Mapping[str, Any]]:
    """By mode and category. Empty if the policy has no such table."""
    return _rows(version, "thresholds")


def _rows(version: CompiledPolicy, table: str) -> dict[tuple[str, str], Mapping[str, Any]]:
    found = version.validated.policy.parameters.get(table)
    if found is None or found.table is None:
        return {}
    names = [name for name, _ in found.table.columns]
    rows = [dict(zip(names, row, strict=True)) for row in found.table.rows]
    return {(str(row["mode"]), str(row["category"])): row for row in rows}


def tolerated_in(kind: str, *, now: datetime) -> str:
    """What the policy in force tolerates in a place, in one or two sentences; empty if it has no thresholds."""
    version = bundles.current().version_at(PROFILES, now)
    rows = thresholds(version)
    tolerated = {key for key, row in rows.items() if row["flag"] > NEVER and row["block"] > NEVER}
    here = [category for mode, category in rows if mode == mode_of(kind) and (mode, category) in tolerated]
    elsewhere = [
        category for mode, category in rows if (mode, category) in tolerated and category not in here
    ]
    hard = version.validated.policy.parameters.get("hard_categories")
    nowhere = [str(each) for each in hard.value] if hard and isinstance(hard.value, tuple) else []
    place = f"In a {PLACES[kind]}" if PLACES[kind] != "assistant" else "In a message to the assistant"
    said = []
    if here:
        said.append(f"{place}, {_all(here)} are tolerated.")
    if elsewhere:
        said.append(f"{place}, {_all(elsewhere)} are not allowed; anger is.")
    if nowhere:
        said.append(f"{_all(nowhere).capitalize()} are allowed nowhere.")
    return " ".join(said)


def _all(categories: Sequence[str]) -> str:
    names = list(dict.fromkeys(PLURALS.get(each, each) for each in categories))
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def today(modes: Mapping[Any, Decision]) -> list[str]:
    """What the policies in force would do, one sentence where all modes agree."""
    became = {mode: _became(decision) for mode, decision in modes.items()}
    if len(set(became.values())) == 1:
        return [f"Everywhere: {next(iter(became.values()))}."]
    return [
        f"{'In a dispute' if mode == 'dispute' else 'Elsewhere'}: {said}." for mode, said in became.items()
    ]


def _became(decision: Decision) -> str:
    if decision.outcome == "block":
        return "blocked"
    if "hold" in decision.obligations:
        return "held until a person has read it"
    return "delivered" if decision.outcome == "allow" else "delivered, and read by a person"
