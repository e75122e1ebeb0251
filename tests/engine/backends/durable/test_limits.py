"""A policy that durable-rules cannot express, or that exceeds its limits, is rejected on loading, with the reason."""

import pytest

from tests.engine.backends.durable.both import both, example, load_durable, refusals

TEXT = {"a": "string", "l": "{list: string}"}


def test_patterns_are_refused_by_name():
    text = example(TEXT, 'a.matches("x")', "true", 'l.exists(x, !x.matches("x"))')
    message = "the rule `rule-%s` needs `matches`, which durable-rules cannot be told"
    assert refusals(text) == [("not-in-durable-rules", message % n) for n in (0, 2)]


@pytest.mark.parametrize("function", ["startsWith", "endsWith", "contains"])
def test_searches_for_what_is_not_constant_or_too_long_are_refused(function):
    text = example(TEXT, f"l.exists(x, a.{function}(x))", f'a.{function}("{"x" * 501}")')
    assert [message for _, message in refusals(text)] == [
        f"the rule `rule-0` needs `{function}` with a text that is not constant, which durable-rules cannot be told",
        f"the rule `rule-1` needs `{function}` with 501 characters, of which at most 500 are allowed, "
        "which durable-rules cannot be told",
    ]


def test_the_size_of_what_is_kept_of_constants_is_refused():
    message = "the rule `rule-0` needs the size of what is kept of a list that is written out, which durable-rules cannot be told"
    assert refusals(example(TEXT, 'size(["a", "b"].filter(x, x == a)) == 1')) == [
        ("not-in-durable-rules", message)
    ]


def test_a_refusal_has_its_place_and_a_hint():
    [problem] = load_durable(example(TEXT, 'a == "y" || a.matches("x")')).diagnostics
    assert problem.source_line[problem.column - 1 :].startswith('a.matches("x")')
    assert problem.length == len('a.matches("x")')
    assert problem.hint == "this is asked of policies only where COMITY_ENGINE is `durable`"


def test_a_refusal_inside_a_named_condition_has_its_place_there():
    named = "conditions: {c: 'size(l) == 1 && l.exists(x, x.matches(a))'}\nrules:".replace("(a)", '("x")')
    loaded = load_durable(example(TEXT, "c").replace("rules:", named))
    [problem] = loaded.diagnostics
    assert problem.source_line[problem.column - 1 :].startswith('x.matches("x")')


def test_what_no_rule_needs_is_not_refused():
    text = example({"a": "string"}, 'a == "x"').replace(
        "rules:", "conditions: {c: 'a.matches(\"x\")'}\nrules:"
    )
    text += "outputs: {o: {type: bool, value: c}}\n"
    assert both(text).decide({"a": "xx"}).outputs == {"o": True}


def too_much(what: str, most: int) -> tuple[str, str]:
    needs = f"the policy `example` needs {what}, of which at most {most} are allowed"
    return "not-in-durable-rules", f"{needs}, which durable-rules cannot be told"


def test_more_properties_than_one_fact_can_have_are_refused():
    def compared(number: int) -> str:
        names = [f"f{n}" for n in range(number)]
        return example(dict.fromkeys(names, "bool"), "&&".join(names))

    assert both(compared(240)).matched(**{f"f{n}": True for n in range(240)}) == ("rule-0",)
    assert refusals(compared(241)) == [too_much("241 properties of one fact", 240)]


def test_properties_of_many_rules_are_asserted_in_portions():
    facts = {f"f{n}": "bool" for n in range(300)}
    tens = [[f"f{n}" for n in range(start, start + 10)] for start in range(0, 300, 10)]
    pairs = both(example(facts, *("&&".join(ten) for ten in tens)))
    assert pairs.matched(**dict.fromkeys(facts, True)) == tuple(f"rule-{n}" for n in range(30))
    assert pairs.matched(**{name: int(name[1:]) < 295 for name in facts}) == tuple(
        f"rule-{n}" for n in range(29)
    )


def test_more_alternatives_than_durable_rules_has_rules_are_refused():
    rows = ", ".join(f"[{n}]" for n in range(4_001))
    table = f"parameters: {{t: {{table: {{k: int}}, rows: [{rows}]}}}}\nrules:"
    text = (
        example({"a": "int"}, "a == row.k")
        .replace("rules:", table)
        .replace("when:", "for_each: {row: t}, when:")
    )
    assert refusals(text) == [too_much("4001 alternatives", 4_000)]


def test_a_thousand_distinct_tests_and_a_thousand_matching_rules_are_no_trouble():
    """Both are more than one ruleset of durable-rules can hold."""
    apart = both(example({"a": "int"}, *(f"a == {n}" for n in range(600)), hit="first"))
    assert [apart.decide({"a": n}).rule for n in (0, 299, 599, 600)] == [
        "rule-0",
        "rule-299",
        "rule-599",
        "none",
    ]
    together = both(example({"a": "int"}, *(f"a > {n}" for n in range(600))))
    assert together.matched(a=1_000) == tuple(f"rule-{n}" for n in range(600))
    assert together.matched(a=400) == tuple(f"rule-{n}" for n in range(400))


def test_a_list_of_many_words_is_no_trouble():
    words = ", ".join(f"w{n}" for n in range(400))
    text = example({"a": "string", "l": "{list: string}"}, "a in words", "l.all(x, x in words)")
    declared = f"parameters: {{words: {{list: string, value: [{words}]}}}}\nrules:"
    pairs = both(text.replace("rules:", declared))
    assert pairs.matched(a="w399", l=["w0", "w399"]) == ("rule-0", "rule-1")
    assert pairs.matched(a="w400", l=["w0", "w400"]) == ()


@pytest.mark.full
def test_what_multiplies_is_refused():
    doubled = " + ".join(f'(a == "{n}" ? 1 : 2)' for n in range(15))
    message = (
        "the rule `rule-0` needs more than 500000 steps to be written out, which durable-rules cannot be told"
    )
    assert refusals(example(TEXT, f"{doubled} == {doubled}")) == [("not-in-durable-rules", message)]


def test_nested_choices_do_not_multiply():
    text = 'a == "0"'
    for n in range(1, 9):
        text = f'({text} ? a != "{n}" : a == "{n}")'
    pairs = both(example(TEXT, text))
    for n in range(10):
        pairs.decide({"a": str(n), "l": []})


@pytest.mark.parametrize(("number", "allowed"), [(100, True), (101, False)])
def test_exactly_one_of_many_constants_is_refused(number, allowed):
    declared = f"parameters: {{words: {{list: int, value: {list(range(number))}}}}}\nrules:"
    loaded = load_durable(example({"a": "int"}, "words.exists_one(w, w > a)").replace("rules:", declared))
    assert (loaded.bundle is not None) is allowed
