"""Every sentence reads back to the tree that it was made from."""

import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from documents.source import Source
from engine import load_bundle, load_sources
from engine.explain.sentences import (
    named_sentence,
    otherwise_sentences,
    output_sentence,
    part_sentence,
    rule_sentences,
)
from engine.policy.digests import meaning
from engine.policy.validated import ValidatedPolicy
from tests.engine.corpus import read_texts
from tests.engine.explain.sentence_reader import Reader, blocks_of
from tests.engine.generated.chance import EXAMPLES, FULL, by_chance, chances
from tests.engine.generated.policies import a_policy

ROOT = Path(__file__).parents[3]
FOLDERS = (ROOT / "policies", ROOT / "tests" / "engine" / "shop" / "policies")
EVERY = 1 if FULL else 100


def assert_read_back(validated: ValidatedPolicy) -> int:
    """Compare every sentence of a policy with its tree; the number of rules."""
    policy = validated.policy
    reader = Reader(policy.facts, policy.parameters, policy.named)
    meant = comparable(meaning(validated))
    for rule, expected in zip(validated.rules, meant["rules"], strict=True):
        blocks = blocks_of(line for s in rule_sentences(validated, rule) for line in s.lines())
        each = rule.rule.for_each
        read = reader.rule(blocks, each and each.variable)
        assert read == {key: expected[key] for key in read}, blocks
    blocks = blocks_of(line for s in otherwise_sentences(validated) for line in s.lines())
    read = reader.rule(blocks, None)
    assert read["then"] == meant["otherwise"]["then"]
    assert read["set"] == meant["otherwise"]["set"]
    for kind in ("conditions", "values"):
        for name, expected in meant[kind].items():
            [block] = blocks_of(named_sentence(validated, name).lines())
            reader.start(block)
            assert reader.take("name") == name
            reader.expect("holds if" if kind == "conditions" else "is")
            assert (reader.condition() if kind == "conditions" else reader.value()) == expected, block
            reader.end()
    for name, _, how in meant["outputs"]:
        if "value" in how:
            [block] = blocks_of(output_sentence(validated, name).lines())
            reader.start(block)
            assert reader.take("name") == name
            read = reader.condition() if reader.maybe("is yes if") else reader.expect("is") or reader.value()
            assert read == how["value"], block
            reader.end()
    return len(validated.rules)


def comparable(part: Any) -> Any:
    """Meanings as they read in text: a number with a point has its kind from what it is compared with."""
    match part:
        case ["const", "double", {"double": bits}]:
            [number] = struct.unpack(">d", bytes.fromhex(bits))
            return ["const", "point", repr(number)]
        case ["const", "decimal", scale, units]:
            digits = str(abs(units)).rjust(scale + 1, "0")
            return ["const", "point", f"{'-' * (units < 0)}{digits[:-scale]}.{digits[-scale:]}"]
        case list() | tuple():
            return [comparable(item) for item in part]
        case dict():
            return {key: comparable(value) for key, value in part.items()}
    return part


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parts[-2])
def test_every_sentence_of_a_written_policy_reads_back(folder):
    bundle = load_bundle(folder, released="warning").bundle
    assert bundle is not None
    assert sum(assert_read_back(validated) for validated in bundle.validated()) > 10


def test_every_sentence_of_the_frozen_policies_reads_back():
    count = 0
    for number, frozen in enumerate(read_texts()):
        if number % EVERY == 0:
            bundle = load_sources([Source("frozen.yaml", frozen.text)]).bundle
            count += sum(assert_read_back(validated) for validated in bundle.validated())
    assert count > 50


@pytest.mark.fuzz
@by_chance(EXAMPLES // 20)
@given(chances)
def test_every_sentence_of_a_generated_policy_reads_back(chance):
    bundle = load_sources([Source("generated.yaml", a_policy(chance).text)]).bundle
    assert bundle is not None
    for validated in bundle.validated():
        assert_read_back(validated)


def test_part_that_stopped_a_rule_is_told_as_people_say_it():
    bundle = load_bundle(FOLDERS[0], released="warning").bundle
    assert bundle is not None
    validated = bundle.policies["disputes"].newest.validated
    rules = {typed.rule.id: typed for typed in validated.rules}
    told = [
        part_sentence(validated, rules["parties-open"], 'action == "open"', False),
        part_sentence(validated, rules["too-many-files"], "files >= max_files", False),
        part_sentence(validated, rules["not-concerned"], "is_party", True),
        part_sentence(validated, rules["dispute-closed"], "closed", False),
        part_sentence(validated, rules["dispute-closed"], "something else", False),
    ]
    assert ["\n".join(sentence.lines()) if sentence else None for sentence in told] == [
        "`action` is not “open”",
        "`files` is less than `max_files` (currently 10)",
        "`is_party` holds",
        "`closed` does not hold",
        None,
    ]
