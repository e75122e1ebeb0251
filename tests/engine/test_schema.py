"""The schemas for editors accept what the loader reads, and flag many mistakes of policy owners."""

import json
from functools import cache
from pathlib import Path

import jsonschema_rs
import pytest
import yaml
from hypothesis import given

from engine.bundle import policy_files
from engine.cases import case as case_file
from engine.expression.types import SCALARS
from engine.policy import loader, parameter_reader, rule_reader, type_reader
from engine.schema import case_schema, policy_schema
from engine.schema.descriptions import DESCRIPTIONS
from tests.docs.test_policy_language import EXAMPLES as OF_THE_PAGE
from tests.documents.core_yaml import read_all_core, read_core
from tests.engine.generated.chance import EXAMPLES, by_chance, chances
from tests.engine.generated.policies import a_policy
from tests.engine.mistakes import CASES, POLICY, Mistake, bundle, mistakes_of
from tests.engine.policies import shipped

POLICY_FILES = policy_files(Path("policies"))
CASE_FILES = sorted(Path("tests/policy_cases").glob("*.yaml"))


def test_committed_schemas_are_what_the_code_makes():
    for name, made in (("policy.json", policy_schema()), ("case.json", case_schema(shipped()))):
        assert json.loads((Path("policies/.schema") / name).read_text()) == made, "run `comity schema`"


@pytest.mark.parametrize("path", [*POLICY_FILES, *CASE_FILES], ids=lambda p: p.name)
def test_shipped_files_name_their_schema_and_keep_to_it(path: Path):
    text = path.read_text(encoding="utf-8")
    schema = path.parent / text.partition("$schema=")[2].partition("\n")[0]
    validator = jsonschema_rs.validator_for(json.loads(schema.read_text()))
    for document in read_all_core(text):
        assert [str(e) for e in validator.iter_errors(document)] == []


def test_unknown_keys_are_refused_everywhere():
    policy = policy_schema()
    closed = [policy, *(policy["$defs"][name] for name in ("rule", "otherwise"))]
    assert [s["additionalProperties"] for s in closed] == [False, False, False]


def test_every_scalar_type_is_offered_with_and_without_null():
    short = policy_schema()["$defs"]["type"]["anyOf"][0]["enum"]
    assert short == [name + mark for name in SCALARS for mark in ("", "?")]


def test_every_key_is_described():
    modules = (loader, rule_reader, parameter_reader, type_reader, case_file)
    tables = [
        v
        for m in modules
        for name, v in vars(m).items()
        if name.endswith("_KEYS") or name in ("KEYS", "OPTIONS")
    ]
    assert len(tables) >= 10
    assert {key for table in tables for key in table} <= DESCRIPTIONS.keys()


@cache
def policy_validator() -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(policy_schema())


def flagged(mistake: Mistake, validator: jsonschema_rs.Validator) -> bool:
    """Whether an editor underlines anything, by its YAML parser or the schema."""
    try:
        return not validator.is_valid(read_core(mistake.text))
    except yaml.YAMLError:
        return True


@pytest.mark.parametrize(
    ("file", "policy", "cases"), [("kinds.yaml", (40, 60), (15, 23)), ("second.yaml", (24, 32), (7, 8))]
)
def test_an_editor_flags_most_mistakes(file: str, policy: tuple[int, int], cases: tuple[int, int]):
    validators = {
        "policy": policy_validator(),
        "cases": jsonschema_rs.validator_for(case_schema(bundle())),
    }
    assert validators["policy"].is_valid(read_core(POLICY))
    assert validators["cases"].is_valid(read_core(CASES))
    mistakes = mistakes_of(file)
    for about, (wanted, all_) in (("policy", policy), ("cases", cases)):
        flags = {m.name: flagged(m, validators[about]) for m in mistakes if m.about == about}
        assert len(flags) == all_
        assert sum(flags.values()) >= wanted, [name for name, is_flagged in flags.items() if not is_flagged]


@cache
def condition_validator() -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(policy_schema()["properties"]["conditions"]["additionalProperties"])


@pytest.mark.parametrize(
    "text",
    [
        "price >= 50000 && !opened",
        'status in ["new", "sent"] || !(buyer_id in trusted)',
        "buyer_id in (trusted)",
        '(price > 100 ? "much" : \'little\') == "much"',
        "parcels.exists(P, P.carrier == \"post\" && P.code.startsWith('RR'))",
        'email.lowerAscii().matches(r"^[^@\\s]+@example\\.com$")',
        'note == "a < b < c and (d = e" // a comment with (words = and signs',
        'note == "x"\n  && price > 1',
        "-price - -1 < 0 && price - 1 > -2",
        "size(notes.filter(n, n != code)) == 0",
        "now - days(10) > moment && now < moment + hours(1)",
        'now - moment >= duration("14d")',
        'kyc == "none" || kyc != "nonesuch"',
        "(price > 5 && price < 6) || price > 7 && price < 70",
        "((((((((((((((price > 1))))))))))))))",
        "1.5e3 > weight && .5 < weight && 0x10 < price",
        "main || inner in innings",
        "price * 2 > 5 && price * -count < 0",
    ],
)
def test_a_condition_that_the_loader_may_take_is_not_flagged(text: str):
    assert condition_validator().is_valid(text)


@pytest.mark.parametrize(
    "text",
    [
        "a and b", "not a", "a = b", "a === b", "a => b", "a <> b", "(a", "a)", "a ||", "|| a", '"a', "a 'b'", "30d > a",
        "a % b", "a ** b", "a / b", "1 < a < 2", "len(a) > 1", "now() > a", "Big > 1", "a == “b”", "a ≥ 1", "", " ", "$a", "a; b",
        'a in ("b", "c")', "now - a >= 14", "now < a + 30", "a > 5 && a < 5",
    ],
)  # fmt: skip
def test_a_condition_that_cannot_be_meant_is_flagged(text: str):
    assert not condition_validator().is_valid(text)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 1900,
        "(a" * 900,
        "a && " * 390,
        '"' * 1900,
        "/" * 1900,
        "//" + " " * 1900,
        "a." * 950,
        "now-" * 450,
        "a" * 1900,
    ],
)
def test_long_texts_are_judged_without_giving_up(text: str):
    """A validator that gives up after a number of steps reports no match; the text with a valid ending does match."""
    good = {"a" * 1900}
    assert condition_validator().is_valid(text) is (text in good)


@pytest.mark.parametrize(
    "example", [e for e in OF_THE_PAGE if e.kind in ("yaml policy", "cel true")], ids=str
)
def test_what_the_documentation_teaches_is_not_flagged(example):
    if example.kind == "yaml policy":
        errors = [e for d in read_all_core(example.text) for e in policy_validator().iter_errors(d)]
        assert [str(e) for e in errors] == []
    else:
        assert [c for c in example.text.splitlines() if c and not condition_validator().is_valid(c)] == []


@by_chance(EXAMPLES // 10)
@given(chances)
def test_no_policy_that_loads_is_flagged(chance):
    document = read_core(a_policy(chance).text)
    assert [str(e) for e in policy_validator().iter_errors(document)] == [], document
