"""Run all evaluators on one policy: the compiler, the reference, and the independent CEL implementations."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from engine.policy.validated import ValidatedPolicy
from tests.engine import voices
from tests.engine.oracles.cel_cpp import CEL_CPP
from tests.engine.oracles.cel_python import CEL_PYTHON
from tests.engine.oracles.cel_rust import CEL_RUST
from tests.engine.oracles.engine_voices import Answers, Voice, compiler_voice, reference_voice
from tests.engine.oracles.oracle import Oracle
from tests.engine.oracles.oracle_voice import OracleVoice

ORACLES = (CEL_PYTHON, CEL_RUST, CEL_CPP)


class Disagreement(AssertionError):
    """The evaluators disagree."""


class Panel:
    def __init__(self, validated: ValidatedPolicy, oracles: tuple[Oracle, ...] = ORACLES) -> None:
        self.compiler = compiler_voice(validated)
        self.oracles = [OracleVoice(oracle, validated) for oracle in oracles]
        self.others: dict[str, Voice] = {"reference": reference_voice(validated)}
        self.others |= {voice.oracle.name: voice for voice in self.oracles}

    def left_out(self, name: str) -> dict[str, set[str]]:
        """The oracles that skip a condition or rule, with the differences that are the reason."""
        return {v.oracle.name: v.left_out[name] for v in self.oracles if name in v.left_out}

    def compare(self, facts: Mapping[str, Any], now: int, on: str, context: str = "") -> Counter[str]:
        """The number of answers on which each evaluator was compared. If one differs, fail with `context` and the answers."""
        answers = self.compiler(facts, now)
        compared = Counter({"compiler": len(answers)})
        for name, voice in self.others.items():
            others = voice(facts, now)
            wrong = differing(answers, others)
            if wrong:
                raise Disagreement(f"{name} disagrees with the compiler\n{context}\n{_shown(wrong, name)}")
            compared[name] = len(others)
            voices.agreed(name, on, len(others))
        return compared


def differing(answers: Answers, others: Answers) -> dict[str, tuple[Any, Any]]:
    return {name: (answers[name], other) for name, other in others.items() if answers[name] is not other}


def _shown(wrong: dict[str, tuple[Any, Any]], voice: str) -> str:
    lines = (f"`{name}`: compiler {ours}, {voice} {theirs}" for name, (ours, theirs) in wrong.items())
    return "\n".join(lines)
