"""The default model: both networks. Each judges what it is better at, and threats are judged by both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from detectors.encoder import Encoder
from detectors.model import Model, Scores
from detectors.signal import Category
from detectors.toxlstm import Toxlstm
from detectors.windowed import WEIGHTS

THREAT: Mapping[str, float] = {"encoder.threat": 1.0, "heads.threat": 0.2}
"""How much each head counts. Chosen on `dev` texts: together they find more threats than either alone, at as many false ones."""


class Together:
    heads: Mapping[str, Category] = {
        "both.threat": "threat",
        "encoder.menace": "threat",
        "encoder.violence": "violence",
        "encoder.hate": "hate",
        "encoder.abuse": "abuse",
        "encoder.sexual": "sexual",
        "encoder.self_harm": "self_harm",
        "encoder.spam": "spam",
        "toxlstm.insult": "insult",
        "toxlstm.obscene": "profanity",
    }

    def __init__(self, models: Path, weights: Path = WEIGHTS) -> None:
        self._models: tuple[Model, ...] = (
            Toxlstm(models / "toxlstm", weights),
            Encoder(models / "encoder", weights),
        )

    @cached_property
    def version(self) -> str:
        return "+".join(model.version for model in self._models)

    def score(self, texts: Sequence[str]) -> list[Scores]:
        return [
            _joined({head: odds for one in scores for head, odds in one.items()})
            for scores in zip(*(model.score(texts) for model in self._models), strict=True)
        ]


def _joined(odds: Mapping[str, float]) -> Scores:
    threat = sum(weight * odds[head] for head, weight in THREAT.items())
    return {head: threat if head == "both.threat" else odds[head] for head in Together.heads}
