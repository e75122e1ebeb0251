"""Every text that loaded before the second version of the language still loads, with the same digest and the same decisions."""

import pytest

from documents.source import Source
from engine import load_sources
from tests.engine.corpus import Frozen, decided, read_texts
from tests.engine.generated.chance import FULL

EVERY = 1 if FULL else 25
"""A small run tries one in this many texts. All shipped policies are always tried."""
TEXTS = 2_000


def check(frozen: Frozen) -> None:
    loaded = load_sources([Source("frozen.yaml", frozen.text)])
    context = f"{frozen.origin}\n{frozen.text}\n" + "\n".join(d.render() for d in loaded.diagnostics)
    assert loaded.bundle is not None, context
    versions = [v for policy in loaded.bundle.policies.values() for v in policy.all]
    assert [v.digest for v in versions] == frozen.digests, context
    for question in frozen.questions:
        decision = loaded.bundle.decide(question.policy, question.facts, now=question.now)
        assert decided(decision) == question.decided, f"{context}\n{question}"


def test_texts_of_the_first_edition_load_and_decide_the_same():
    shipped = generated = 0
    for number, frozen in enumerate(read_texts()):
        if number % EVERY == 0 or frozen.origin.startswith("policies/"):
            check(frozen)
        shipped += frozen.origin.startswith("policies/")
        generated += frozen.origin == "generated"
    assert (shipped, generated >= TEXTS) == (9, True)


def test_a_frozen_text_whose_meaning_changed_is_noticed():
    frozen = next(read_texts())
    question = frozen.questions[0]
    changed = question._replace(decided=[*question.decided[:1], "another outcome", *question.decided[2:]])
    with pytest.raises(AssertionError):
        check(frozen._replace(questions=[changed]))
    with pytest.raises(AssertionError):
        check(frozen._replace(digests=["another digest"]))
