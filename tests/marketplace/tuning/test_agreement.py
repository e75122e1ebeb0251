"""Agreement equals what the package krippendorff computes."""

import random

import krippendorff
import numpy as np
import pytest

from marketplace.tuning.agreement import alpha

CATEGORIES = ("threat", "hate", "spam")


def judged(seed: int) -> list[list[frozenset[str] | None]]:
    """By unit what each of two to four people said, some of them nothing."""
    chance = random.Random(seed)
    people, noise, absent = chance.randint(2, 4), chance.random(), chance.choice([0.0, 0.3])
    units = []
    for _ in range(chance.randint(2, 40)):
        right = frozenset(name for name in CATEGORIES if chance.random() < 0.3)
        said = [
            frozenset(name for name in CATEGORIES if (name in right) != (chance.random() < noise / 2))
            for _ in range(people)
        ]
        units.append([None if chance.random() < absent else each for each in said])
    return units


def _about(about: str, given: frozenset[str]) -> object:
    return tuple(sorted(given)) if about == "sets" else about in given


def expected(units: list[list[object]]) -> float | None:
    """None where the package has no answer: nothing to compare, or everybody always says the same."""
    values = sorted({repr(each) for unit in units for each in unit if each is not None})
    codes = [[np.nan if each is None else values.index(repr(each)) for each in unit] for unit in units]
    try:
        with np.errstate(invalid="ignore"):
            found = krippendorff.alpha(np.array(codes).T, level_of_measurement="nominal")
    except (ValueError, AssertionError):
        return None
    return None if np.isnan(found) else float(found)


@pytest.mark.parametrize("about", ["sets", *CATEGORIES])
def test_alpha_is_that_of_the_package(about):
    compared = 0
    for seed in range(200):
        units = judged(seed)
        said = [[each if each is None else _about(about, each) for each in unit] for unit in units]
        ours = alpha([[each for each in unit if each is not None] for unit in said])
        theirs = expected(said)
        if theirs is None:
            assert ours is None, seed
        else:
            assert ours == pytest.approx(theirs), seed
            compared += 1
    assert compared > 150


def test_where_there_is_nothing_to_agree_on_there_is_no_number():
    assert alpha([]) is None
    assert alpha([["spam"], ["hate"]]) is None
    assert alpha([["spam", "spam"], ["spam", "spam"]]) is None
    assert alpha([["spam", "spam"], ["hate", "hate"]]) == 1
