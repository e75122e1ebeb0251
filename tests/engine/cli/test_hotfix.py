"""The life of a released policy, by commands only: hotfix, withdrawal, temporary version, typo. The lock is always verified."""

import json

import pytest

FEE = """\
policy: fee
version: {number}
{more}effective_from: {start}
source: Terms of 2026
facts: {{booked_at: timestamp, price: {{type: int, show: true}}}}
outcomes: [free, due]
on_error: due
rules:
  - {{id: small, when: price < {limit} && booked_at <= now, then: free, message: "{{price}} is litle."}}
otherwise: {{id: large, then: due}}
"""
CASES = """\
policy: fee
at: {at}
given: {{booked_at: 2025-12-31T00:00:00Z}}
cases:
  - {{name: small, facts: {{price: {small}}}, expect: {{outcome: free, rule: small, version: {version}}}}}
  - {{name: large, facts: {{price: {large}}}, expect: {{outcome: due, rule: large, version: {version}}}}}
"""


class Shop:
    """A folder with the policy `fee`, changed by commands and edits as an owner would."""

    def __init__(self, folder, comity):
        self.path = folder / "policies" / "fee.yaml"
        self.cases = folder / "tests" / "policy_cases" / "fee.yaml"
        self.lock = folder / "policies" / "released.lock"
        self.comity = comity
        (folder / "policies" / "returns.yaml").unlink()
        (folder / "tests" / "policy_cases" / "returns.yaml").unlink()

    def add(self, number, start, limit, more="", at=None):
        """Add a version, and cases for it."""
        added = FEE.format(number=number, start=start, limit=limit, more=more)
        self.path.write_text("---\n".join([*self.documents(), added]))
        cases = CASES.format(at=at or start, small=limit - 1, large=limit, version=number)
        before = [self.cases.read_text()] if self.cases.exists() else []
        self.cases.write_text("---\n".join([*before, cases]))

    def documents(self):
        return self.path.read_text().split("---\n") if self.path.exists() else []

    def edit(self, number, old, new):
        """Edit the text of one version."""
        documents = self.documents()
        [at] = [i for i, text in enumerate(documents) if f"version: {number}\n" in text]
        assert old in documents[at]
        documents[at] = documents[at].replace(old, new, 1)
        self.path.write_text("---\n".join(documents))

    def release(self):
        """What is released. The lock that is left must be good."""
        done = self.comity("release")
        assert done.exit_code == 0, done.output
        assert self.problems() == []
        return done.stdout.splitlines()[:-1]

    def problems(self):
        return [
            d["code"]
            for d in json.loads(self.comity("check", "policies", "--format", "json").stdout)["diagnostics"]
        ]

    def decides(self, *moments):
        """The version in force at each moment, as the command `list` says."""
        told = [
            self.comity("list", "--at", f"2026-{moment}T00:00:00Z", "--format", "json").stdout
            for moment in moments
        ]
        return [json.loads(text)["policies"][0]["in_force"] for text in told]


@pytest.fixture
def fees(shop, comity, monkeypatch):
    """Version 1 is in force, version 2 is scheduled for June; both are released."""
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Bea")
    fees = Shop(shop, comity)
    fees.add(1, "2026-01-01T00:00:00Z", 10)
    fees.add(2, "2026-06-01T00:00:00Z", 20)
    assert fees.release() == ["released fee version 1", "released fee version 2"]
    return fees


def test_correct_now_before_a_scheduled_version(fees):
    fees.add(3, "2026-03-01T00:00:00Z", 15)
    assert fees.release() == ["released fee version 3"]
    assert fees.decides("02-28", "03-01", "05-31", "06-01") == [1, 3, 3, 2]


def test_withdraw_the_scheduled_version(fees):
    fees.edit(2, "version: 2\n", "version: 2\nwithdrawn: the new prices are off\n")
    fees.cases.write_text(fees.cases.read_text().split("---\n")[0])
    assert fees.release() == ["withdrew fee version 2: the new prices are off"]
    assert fees.decides("03-01", "06-01") == [1, 1]
    fees.edit(2, "withdrawn: the new prices are off\n", "")
    assert fees.problems() == ["released-changed"]


def test_temporary_version_for_a_week_and_the_old_one_back(fees):
    fees.add(3, "2026-04-01T00:00:00Z", 50, more="effective_until: 2026-04-08T00:00:00Z\n")
    assert fees.release() == ["released fee version 3", "fee version 3 ends at 2026-04-08T00:00:00Z"]
    assert fees.decides("03-31", "04-01", "04-07", "04-08", "06-01") == [1, 3, 3, 1, 2]


def test_typo_is_mended_as_a_revision(fees):
    fees.edit(1, "is litle.", "is little.")
    assert fees.problems() == ["released-text"]
    fees.edit(1, "version: 1\n", "version: 1\nrevision: 1\n")
    assert fees.release() == ["corrected the texts of fee version 1: revision 1"]
    fees.edit(1, "price < 10", "price < 11")
    assert fees.problems() == ["released-changed"]
    fees.edit(1, "revision: 1\n", "revision: 2\n")
    assert fees.problems() == ["released-changed"]


def test_released_version_cannot_vanish_or_be_replaced(fees):
    fees.path.write_text(fees.documents()[0])
    assert fees.problems() == ["released-vanished"]
    fees.path.write_text(
        "---\n".join(
            [fees.documents()[0], FEE.format(number=2, start="2026-03-01T00:00:00Z", limit=20, more="")]
        )
    )
    assert fees.problems() == ["released-changed"]


def test_time_line_says_who_did_what_and_what_holds_when(fees):
    fees.add(3, "2026-04-01T00:00:00Z", 50, more="effective_until: 2026-04-08T00:00:00Z\n")
    fees.edit(2, "version: 2\n", "version: 2\nwithdrawn: the new prices are off\n")
    parts = fees.cases.read_text().split("---\n")
    fees.cases.write_text("---\n".join([parts[0], parts[2]]))
    fees.release()
    told = fees.comity("versions", "fee", "--at", "2026-04-02T00:00:00Z").stdout.splitlines()
    assert told[:4] == [
        "fee at 2026-04-02T00:00:00Z: version 3 decides",
        "   from 2026-01-01T00:00:00Z to 2026-04-01T00:00:00Z: version 1 decides",
        "   from 2026-04-01T00:00:00Z to 2026-04-08T00:00:00Z: version 3 decides",
        "   from 2026-04-08T00:00:00Z on: version 1 decides",
    ]
    assert [line for line in told if line.startswith("version ")] == [
        "version 1: returns at 2026-04-08T00:00:00Z",
        "version 2: withdrawn: the new prices are off",
        "version 3: in force",
    ]
    assert sum(line.startswith("   released at ") and line.endswith(" by Bea") for line in told) == 3
    assert any(line.startswith("   withdrawn: the new prices are off at ") for line in told)
    later = json.loads(
        fees.comity("versions", "fee", "--at", "2026-05-01T00:00:00Z", "--format", "json").stdout
    )
    assert [v["state"].partition(":")[0] for v in later["versions"]] == [
        "in force",
        "withdrawn",
        "ended at 2026-04-08T00",
    ]


def test_time_line_says_what_an_older_booking_is_decided_by(fees):
    for number in (1, 2):
        fees.edit(number, "source:", "in_force_by: booked_at\nsource:")
    fees.lock.unlink()
    told = fees.comity("versions", "fee", "--at", "2026-04-02T00:00:00Z").stdout.splitlines()
    assert told[-1] == (
        "while versions 1, 2 are in force, what has an earlier `booked_at` is decided by the version that was in force then"
    )
    assert [line for line in told if line.startswith("version ")] == [
        "version 1: in force",
        "version 2: scheduled at 2026-06-01T00:00:00Z",
    ]


def test_decision_names_the_revision_and_the_moment_that_chose_the_version(fees, shop):
    fees.edit(1, "version: 1\n", "version: 1\nrevision: 2\n")
    for number in (1, 2):
        fees.edit(number, "source:", "in_force_by: booked_at\nsource:")
    fees.lock.unlink()
    (shop / "facts.json").write_text('{"booked_at": "2026-05-01T00:00:00Z", "price": 5}')
    decided = fees.comity("decide", "fee", "--facts", "facts.json", "--at", "2026-07-01T00:00:00Z").stdout
    assert "rule small of fee version 1, revision 2, in force at 2026-05-01T00:00:00Z" in decided


def test_commands_name_the_revision_beside_the_version(fees, shop):
    fees.edit(1, "version: 1\n", "version: 1\nrevision: 2\n")
    fees.edit(2, "version: 2\n", "version: 2\nwithdrawn: too early\nrevision: 1\n")
    fees.lock.unlink()
    fees.cases.write_text(fees.cases.read_text().split("---\n")[0])
    claim = "{id: small, policy: fee, because: terms, never: outcome == 'free' && price >= 10}"
    (fees.path.parent / "claims.yaml").write_text(f"claims:\n  - {claim}\n")
    at = ["--at", "2026-02-01T00:00:00Z"]
    assert "1 (revision 2), 2 (revision 1, withdrawn)" in fees.comity("list", *at).stdout
    assert "version 1, revision 2 decides" in fees.comity("versions", "fee", *at).stdout.splitlines()[0]
    tested = fees.comity("test", "--coverage").stdout
    assert "fee version 1, revision 2: rules 2/2" in tested
    junit = fees.comity("test", "--coverage", "--format", "junit").stdout
    assert 'name="version 1, revision 2"' in junit
    covered = json.loads(fees.comity("test", "--coverage", "--format", "json").stdout)["coverage"]
    assert [(c["version"], c["revision"]) for c in covered] == [(1, 2)]
    assert "`small` is proven of fee version 1, revision 2" in fees.comity("prove").stdout
    proved = json.loads(fees.comity("prove", "--format", "json").stdout)
    assert [(p["version"], p["revision"]) for p in proved["proofs"]] == [(1, 2)]
    assert "released fee version 1, revision 2" in fees.release()


def test_changes_are_told_in_words(fees):
    told = fees.comity("changes", "fee", "1..2")
    assert told.stdout.splitlines() == [
        "`policy` was changed",
        "   effective_from was `2026-01-01T00:00:00Z`, and is `2026-06-01T00:00:00Z`",
        "the rule `small` was changed",
        "   when was `price < 10 && booked_at <= now`, and is `price < 20 && booked_at <= now`",
    ]
    as_json = json.loads(fees.comity("changes", "fee", "1..2", "--format", "json").stdout)
    assert [(c["kind"], c["part"], c["name"]) for c in as_json["changes"]] == [
        ("changed", "policy", ""),
        ("changed", "rule", "small"),
    ]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["changes", "fee", "1"], "comity: `1` does not name two versions, such as 1..2"),
        (["changes", "fee", "1..7"], "comity: `fee` has no version 7: it has 1, 2"),
        (["changes", "fees", "1..2"], "comity: there is no policy `fees`; did you mean `fee`?"),
        (["versions", "other"], "comity: there is no policy `other`"),
    ],
)
def test_wrong_use_is_a_sentence(fees, arguments, told):
    done = fees.comity(*arguments)
    assert (done.exit_code, done.stderr.strip().partition("; known")[0]) == (2, told)


def test_release_as_json_names_each_kind_of_event(fees):
    fees.add(3, "2026-04-01T00:00:00Z", 50, more="effective_until: 2026-04-08T00:00:00Z\n")
    fees.edit(1, "is litle.", "is little.")
    fees.edit(1, "version: 1\n", "version: 1\nrevision: 4\n")
    assert json.loads(fees.comity("release", "--format", "json").stdout) == {
        "released": [{"policy": "fee", "version": 3}],
        "revised": [{"policy": "fee", "version": 1, "revision": 4}],
        "ends": [{"policy": "fee", "version": 3, "until": "2026-04-08T00:00:00Z"}],
    }


def test_check_of_a_file_looks_at_the_lock_for_its_policies(fees):
    folder = fees.path.parent
    other = fees.documents()[0].replace("policy: fee", "policy: other").replace("id: large", "id: rest")
    (folder / "other.yaml").write_text(other)
    told = fees.comity("release", "other", "--without-cases", "a test")
    assert told.exit_code == 0, told.output

    def codes(*paths):
        told = fees.comity("check", *paths, "--format", "json")
        problems = [(d["code"], d["file"]) for d in json.loads(told.stdout)["diagnostics"]]
        assert (told.exit_code == 1) == bool(problems)
        return problems

    assert codes("policies/fee.yaml") == []
    (folder / "other.yaml").write_text(other.replace("price < 10", "price < 11"))
    changed = [("released-changed", "policies/other.yaml")]
    assert codes("policies/other.yaml") == codes("policies/other.yaml", "policies/fee.yaml") == changed
    assert codes("policies") == changed
    assert codes("policies/fee.yaml") == []
    fees.path.write_text(fees.documents()[0])
    vanished = [("released-vanished", "policies/released.lock")]
    assert codes("policies/fee.yaml") == vanished
    fees.edit(1, "is litle.", "is little.")
    assert codes("policies/fee.yaml") == [("released-text", "policies/fee.yaml"), *vanished]


def test_check_of_folders_looks_at_the_lock_of_each(fees, shop):
    other = shop / "others"
    other.mkdir()
    (other / "more.yaml").write_text(fees.documents()[0].replace("policy: fee", "policy: more"))
    released = fees.comity("release", "--policies", "others", "--without-cases", "a test", "--cases", "none")
    assert released.exit_code == 0, released.output
    fees.path.write_text(fees.documents()[0])
    (other / "more.yaml").write_text(fees.documents()[0].replace("policy: fee", "policy: new"))
    told = fees.comity("check", "policies", "others", "--format", "json")
    assert [(d["code"], d["file"]) for d in json.loads(told.stdout)["diagnostics"]] == [
        ("released-vanished", "others/released.lock"),
        ("released-vanished", "policies/released.lock"),
    ]


def test_check_of_a_file_reports_a_lock_that_cannot_be_read(fees):
    fees.lock.write_text(fees.lock.read_text().replace("format 2", "format 3"))
    told = fees.comity("check", "policies/fee.yaml", "--format", "json")
    assert [d["code"] for d in json.loads(told.stdout)["diagnostics"]] == ["newer-lock"]


def test_mutate_asks_for_a_case_at_each_moment_that_has_none(fees):
    fees.add(3, "2026-04-01T00:00:00Z", 50, more="effective_until: 2026-04-08T00:00:00Z\n")
    told = fees.comity("mutate")
    assert told.exit_code == 1
    wanted = [line for line in told.stdout.splitlines() if line.startswith("   fee: a case about the key")]
    assert [line.partition(" (")[0] for line in wanted] == [
        "   fee: a case about the key `effective_until` of version 3",
        "   fee: a case about the key `effective_from` of version 2",
        "   fee: a case about the key `effective_from` of version 3",
    ]
