"""Engine results are decoded to the same answers that Comity gives."""

from benchmarks.peers.answers import BLOCKED, NO_ROW, in_order, reader
from benchmarks.workloads import POLICIES, table


def test_in_order_gives_each_row_once_and_what_is_blocked_as_flagged_too():
    assert in_order([7, 3 + BLOCKED, -1, 7, 3 + BLOCKED]) == ("block", [3], [3, 7])


def test_in_order_of_nothing_allows():
    assert in_order([-1, -1]) == ("allow", [], [])


def test_codes_of_rows_are_read_back():
    read = reader(table.workload(10))
    assert [read(code) for code in (7, -8.0, NO_ROW)] == [
        ("allow", ("within[kind-1/south]",)),
        ("review", ("over[kind-1/south]",)),
        ("deny", ("unknown-kind",)),
    ]


def test_only_one_rule_of_a_policy_permits():
    read = reader(POLICIES[2])
    assert [read("time-is-up"), read("legal-hold")] == [
        ("delete", ("time-is-up",)),
        ("keep", ("legal-hold",)),
    ]
