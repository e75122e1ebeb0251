"""Which versions are compared, and for what time."""

from engine.claims import difference as module
from engine.claims.bundles import compare_policies
from engine.claims.timeline import END, timeline
from tests.engine.claims.policies import versions

FIRST = """\
policy: fees
version: 1
effective_from: 2026-01-01T00:00:00Z
in_force_by: begun
facts: {begun: timestamp, amount: int}
outcomes: [allow, deny]
on_error: deny
rules: [{id: dear, when: amount > 100, then: deny}, {id: cheap, when: amount <= 100, then: allow}]
otherwise: {id: other, then: deny}
"""
SECOND = FIRST.replace("version: 1", "version: 2").replace("2026-01-01", "2027-01-01").replace("100", "200")
BOTH = f"{FIRST}---\n{SECOND}"


def compared(old: str, new: str) -> list[tuple[str, object, object, str | None]]:
    difference = compare_policies({"fees": versions(old)}, {"fees": versions(new)})
    assert difference.not_proven == []
    return [(c.kind, c.old, c.new, (c.facts or {}).get("begun")) for c in difference.changes]


def test_the_same_text_is_equal_without_a_solver(monkeypatch):
    monkeypatch.setattr(module, "ask", None)
    assert compared(BOTH, BOTH) == []
    one_chooses = BOTH.replace("in_force_by: begun\n", "", 1)
    assert compared(one_chooses, one_chooses) == []


def test_without_in_force_by_old_cases_are_decided_by_the_new_rules():
    plain = BOTH.replace("in_force_by: begun\n", "")
    changes = compared(BOTH, plain)
    outcomes = [c for c in changes if c[0] == "outcome"]
    assert {(old, new) for _, old, new, _ in outcomes} == {("deny", "allow")}
    begun = {b for *_, b in outcomes if b is not None}
    assert any("2026-01-01" <= b < "2027-01-01" for b in begun)  # decided by the first version
    assert any(b < "2026-01-01" for b in begun)  # refused
    assert all(b < "2027-01-01" for b in begun)


def test_a_later_start_is_a_difference_between_the_two_moments():
    later = BOTH.replace("2027-01-01", "2027-03-01")
    [(kind, old, new, begun)] = [c for c in compared(BOTH, later) if c[0] == "outcome"]
    assert (kind, old, new) == ("outcome", "allow", "deny")
    assert begun is not None and "2027-01-01" <= begun < "2027-03-01"


def test_a_gap_is_told():
    ended = FIRST.replace(
        "in_force_by", "effective_until: 2028-01-01T00:00:00Z\ngap_because: it ends\nin_force_by"
    )
    assert ("in_force", 1, None, None) in compared(FIRST, ended)


def test_a_version_that_returns_has_two_stretches_of_time():
    temporary = SECOND.replace("in_force_by", "effective_until: 2027-01-08T00:00:00Z\nin_force_by")
    times = {
        v.version.version if v.version else None: v.times
        for v in timeline(versions(f"{FIRST}---\n{temporary}"))
        if not v.refuses
    }
    assert len(times[1].windows) == 2 and times[1].windows[-1].moment[1] == END
    assert len(times[2].windows) == 1


BY_NOW = FIRST.replace("in_force_by: begun\n", "")


def test_a_fact_that_chooses_the_version_refuses_what_began_before_the_first():
    found = compared(BY_NOW, FIRST)
    assert {f[:3] for f in found} == {("outcome", "allow", "deny"), ("accepted", "accepted", "refused")}
    assert all(begun is not None and begun < "2026-01-01" for *_, begun in found)


def test_a_fact_that_no_longer_chooses_the_version_lets_rules_decide():
    found = compared(FIRST, BY_NOW)
    assert ("outcome", "deny", "allow") in {(kind, old, new) for kind, old, new, _ in found}


def test_the_reason_of_a_refusal_is_shown():
    difference = compare_policies({"fees": versions(BY_NOW)}, {"fees": versions(FIRST)})
    assert difference.texts == []
    for change in difference.changes:
        assert change.new_decision is not None
        assert change.new_decision["reason"] == "not-in-force-fact:begun"


def test_another_fact_that_chooses_the_version_is_a_difference():
    two = FIRST.replace("{begun: timestamp,", "{begun: timestamp, paid_at: timestamp,")
    found = compared(two, two.replace("in_force_by: begun", "in_force_by: paid_at"))
    assert {("outcome", "allow", "deny"), ("outcome", "deny", "allow")} <= {f[:3] for f in found}


def test_a_second_version_that_brings_the_fact_decides_old_cases_by_the_first():
    """The version in force now says which fact chooses, so the first version decides although it names no fact."""
    brings = f"{BY_NOW}---\n{SECOND}"
    without = f"{BY_NOW}---\n{SECOND.replace('in_force_by: begun' + chr(10), '')}"
    outcomes = [c for c in compared(brings, without) if c[0] == "outcome"]
    assert {(old, new) for _, old, new, _ in outcomes} == {("deny", "allow")}
    assert any(begun is not None and "2026-01-01" <= begun < "2027-01-01" for *_, begun in outcomes)
    assert compared(brings, brings.replace("amount > 100", "100 < amount")) == []
