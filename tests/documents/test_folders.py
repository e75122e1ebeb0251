"""Folders next to the policies are checked by their readers; folders without a reader are reported."""

import sys
from pathlib import Path

import pytest

from documents.diagnostics import Diagnostic
from documents.folders import check_folders, installed_readers, project_readers, unread_file, unread_files


def test_package_installs_a_reader_of_the_lexicon_and_the_project_names_both():
    """The server's checkout need not be installed."""
    assert set(installed_readers()) == {"lexicon"}
    readers, problems = project_readers(Path())
    assert (set(readers), problems) == ({"assistant", "lexicon"}, ())
    assert readers["lexicon"] is installed_readers()["lexicon"]


def test_project_names_a_reader_in_its_module(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "shelves_of_a_library.py").write_text("def check(folder): return (folder,)\n")
    (tmp_path / "pyproject.toml").write_text(
        '[tool.comity.folders]\nshelves = "shelves_of_a_library:check"\n'
    )
    readers, problems = project_readers(tmp_path)
    assert (readers["shelves"](tmp_path), problems) == ((tmp_path,), ())


@pytest.mark.parametrize("text", ["", "[tool.comity]\n", "[tool]\ncomity = 3\n", None])
def test_project_that_names_no_reader_changes_nothing(tmp_path, text):
    if text is not None:
        (tmp_path / "pyproject.toml").write_text(text)
    path = list(sys.path)
    assert project_readers(tmp_path) == ({}, ())
    assert sys.path == path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool", "pyproject.toml cannot be read: "),
        (
            '[tool.comity.folders]\na = "no_such_module:f"\n',
            "the reader `no_such_module:f` of the folder `a` cannot be imported",
        ),
        (
            '[tool.comity.folders]\na = "json:nothing"\n',
            "the reader `json:nothing` of the folder `a` cannot be imported",
        ),
        ("[tool.comity.folders]\na = 3\n", "the reader `3` of the folder `a` cannot be imported"),
        (
            '[tool.comity.folders]\na = "not a name"\n',
            "the reader `not a name` of the folder `a` cannot be imported",
        ),
    ],
)
def test_reader_that_cannot_be_imported_is_an_error_with_a_hint(tmp_path, monkeypatch, text, message):
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "pyproject.toml").write_text(text)
    readers, [problem] = project_readers(tmp_path)
    assert (readers, problem.code, problem.file) == ({}, "bad-reader", str(tmp_path / "pyproject.toml"))
    assert problem.message.startswith(message)
    assert problem.hint is not None


def test_each_folder_is_checked_by_its_reader_and_the_rest_is_named(tmp_path):
    for name in ("words", "unknown", ".schema"):
        (tmp_path / name).mkdir()
    (tmp_path / "a.yaml").write_text("policy: a\n")

    def words(folder):
        return (Diagnostic(str(folder / "w.yaml"), 2, 3, "bad-word", "no word"),)

    diagnostics = check_folders(tmp_path, {"words": words, "absent": words})
    assert [(d.file.removeprefix(f"{tmp_path}/"), d.code, d.severity) for d in diagnostics] == [
        ("unknown", "unread-folder", "warning"),
        ("words/w.yaml", "bad-word", "error"),
    ]
    assert diagnostics[0].hint == "readers are installed for `absent`, `words`"


def test_yaml_by_another_ending_is_named_with_what_to_do(tmp_path):
    for name in ("a.yml", "b.YAML", "c.yaml", ".d.yml", "e.txt"):
        (tmp_path / name).write_text("policy: a\n")
    diagnostics = [unread_file(path) for path in unread_files(tmp_path)]
    assert [(Path(d.file).name, d.code, d.severity, d.hint) for d in diagnostics] == [
        ("a.yml", "unread-file", "error", "rename it to `a.yaml`"),
        ("b.YAML", "unread-file", "error", "rename it to `b.yaml`"),
    ]


def test_a_folder_that_nobody_reads_is_an_error_where_it_holds_yaml(tmp_path):
    (tmp_path / "europe").mkdir()
    for name in ("policy.yaml", "policy.yml"):
        (tmp_path / "europe" / name).write_text("policy: a\n")
        [diagnostics] = check_folders(tmp_path, {})
        assert (diagnostics.code, diagnostics.severity) == ("unread-folder", "error")
        assert diagnostics.hint == f"move the files to `{tmp_path}`, or out of it"
        (tmp_path / "europe" / name).unlink()


def test_yaml_by_another_ending_is_named_in_a_folder_that_is_read(tmp_path):
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "more.yml").write_text("a: 1\n")
    assert [d.code for d in check_folders(tmp_path, {"words": lambda folder: ()})] == ["unread-file"]
