"""Outputs that rules set: the deciding rule provides the value, whichever other rules apply."""

import pytest

from documents.source import Source
from engine.backends.registry import backend
from engine.bundle import load_sources
from engine.mutation.conditions import condition_mutants
from engine.mutation.equivalence import equivalent
from engine.mutation.rules import rule_mutants
from tests.engine.policies import NOW, bundle_of
from tests.needs import ENGINES

HEAD = """\
policy: fees
version: 1
effective_from: 2026-01-01T00:00:00Z
facts: {weight: int, express: bool, sent_at: timestamp?, secret: {type: int, private: true}}
parameters:
  tiers:
    table: {tier: string, from: int, fee: int, takes: duration}
    rows: [[small, 0, 5, 1d], [large, 10, 9, 3d], [huge, 20, 30, 9d]]
conditions: {sent: sent_at != null}
outcomes: [send, look, stop]
on_error: stop
"""
RULES = """\
rules:
  - id: express
    when: express
    then: send
    set: {fee: weight + 1}
  - id: plain
    when: weight < 0
    then: stop
  - id: tier
    for_each: {row: tiers}
    when: sent && weight >= row.from
    unless: weight >= row.from + 10
    then: look
    set: {fee: row.fee + secret, due: sent_at + row.takes}
otherwise: {id: rest, then: stop, set: {fee: 100}}
outputs:
  heavy: {type: bool, value: weight > 9}
  fee: {type: int, default: 7}
  due: {type: timestamp?}
"""
FACTS = {"weight": 12, "express": False, "sent_at": "2026-01-01T00:00:00Z", "secret": 0}


def bundle(hit: str = "first", engine: str = "compiler"):
    loaded = load_sources([Source("fees.yaml", f"{HEAD}hit: {hit}\n{RULES}")], compile=backend(engine))
    assert loaded.bundle is not None, "\n".join(d.render() for d in loaded.diagnostics)
    return loaded.bundle


def outputs(facts: dict, **how: str) -> tuple[str, dict]:
    decision = bundle(**how).decide("fees", {**FACTS, **facts}, now=NOW)
    return decision.rule, decision.to_dict()["outputs"]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("facts", "rule", "expected"),
    [
        ({"express": True}, "express", {"heavy": True, "fee": 13, "due": None}),
        ({"weight": -1}, "plain", {"heavy": False, "fee": 7, "due": None}),
        ({}, "tier[large]", {"heavy": True, "fee": 9, "due": "2026-01-04T00:00:00Z"}),
        ({"weight": 3}, "tier[small]", {"heavy": False, "fee": 5, "due": "2026-01-02T00:00:00Z"}),
        ({"sent_at": None}, "rest", {"heavy": True, "fee": 100, "due": None}),
    ],
)
def test_the_deciding_rule_gives_the_values(engine, facts, rule, expected):
    assert outputs(facts, engine=engine) == (rule, expected)


def test_the_outputs_stay_in_the_order_in_which_they_are_declared():
    assert list(outputs({})[1]) == ["heavy", "fee", "due"]


@pytest.mark.parametrize("engine", ["compiler", "reference"])
def test_with_hit_worst_the_worst_rule_gives_the_values_not_the_others_that_apply(engine):
    decision = bundle("worst", engine).decide("fees", FACTS | {"express": True}, now=NOW)
    assert decision.matched == ("express", "tier[large]")
    assert (decision.rule, decision.outputs["fee"]) == ("tier[large]", 9)


@pytest.mark.parametrize("engine", ["compiler", "reference"])
def test_facts_that_do_not_fit_give_no_outputs(engine):
    assert outputs({"weight": "12"}, engine=engine) == ("on-error", {})


def test_a_thousand_rules_that_set_are_compiled_and_distinguished():
    rules = [f"  - {{id: r-{n}, when: weight == {n}, then: send, set: {{fee: {n * 2}}}}}" for n in range(999)]
    text = (
        HEAD.partition("parameters:")[0]
        + "outcomes: [send, stop]\non_error: stop\nrules:\n"
        + "\n".join(rules)
    )
    text += "\notherwise: {id: rest, then: stop}\noutputs: {fee: {type: int, default: -1}}\n"
    loaded = load_sources([Source("fees.yaml", text)])
    assert loaded.bundle is not None, "\n".join(d.render() for d in loaded.diagnostics)
    fees = [
        loaded.bundle.decide("fees", FACTS | {"weight": n}, now=NOW).outputs["fee"]
        for n in (0, 1, 499, 998, 999)
    ]
    assert fees == [0, 2, 998, 1996, -1]


def test_an_explanation_shows_how_the_deciding_rule_computes_what_it_sets():
    explanation = bundle().decide("fees", FACTS, now=NOW, explain=True).explanation
    assert explanation is not None
    [entry] = [rule for rule in explanation["rules"] if rule["decides"]]
    assert entry["sets"] == {
        "fee": {"text": "row.fee + secret", "values": {"row.fee": 9, "secret": "(private)"}},
        "due": {
            "text": "sent_at + row.takes",
            "values": {"sent_at": "2026-01-01T00:00:00Z", "row.takes": "3d"},
        },
    }
    assert not any("sets" in rule for rule in explanation["rules"] if not rule["decides"])
    explanation = bundle().decide("fees", FACTS | {"sent_at": None}, now=NOW, explain=True).explanation
    assert explanation is not None
    assert explanation["rules"][-1]["sets"] == {"fee": {"text": "100", "values": {}}}


def mutants() -> dict[str, list[bool]]:
    """Whether each mutant is proven equivalent, by its description."""
    [version] = bundle().policies["fees"].all
    proofs: dict[str, list[bool]] = {}
    for mutant in [*condition_mutants(version.validated), *rule_mutants(version.validated.policy)]:
        mutated = load_sources([mutant.mutated()]).bundle
        if mutated is not None:
            proven = equivalent(version.validated, mutated.policies["fees"].all[0].validated)
            proofs.setdefault(mutant.summary, []).append(proven)
    return proofs


def test_what_rules_set_has_mutants_and_none_that_changes_it_is_taken_for_equivalent():
    proofs = mutants()
    for summary in (
        "`weight + 1` becomes `weight - 1`",
        "`+` becomes `-`",
        "`1` becomes `2`",
        "`100` becomes `101`",
        "`7` becomes `8`",
        "`express` sets `fee` to `7`",
        "`tier` sets `due` to `null`",
    ):
        if summary in proofs:
            assert proofs[summary].count(True) == 0, summary
    assert {
        "`+` becomes `-`",
        "`100` becomes `101`",
        "`7` becomes `8`",
        "`tier` sets `due` to `null`",
    } <= set(proofs)


QUOTING = """\
policy: fees
version: 1
effective_from: 2026-01-01T00:00:00Z
facts:
  days: {type: int, min: 0, max: 400}
  grace: {type: int, min: 0, max: 9, private: true}
  best: bool
parameters:
  tiers: {table: {tier: {enum: [half, full]}, from: int, fee: {decimal: 2}}, rows: [[half, 3, 12.5], [full, 9, 25]]}
values:
  late: days - grace
outcomes: [free, pays]
on_error: pays
rules:
  - {id: early, when: days < 3, then: free, set: {tone: kind}, message: 'You pay {fee} EUR, {tone}, {left}.'}
  - {id: tier, for_each: {row: tiers}, when: days == row.from, then: pays, set: {fee: row.fee}, message: 'Pay {fee} EUR.'}
otherwise: {id: rest, then: pays, set: {fee: 99.00}, message: 'It costs {fee} EUR.'}
outputs:
  fee: {type: {decimal: 2}, default: 0}
  tone: {type: {enum: [kind, firm]}, default: firm}
  left: {type: "int?", value: 'days < 2 ? 2 - days : null'}
  late: {type: int, value: late}
  waits: {type: "int?"}
"""


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("days", "message", "tone"),
    [
        (1, "You pay 0.00 EUR, kind, 1.", "kind"),
        (2, "You pay 0.00 EUR, kind, nothing.", "kind"),
        (3, "Pay 12.50 EUR.", "firm"),
        (9, "Pay 25.00 EUR.", "firm"),
        (10, "It costs 99.00 EUR.", "firm"),
    ],
)
def test_a_message_quotes_outputs(engine, days, message, tone):
    loaded = load_sources([Source("fees.yaml", QUOTING)], compile=backend(engine))
    assert loaded.bundle is not None, "\n".join(d.render() for d in loaded.diagnostics)
    decision = loaded.bundle.decide("fees", {"days": days, "grace": 0, "best": True}, now=NOW)
    assert (decision.message, decision.outputs["tone"]) == (message, tone)


@pytest.mark.parametrize(
    ("change", "code", "hint"),
    [
        (("{left}", "{late}"), "private-in-message", "delete it"),
        (("{left}", "{waits}"), None, None),
        (("set: {tone: kind}", "set: {tone: kind, waits: grace}"), None, None),
        (("kind}, message: '", "kind, waits: grace}, message: '{waits} "), "private-in-message", "delete it"),
        (("{left}", "{lft}"), "unknown-name", "did you mean `left`?"),
        (("set: {tone: kind}", "set: {tone: kid}"), "unknown-value", "did you mean `kind`?"),
        (("enum: [kind, firm]}, default: firm", "enum: [kind, firm, best]}, default: firm"), None, None),
    ],
)  # fmt: skip
def test_mistakes_with_quoted_outputs(change, code, hint):
    loaded = load_sources([Source("fees.yaml", QUOTING.replace(*change))])
    errors = [d for d in loaded.diagnostics if d.severity == "error"]
    assert [d.code for d in errors] == ([code] if code else []), [d.render() for d in errors]
    assert hint is None or hint in (errors[0].hint or "")


def test_a_word_that_is_also_a_name_is_ambiguous():
    text = QUOTING.replace("enum: [kind, firm]", "enum: [kind, firm, best]").replace(
        "tone: kind", "tone: best"
    )
    [problem] = load_sources([Source("fees.yaml", text)]).diagnostics[:1]
    assert (problem.code, problem.hint) == (
        "ambiguous-value",
        "write '\"best\"' for the value, or (best) for what has the name",
    )
    quoted = text.replace("tone: best", "tone: '\"best\"'")
    assert load_sources([Source("fees.yaml", quoted)]).bundle is not None


def test_a_bare_word_has_the_next_one_as_a_mutant():
    [version] = bundle_of(QUOTING).policies["fees"].all
    mutants = [m for m in condition_mutants(version.validated) if m.before == "kind"]
    assert [m.summary for m in mutants] == ["`kind` becomes `firm`"]
    assert load_sources([mutants[0].mutated()]).bundle is not None
