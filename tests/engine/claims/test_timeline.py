"""Which versions are compared, and for what time."""

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


def test_the_same_text_is_equal():
    assert compared(BOTH, BOTH) == []


def test_without_in_force_by_old_cases_are_decided_by_the_new_rules():
    plain = BOTH.replace("in_force_by: begun\n", "")
    changes = compared(BOTH, plain)
    [(kind, old, new, begun)] = [c for c in changes if c[0] == "outcome"]
    assert (kind, old, new) == ("outcome", "deny", "allow")
    assert begun is not None and begun < "2027-01-01"


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
    }
    assert len(times[1].stretches) == 2 and times[1].stretches[-1][1] == END
    assert len(times[2].stretches) == 1
