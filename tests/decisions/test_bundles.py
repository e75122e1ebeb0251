"""The last good bundle stays in force however the policies are broken."""

import shutil
from datetime import UTC, datetime

import pytest
import structlog

from decisions import BundleUnavailable, bundles, conf
from engine import load_bundle
from engine.backends.python.compiler import compile_policy
from engine.bundle import policy_files
from engine.policy.released import read_lock, write_lock
from tests.decisions.entry import ENTRY
from tests.needs import needs_durable_rules

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


def message() -> str:
    return bundles.in_force().decide("entry", {"member": False, "name": "Eve"}, now=NOW).message


def test_first_need_loads(policies):
    assert bundles.status().digest is None
    assert message() == "Members only."
    assert bundles.status().healthy


def test_changed_text_gives_a_new_digest_and_answer(policies):
    before = bundles.reload()
    (policies / "entry.yaml").write_text(ENTRY.replace("Members only.", "Not tonight."))
    after = bundles.reload()
    assert after.healthy
    assert after.digest != before.digest
    assert message() == "Not tonight."


@pytest.mark.parametrize(
    ("broken", "place", "code"),
    [
        (ENTRY.replace("when: member", "when: membr"), "policies/entry.yaml:12", "unknown-name"),
        (ENTRY[: ENTRY.index("[allow") + 4], "policies/entry.yaml:8", "yaml-syntax"),
        (ENTRY[: ENTRY.index("otherwise")], "policies/entry.yaml:1", "missing-key"),
        (ENTRY + "policy: entry\n", "policies/entry.yaml:16", "duplicate-key"),
    ],
)
def test_broken_policy_changes_no_answer_and_is_reported(policies, broken, place, code):
    before = bundles.reload()
    (policies / "entry.yaml").write_text(broken)
    after = bundles.reload()
    assert (after.digest, after.loaded_at) == (before.digest, before.loaded_at)
    assert (f"{after.problems[0].file}:{after.problems[0].line}", after.problems[0].code) == (place, code)
    assert not after.healthy
    assert message() == "Members only."


def test_repaired_policy_is_healthy_again(policies):
    bundles.reload()
    (policies / "entry.yaml").write_text("policy: [")
    bundles.reload()
    (policies / "entry.yaml").write_text(ENTRY)
    assert bundles.reload().healthy


def test_new_file_is_a_new_policy(policies):
    bundles.reload()
    (policies / "exit.yaml").write_text(ENTRY.replace("policy: entry", "policy: exit"))
    assert bundles.reload().healthy
    assert "exit" in bundles.in_force().policies


def test_renamed_file_is_the_same_policy(policies):
    before = bundles.reload()
    (policies / "entry.yaml").rename(policies / "entrance.yaml")
    after = bundles.reload()
    assert (after.healthy, after.digest) == (True, before.digest)


def test_removed_file_is_a_removed_policy(policies):
    bundles.reload()
    (policies / "entry.yaml").unlink()
    assert bundles.reload().healthy
    assert "entry" not in bundles.in_force().policies


def test_policy_that_the_marketplace_needs_cannot_be_removed(policies):
    before = bundles.reload()
    (policies / "chat.yaml").unlink()
    after = bundles.reload()
    assert (after.digest, [problem.code for problem in after.problems]) == (before.digest, ["missing-policy"])
    assert "chat" in bundles.in_force().policies


def test_policy_that_the_marketplace_needs_cannot_be_put_off(policies):
    bundles.reload()
    text = (policies / "chat.yaml").read_text()
    (policies / "chat.yaml").write_text(text.replace("effective_from: 2026", "effective_from: 2099"))
    problem = bundles.reload().problems[0]
    assert problem.message == "no version of the policy `chat` is in force"


def test_policy_that_the_marketplace_needs_and_that_will_end_is_a_warning(policies):
    path = policies / "chat.yaml"
    ends = "effective_until: 2099-01-01T00:00:00Z\ngap_because: chats are closed\noutcomes:"
    path.write_text(path.read_text().replace("outcomes:", ends, 1))
    status = bundles.reload()
    assert (status.healthy, status.problems) == (True, ())
    [warning] = [w for w in status.warnings if w.code == "policy-ends"]
    assert warning.message == "no version of the policy `chat` is in force from 2099-01-01T00:00:00Z on"


def test_removed_folder_leaves_the_last_good_bundle(policies):
    bundles.reload()
    shutil.rmtree(policies)
    assert not bundles.reload().healthy
    assert message() == "Members only."


def test_broken_from_the_start_decides_nothing_and_says_where(policies):
    (policies / "entry.yaml").write_text(ENTRY.replace("when: member", "when: membr"))
    with pytest.raises(BundleUnavailable, match=r"policies/entry\.yaml:12"):
        bundles.in_force()
    assert bundles.status().digest is None


def test_pinned_bundle_outlives_a_reload(policies):
    bundles.reload()
    pinned = bundles.in_force()
    with bundles.pinned(pinned):
        (policies / "entry.yaml").write_text(ENTRY.replace("Members only.", "Not tonight."))
        bundles.reload()
        assert bundles.current() is pinned
    assert bundles.current() is bundles.in_force() is not pinned


def test_loader_that_fails_leaves_the_last_good_bundle(policies, monkeypatch):
    bundles.reload()

    def fail(path, **options):
        raise RuntimeError("no more memory")

    monkeypatch.setattr(bundles, "load_bundle", fail)
    assert bundles.reload().problems[0].code == "unreadable"
    assert message() == "Members only."


def release(folder) -> None:
    """Locks the shipped versions as `comity release` does, and then changes the text of one."""
    released, _ = read_lock(folder)
    loaded = load_bundle(folder).bundle
    versions = loaded.validated()
    write_lock(folder, released, versions, versions, now=0, by=None)
    (folder / "entry.yaml").write_text(ENTRY.replace("Members only.", "Not tonight."))


def test_changed_release_is_out_of_force_in_production(policies):
    before = bundles.reload()
    release(policies)
    after = bundles.reload()
    assert (after.digest, after.warnings) == (before.digest, ())
    assert [problem.code for problem in after.problems] == ["released-text"]
    assert message() == "Members only."


def test_changed_release_works_under_debug_and_is_reported(policies, settings):
    settings.DEBUG = True
    release(policies)
    with structlog.testing.capture_logs() as logs:
        status = bundles.reload()
    assert status.healthy
    assert message() == "Not tonight."
    [warning] = status.warnings
    assert (warning.file, warning.line, warning.code) == ("policies/entry.yaml", 2, "released-text")
    assert [entry["event"] for entry in logs] == ["policies_reloaded", "policies_doubtful"]
    assert logs[1]["warnings"][0].startswith("policies/entry.yaml:2:")


@needs_durable_rules
def test_installation_decides_by_the_engine_that_it_names(policies, settings):
    settings.COMITY_ENGINE = "durable"
    bundles.reload()
    assert message() == "Members only."
    version = bundles.in_force().version_at("entry", NOW)
    assert version.rules.__module__ == "engine.backends.durable.program"
    (policies / "entry.yaml").write_text(ENTRY.replace("when: member", 'when: name.matches("E")'))
    assert [problem.code for problem in bundles.reload().problems] == ["not-in-durable-rules"]
    assert message() == "Members only."


def test_obligation_that_no_app_carries_out_is_refused_and_the_last_good_bundle_stays(policies):
    bundles.in_force()
    (policies / "entry.yaml").write_text(ENTRY + "obligations: [lock_chat, send_mail]\n")
    status = bundles.configured().reload()
    (problem,) = status.problems
    assert (problem.file, problem.code) == ("policies/entry.yaml", "unknown-obligation")
    assert problem.source_line[problem.column - 1 :].startswith("send_mail")
    assert status.digest is not None
    (policies / "entry.yaml").write_text(ENTRY + "obligations: [lock_chat]\n")
    assert bundles.configured().reload().healthy


@pytest.fixture
def compiled(policies, monkeypatch):
    """A folder with twenty more policies, and the names of those compiled from now on."""
    for number in range(20):
        text = ENTRY.replace("policy: entry", f"policy: entry_{number}")
        (policies / f"entry_{number}.yaml").write_text(text)
    names = []

    def compile_counted(validated):
        names.append(validated.policy.name)
        return compile_policy(validated)

    monkeypatch.setattr(conf, "engine", lambda: compile_counted)
    assert bundles.reload().healthy
    assert len(names) == len(policy_files(policies))
    names.clear()
    return names


def test_reload_compiles_the_file_that_changed(policies, compiled):
    bundles.reload()
    assert compiled == []
    (policies / "entry_7.yaml").write_text(
        ENTRY.replace("policy: entry", "policy: entry_7").replace("Members only.", "Not tonight.")
    )
    assert bundles.reload().healthy
    assert compiled == ["entry_7"]
    fresh = load_bundle(policies).bundle
    assert bundles.in_force().digest == fresh.digest
    assert [
        bundles.in_force().decide(f"entry_{number}", {"member": False, "name": "Eve"}, now=NOW).message
        for number in (6, 7)
    ] == ["Members only.", "Not tonight."]


def test_broken_edit_and_its_repair_compile_no_other_file(policies, compiled):
    path = policies / "entry_7.yaml"
    whole = path.read_text()
    path.write_text(whole.replace("when: member", "when: membr"))
    assert not bundles.reload().healthy
    assert [p.code for p in bundles.reload().problems] == ["unknown-name"]
    path.write_text(whole)
    assert bundles.reload().healthy
    assert compiled == ["entry_7"]


def test_files_are_judged_together_whatever_was_kept(policies, compiled):
    copy = policies / "copy.yaml"
    copy.write_text((policies / "entry_7.yaml").read_text())
    assert [(p.file, p.code) for p in bundles.reload().problems] == [
        ("policies/entry_7.yaml", "duplicate-policy")
    ]
    copy.unlink()
    (policies / "entry_3.yaml").unlink()
    assert bundles.reload().healthy
    assert sorted(bundles.in_force().policies) == sorted(load_bundle(policies).bundle.policies)
    assert "entry_3" not in bundles.in_force().policies


def test_renamed_file_is_reported_by_its_new_name(policies, compiled):
    (policies / "entry_7.yaml").rename(policies / "renamed.yaml")
    (policies / "copy.yaml").write_text((policies / "renamed.yaml").read_text())
    assert [p.file for p in bundles.reload().problems] == ["policies/renamed.yaml"]


def test_other_engine_compiles_everything_again(policies, compiled, monkeypatch):
    others = []
    monkeypatch.setattr(conf, "engine", lambda: lambda v: others.append(v) or compile_policy(v))
    assert bundles.reload().healthy
    assert len(others) == len(bundles.in_force().policies)
