"""What a list cannot ask of the database is an error when the policies load, with its place."""

from pathlib import Path

import pytest

from decisions.bundles import usable
from decisions.lists import Outcome, Output, PolicyList
from documents.source import Source
from engine import Diagnostic, load_bundle, load_sources
from engine.backends.django_q.asked import Asked
from tests.decisions.lists.policies import policy, rule
from tests.decisions.lists.rows import FACTS, Sample
from tests.editable_policies import copy_policies

OUTCOME = Outcome("deny")
WHAT = ", which a list cannot ask of the database"


def problems(text: str, asked: Asked = OUTCOME, facts: dict[str, object] | None = None) -> list[str]:
    loaded = load_sources([Source("sample.yaml", text)])
    assert loaded.bundle is not None, "\n".join(d.render() for d in loaded.diagnostics)
    listed = PolicyList("sample", asked, Sample, dict(FACTS) if facts is None else facts)
    found = listed.problems(loaded.bundle)
    assert all(text.splitlines()[p.line - 1] == p.source_line for p in found)
    return [f"{place_of(p)}: {p.message.removesuffix(WHAT)}" for p in found]


def place_of(problem: Diagnostic) -> str:
    start = problem.column - 1
    return problem.source_line[start : start + problem.length]


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (
            'note != null && note.startsWith("x")',
            'note.startsWith("x"): the rule `it` needs `startsWith` of a value of a row',
        ),
        (
            'open || kind == "gold" && size(items.map(i, i.owner)) == 2',
            "items.map(i, i.owner): the rule `it` needs to compute a value from each row of a list",
        ),
        (
            "count * count > 4",
            "count * count: the rule `it` needs to multiply two values of a row",
        ),
        (
            "closed_at != null && closed_at - began_at + days(1) > now - began_at",
            "",
        ),
        (
            "items.exists(i, many)",
            "many: the rule `it` needs a computed fact inside a condition on the items of a list",
        ),
        (
            "items.exists(i, items.exists(j, j.owner == i.owner))",
            "items.exists(j, j.owner == i.owner): the rule `it` needs a list of the row inside a condition on the "
            "items of a list",
        ),
        (
            "size([1, 2].filter(n, n == count)) == 1",
            "size([1, 2].filter(n, n == count)): the rule `it` needs to count the values of a row for which a condition holds",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_told_with_its_place(condition: str, said: str) -> None:
    assert problems(policy(rule("it", condition))) == ([said] if said else [])


def test_place_may_be_in_a_named_condition() -> None:
    named = "conditions:\n  marked: 'note != null && note.contains(\"x\")'\n"
    text = policy(rule("it", "open && !marked") + rule("no-note", "note == null")).replace(
        "outcomes:", named + "outcomes:"
    )
    assert problems(text) == ['note.contains("x"): the rule `it` needs `contains` of a value of a row']


def test_place_may_be_in_an_output() -> None:
    text = policy(rule("it", "open"), fresh='note != null && note.contains("x")')
    assert problems(text) == []
    assert problems(text, Output("fresh")) == [
        'note.contains("x"): the bool output `fresh` needs `contains` of a value of a row'
    ]


def test_every_rule_is_reported() -> None:
    rules = rule("one", 'note != null && note.contains("x")') + rule(
        "two", 'note != null && note.endsWith("y")'
    )
    assert [each.partition(":")[0] for each in problems(policy(rules))] == [
        'note.contains("x")',
        'note.endsWith("y")',
    ]


def test_known_values_may_be_asked_anything() -> None:
    """What does not depend on the row is computed before the query."""
    condition = (
        '"x-1".startsWith("x") && size([1, 2, 3].filter(n, n > 1)) == 2 && 7 * 6 == 42 && "07".contains("7")'
    )
    assert problems(policy(rule("it", condition))) == []


def test_required_fact_without_a_column_is_told() -> None:
    facts = {name: source for name, source in FACTS.items() if name not in ("owner", "note")}
    [said] = problems(policy(rule("it", "open")), facts=facts)
    assert said.endswith("a list of the application does not know the fact `owner`")


def test_unknown_outcome_or_output_is_told() -> None:
    text = policy(rule("it", "open"))
    for asked, what in ((Outcome("maybe"), "outcome `maybe`"), (Output("stale"), "bool output `stale`")):
        [said] = problems(text, asked)
        assert said.endswith(f"a list of the application needs the {what}, which this version does not have")


def test_every_version_that_ever_decides_is_checked() -> None:
    later = policy(rule("it", 'note != null && note.contains("x")'), version=2, since="2099-01-01T00:00:00Z")
    assert len(problems(policy(rule("it", "open")) + "---" + later)) == 1


def test_policy_that_a_list_cannot_follow_does_not_come_into_force(tmp_path: Path) -> None:
    folder = copy_policies(tmp_path / "policies")
    chat = folder / "chat.yaml"
    before, after = "locked: locked_at != null", 'locked: buyer_id.startsWith("x")'
    chat.write_text(chat.read_text().replace(before, after))
    loaded = usable(load_bundle(folder, released="warning"), "policies")
    assert loaded.bundle is None
    [problem] = [d for d in loaded.diagnostics if d.severity == "error"]
    line = (
        chat.read_text()
        .splitlines()
        .index(next(x for x in chat.read_text().splitlines() if "startsWith" in x))
        + 1
    )
    assert (problem.code, problem.line) == ("not-in-a-queryset", line)
    assert problem.message == (
        "the rule `participant` needs `startsWith` of a value of a row, which a list cannot ask of the database"
    )
