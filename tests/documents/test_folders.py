"""Folders beside the policies are checked by their readers, and one that nobody reads is named."""

from pathlib import Path

from documents.diagnostics import Diagnostic
from documents.folders import check_folders, installed_readers, unread_file, unread_files


def test_installed_readers_are_those_of_the_lexicon_and_the_assistant():
    assert set(installed_readers()) == {"assistant", "lexicon"}


def test_each_folder_is_checked_by_its_reader_and_the_rest_is_named(tmp_path):
    for name in ("words", "unknown", ".schema"):
        (tmp_path / name).mkdir()
    (tmp_path / "a.yaml").write_text("policy: a\n")

    def words(folder):
        return (Diagnostic(str(folder / "w.yaml"), 2, 3, "bad-word", "no word"),)

    found = check_folders(tmp_path, {"words": words, "absent": words})
    assert [(d.file.removeprefix(f"{tmp_path}/"), d.code, d.severity) for d in found] == [
        ("unknown", "unread-folder", "warning"),
        ("words/w.yaml", "bad-word", "error"),
    ]
    assert found[0].hint == "readers are installed for `absent`, `words`"


def test_yaml_by_another_ending_is_named_with_what_to_do(tmp_path):
    for name in ("a.yml", "b.YAML", "c.yaml", ".d.yml", "e.txt"):
        (tmp_path / name).write_text("policy: a\n")
    found = [unread_file(path) for path in unread_files(tmp_path)]
    assert [(Path(d.file).name, d.code, d.severity, d.hint) for d in found] == [
        ("a.yml", "unread-file", "error", "rename it to `a.yaml`"),
        ("b.YAML", "unread-file", "error", "rename it to `b.yaml`"),
    ]


def test_a_folder_that_nobody_reads_is_an_error_where_it_holds_yaml(tmp_path):
    (tmp_path / "europe").mkdir()
    for name in ("policy.yaml", "policy.yml"):
        (tmp_path / "europe" / name).write_text("policy: a\n")
        [found] = check_folders(tmp_path, {})
        assert (found.code, found.severity) == ("unread-folder", "error")
        assert found.hint == f"move the files to `{tmp_path}`, or out of it"
        (tmp_path / "europe" / name).unlink()


def test_yaml_by_another_ending_is_named_in_a_folder_that_is_read(tmp_path):
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "more.yml").write_text("a: 1\n")
    assert [d.code for d in check_folders(tmp_path, {"words": lambda folder: ()})] == ["unread-file"]
