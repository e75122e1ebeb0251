"""Time the detectors on an ordinary message and on adversarial text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from benchmarks.clock import cpu_times, over, p50_micros, ratio
from benchmarks.result import Result
from detectors.classifier import shipped_classifier
from detectors.standard import standard
from ml.benchmark.contenders import better_profanity

LENGTH = 200
HOSTILE = 20_000
MESSAGES = 200
FEW = 20
"""The number of texts for better-profanity, which needs tens of milliseconds per message."""

ROUNDS = 5
HALF_A_SENTENCE = (
    "the parcel came a week late and nobody answered",
    "I want my money back for this broken table",
    "you promised to send the lamp on Monday",
    "this is fucking ridiculous, I am so angry",
    "please tell me when you will be home",
    "I will report this to the police and to my bank",
)


def hostile_texts() -> dict[str, str]:
    chance = Random(1)
    words = ["kill", "you", "stupid", "will", "the", "your", "hurt", "a", "idiot", "i", "said", "he"]
    return {
        "one letter": "a " * (HOSTILE // 2),
        "no space": "k" * HOSTILE,
        "threat words": " ".join(chance.choice(words) for _ in range(HOSTILE))[:HOSTILE],
        "nested quotes": ('he said "' * HOSTILE)[:HOSTILE],
        "spaced out": "k i l l  y o u  " * (HOSTILE // 16),
        "you are a stupid": ("you are a stupid " * HOSTILE)[:HOSTILE],
    }


def measure_speed(policies: Path, models: Path) -> list[Result]:
    rules = standard(policies / "lexicon")
    both = standard(policies / "lexicon", [shipped_classifier(models)])
    messages = _messages()
    both.examine(messages[0])
    results = [
        _p50("without the classifier, p50", rules.examine, messages, 1.0),
        _p50("with it, p50", both.examine, messages, 2.0),
    ]
    filter_ = better_profanity()
    timed = {
        "rules": over(rules.examine, _each(messages[:FEW])),
        "both": over(both.examine, _each(messages[:FEW])),
        "better-profanity": over(filter_, _each(messages[:FEW])),
    }
    times = cpu_times(timed, ROUNDS)
    section = f"{LENGTH} characters"
    results += [
        Result(
            section,
            "without the classifier / better-profanity",
            ratio(times, "rules", "better-profanity"),
            "{:.3f}×",
        ),
        Result(section, "with it / better-profanity", ratio(times, "both", "better-profanity"), "{:.3f}×"),
    ]
    for name, text in hostile_texts().items():
        millis = p50_micros(both.examine, _each([text]), ROUNDS) / 1_000
        results.append(Result(f"{HOSTILE} hostile characters", name, millis, "{:.1f} ms", 50.0))
    return results


def _p50(what: str, examine: Callable[[str], object], messages: Sequence[str], most: float) -> Result:
    millis = p50_micros(examine, _each(messages), ROUNDS) / 1_000
    return Result(f"{LENGTH} characters", what, millis, "{:.2f} ms", most)


def _each(messages: Sequence[str]) -> list[tuple[str]]:
    return [(message,) for message in messages]


def _messages() -> list[str]:
    chance = Random(1)
    return [
        ". ".join(chance.choice(HALF_A_SENTENCE) for _ in range(LENGTH // 30))[:LENGTH]
        for _ in range(MESSAGES)
    ]
