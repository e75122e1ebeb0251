"""Folders beside the policies are checked by their readers, and one that nobody reads is named."""

from documents.diagnostics import Diagnostic
from documents.folders import check_folders, installed_readers


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
