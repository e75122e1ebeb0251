"""Fit the heads by logistic regression on the features of the networks. That of the first network reads hashed word groups
too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags, hstack
from sklearn.linear_model import LogisticRegression

from detectors.encoder import Network as Encoder
from detectors.heads import BUCKETS, Head, Heads, word_groups
from detectors.labelled import Labelled
from detectors.toxlstm import Network
from detectors.words import split_words, windows
from ml.training.kinds import HEADS, Lesson
from ml.training.parts import MADE_UP

ENCODER_STRENGTH = 0.0005
STRENGTH = 0.1
"""sklearn's `C`, the inverse regularization strength. Chosen, like the scales, on held-out data sets."""

GROUP_SCALE = 4.0
LATE_SCALE = 1 / 3
"""The hidden layer and the sums vary more than the LSTM's states, so without scaling they would be regularized too little."""

LATE = 56
"""The size of the hidden layer, 50, plus the six sums, at the end of the features."""

MADE_UP_WEIGHT = 3.0
"""Made-up sentences are few, but cover what the data sets hardly contain."""


Target = Callable[[Labelled], bool | None]
"""Whether a row belongs to the category; None if its label does not say."""


@dataclass(frozen=True)
class Windows:
    """The texts split into windows, with the row of each window."""

    words: list[tuple[str, ...]]
    row: NDArray[np.int64]
    features: NDArray[np.float32]


def threat_target(row: Labelled) -> bool | None:
    """Extortion is left to the encoder, which reads it better."""
    if row.group in {"davidson hate", "surge toxic"} or (row.group == MADE_UP and row.category == "threat"):
        return None
    return row.category in {"threat", "violence"}


def read_windows(network: Network, rows: Sequence[Labelled]) -> Windows:
    cut = [windows(split_words(row.text), network.length) for row in rows]
    words = [window for some in cut for window in some]
    _, features = network.run(words)
    return Windows(words, np.repeat(np.arange(len(rows)), [len(some) for some in cut]), features)


def fit_heads(rows: Sequence[Labelled], read: Windows) -> Heads:
    return _named("heads", {"threat": _fit_head(rows, read, threat_target)})


def fit_encoder_heads(lessons: Sequence[Lesson], network: Encoder) -> Heads:
    """Fit a head of the encoder for each category, on the features of the first window of each text."""
    features = network.run([network.windows(lesson.text)[0] for lesson in lessons])
    heads = {}
    for name in HEADS:
        used = np.array([lesson.belongs[name] is not None for lesson in lessons])
        wanted = np.array([bool(lesson.belongs[name]) for lesson in lessons])[used]
        weight = np.array([lesson.weight for lesson in lessons])[used]
        weight[wanted] *= np.sqrt((~wanted).sum() / wanted.sum())
        model = LogisticRegression(C=ENCODER_STRENGTH, max_iter=300).fit(
            features[used], wanted, sample_weight=weight
        )
        heads[name] = Head(
            model.coef_[0].astype(np.float32), np.zeros(0, np.int8), 0.0, float(model.intercept_[0])
        )
    return _named("encoder", heads)


def _named(kind: str, heads: dict[str, Head]) -> Heads:
    """Name the version after what is in it."""
    digest = sha256()
    for head in heads.values():
        digest.update(head.features.tobytes() + head.groups.tobytes())
    return Heads(f"{kind}-{digest.hexdigest()[:8]}", heads)


def _fit_head(rows: Sequence[Labelled], read: Windows, target: Target) -> Head:
    labels = np.array([-1 if (is_bad := target(row)) is None else int(is_bad) for row in rows])[read.row]
    used = labels >= 0
    wanted = labels[used]
    scale = np.ones(read.features.shape[1], dtype=np.float32)
    scale[-LATE:] = LATE_SCALE
    inputs = csr_matrix(read.features[used] * scale)
    inputs = hstack([inputs, _group_matrix(read, used) * GROUP_SCALE]).tocsr()
    balance = np.where(wanted == 1, 0.5 / (wanted == 1).sum(), 0.5 / (wanted == 0).sum()) * len(wanted)
    balance[np.array([row.group == MADE_UP for row in rows])[read.row][used]] *= MADE_UP_WEIGHT
    model = LogisticRegression(C=STRENGTH, max_iter=300).fit(inputs, wanted, sample_weight=balance)
    weights = model.coef_[0].astype(np.float32)
    groups, step = _small_numbers(weights[len(scale) :] * GROUP_SCALE)
    return Head(weights[: len(scale)] * scale, groups, step, float(model.intercept_[0]))


def _group_matrix(read: Windows, used: NDArray[np.bool_]) -> csr_matrix:
    buckets = [word_groups(read.words[place]) for place in np.flatnonzero(used)]
    starts = np.cumsum([0, *map(len, buckets)])
    columns = [bucket for some in buckets for bucket in some]
    matrix = csr_matrix((np.ones(len(columns), np.float32), columns, starts), shape=(len(buckets), BUCKETS))
    return diags(1 / np.sqrt(np.maximum(np.diff(starts), 1))) @ matrix


def _small_numbers(weights: NDArray[np.float32]) -> tuple[NDArray[np.int8], float]:
    """Quantize to one byte per weight: no visible loss, and a small file."""
    step = float(np.abs(weights).max()) / 127
    return np.round(weights / step).astype(np.int8), step
