"""The background thread notices every kind of policy file change."""

import os
import shutil
import time

import pytest
import structlog

from decisions import bundles
from decisions.reloading import Reloader
from decisions.signature import read_signature
from tests.decisions.entry import ENTRY

CHANGED = ENTRY.replace("Members only.", "Not tonight.")


@pytest.fixture
def reloader(policies):
    thread = Reloader()
    thread.start()
    wait_for(lambda: bundles.status().healthy)
    yield thread
    thread.stop()


def wait_for(condition) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_edit_is_in_force_soon(policies, reloader):
    before = bundles.status().digest
    (policies / "entry.yaml").write_text(CHANGED)
    wait_for(lambda: bundles.status().digest != before)


def test_broken_edit_is_reported_and_repaired(policies, reloader):
    before = bundles.status().digest
    (policies / "entry.yaml").write_text("policy: [")
    wait_for(lambda: bundles.status().problems)
    assert bundles.status().digest == before
    (policies / "entry.yaml").write_text(ENTRY)
    wait_for(lambda: bundles.status().healthy)


def test_file_written_in_two_halves_ends_whole(policies, reloader):
    half = len(CHANGED) // 2
    with (policies / "entry.yaml").open("w") as file:
        file.write(CHANGED[:half])
        file.flush()
        wait_for(lambda: bundles.status().problems)
        file.write(CHANGED[half:])
    wait_for(lambda: bundles.status().healthy)


def test_folder_behind_a_symbolic_link_is_swapped(policies, reloader, settings, tmp_path):
    link, other = tmp_path / "current", tmp_path / "next"
    shutil.copytree(policies, other)
    (other / "entry.yaml").write_text(CHANGED)
    link.symlink_to(policies)
    settings.COMITY_POLICIES_DIR = link
    wait_for(lambda: bundles.status().healthy)
    before = bundles.status().digest
    (tmp_path / "swap").symlink_to(other)
    (tmp_path / "swap").rename(link)
    wait_for(lambda: bundles.status().digest != before)


def test_thread_survives_its_error(policies, reloader, monkeypatch):
    looked = []

    def fail(directory):
        looked.append(directory)
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr("decisions.bundles.read_signature", fail)
        wait_for(lambda: len(looked) > 1)
    before = bundles.status().digest
    (policies / "entry.yaml").write_text(CHANGED)
    wait_for(lambda: bundles.status().digest != before)


def test_unchanged_files_are_not_loaded_again(policies):
    thread = Reloader()
    thread.look()
    checked = bundles.status().checked_at
    thread.look()
    assert bundles.status().checked_at == checked


def test_change_during_a_load_is_loaded_at_the_next_look(policies, monkeypatch):
    thread = Reloader()
    directory = bundles.configured()
    load = directory.reload

    def load_and_edit():
        load()
        (policies / "entry.yaml").write_text(CHANGED)

    monkeypatch.setattr(directory, "reload", load_and_edit)
    thread.look()
    before = bundles.status().digest
    thread.look()
    assert bundles.status().digest != before


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "entry.yaml").write_text(CHANGED),
        lambda folder: (folder / "entry.yaml").rename(folder / "entrance.yaml"),
        lambda folder: (folder / "entry.yaml").unlink(),
        lambda folder: (folder / "exit.yaml").write_text(ENTRY),
        lambda folder: (folder / "gone.yaml").symlink_to(folder / "nowhere"),
        lambda folder: (folder / "released.lock").write_text(""),
        lambda folder: (folder / "unread.yml").write_text("a: 1"),
    ],
    ids=["edited", "renamed", "removed", "added", "dangling link", "released", "added as yml"],
)
def test_signature_differs(policies, change):
    before = read_signature(policies)
    change(policies)
    assert read_signature(policies) != before


def test_signature_sees_an_edit_that_keeps_size_and_time(policies):
    path = policies / "entry.yaml"
    times = (path.stat().st_atime_ns, path.stat().st_mtime_ns)
    before = read_signature(policies)
    time.sleep(0.02)
    path.write_text(ENTRY.replace("Come in.", "Go home!"))
    os.utime(path, ns=times)
    assert read_signature(policies) != before


def test_reloads_are_logged_with_the_place_of_the_problem(policies):
    with structlog.testing.capture_logs() as logs:
        bundles.reload()
        (policies / "entry.yaml").write_text(ENTRY.replace("when: member", "when: membr"))
        bundles.reload()
    assert [entry["event"] for entry in logs] == ["policies_reloaded", "policies_broken"]
    assert logs[1]["problems"][0].startswith("policies/entry.yaml:12:11: unknown-")
    assert logs[1]["in_force"] == logs[0]["digest"]
