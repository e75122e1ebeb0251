"""A released version keeps its meaning; its texts can be corrected, and it can end and be withdrawn."""

import random
import re
import shutil
from pathlib import Path

import pytest

from documents.source import Source
from engine import Bundle, load_bundle, load_sources
from engine.expression.quantity import parse_timestamp
from engine.mutation.judge import mutants_of
from engine.mutation.lifetimes import lifetime_mutants
from engine.policy.released import Released, check_released, read_lock, write_lock
from tests.engine.generated.chance import FULL
from tests.engine.policies import shipped
from tests.engine.policy.histories import FIRST, Version
from tests.engine.policy.old_lock_reader import read_old_lock

NOW = parse_timestamp("2026-07-01T12:00:00Z") or 0
SIGNED = r'at 2026-07-01T12:00:00Z by "Bea \"B\" Ä."'


def release(folder: Path) -> list[str]:
    """The lines that are added to the lock."""
    loaded = load_bundle(folder)
    assert loaded.bundle is not None, [d.render() for d in loaded.diagnostics]
    versions = loaded.bundle.validated()
    events = write_lock(folder, read_lock(folder)[0], versions, versions, now=NOW, by='Bea "B" Ä.')
    return [event.written().rstrip() for event in events]


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    """Two of the repository's policies, released."""
    folder = tmp_path / "policies"
    folder.mkdir()
    for name in ("chat", "inbox_title"):
        shutil.copy(Path("policies") / f"{name}.yaml", folder)
    release(folder)
    return folder


TOLD_BY_AN_OLDER_COMITY = """\
policies/released.lock:2:1: error[bad-lock]: this line does not name a version
   2 | format 2 (if Comity reports this line as an error, it is too old for this lock: upgrade it)
     | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   hint: restore the file from version control"""
"""What commit 4af6b08 printed for such a lock."""


def write_old_lock(folder: Path, bundle: Bundle, reason: str = "") -> None:
    """As builds before the second format wrote it."""
    lines = [f"{v.policy.name} {v.policy.version} {v.policy.digest}{reason}\n" for v in bundle.validated()]
    (folder / "released.lock").write_text("# Released versions.\n" + "".join(sorted(lines)))


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def change_meaning(path: Path) -> None:
    edit(path, "outcomes: [allow, deny]", "outcomes: [allow, deny, never]")


def problems_in(folder: Path, **options) -> list[tuple[str, str, int, str]]:
    return [
        (Path(d.file).name, d.code, d.line, d.severity) for d in load_bundle(folder, **options).diagnostics
    ]


def test_unchanged_versions_are_good(policies):
    assert problems_in(policies) == []


def test_comments_and_layout_may_change(policies):
    path = policies / "chat.yaml"
    path.write_text(
        "# Above.\n" + path.read_text().replace("\noutcomes:", "\n# Inside.\n\noutcomes:") + "\n\n"
    )
    assert problems_in(policies) == []


def test_changed_version_is_an_error_at_its_number(policies):
    change_meaning(policies / "chat.yaml")
    assert problems_in(policies) == [("chat.yaml", "released-changed", 4, "error")]
    assert load_bundle(policies).bundle is None


def test_changed_version_is_a_warning_where_editing_must_just_work(policies):
    change_meaning(policies / "chat.yaml")
    assert problems_in(policies, released="warning") == [("chat.yaml", "released-changed", 4, "warning")]
    assert load_bundle(policies, released="warning").bundle is not None


def test_vanished_version_is_an_error_at_its_line_of_the_lock(policies):
    (policies / "chat.yaml").unlink()
    assert problems_in(policies) == [("released.lock", "released-vanished", 3, "error")]


def test_new_version_below_a_released_one_is_good_and_is_released_next(policies):
    path = policies / "chat.yaml"
    text = path.read_text()
    second = text.replace("version: 1", "version: 2").replace("2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z")
    path.write_text(text.rstrip() + "\n---\n" + second)
    [line] = release(policies)
    assert line.startswith(f"chat 2 released {SIGNED} meaning sha256:")
    assert problems_in(policies) == []


def test_corrected_text_needs_a_revision_and_passes_as_one(policies):
    path = policies / "chat.yaml"
    edit(path, "The chat is open.", "The chat is open now.")
    assert problems_in(policies) == [("chat.yaml", "released-text", 4, "error")]
    edit(path, "version: 1\n", "version: 1\nrevision: 1\n")
    assert problems_in(policies) == []
    [line] = release(policies)
    assert line.startswith(f"chat 1 revised {SIGNED} revision 1 text sha256:")
    edit(path, "The chat is open now.", "The chat is open.")
    assert problems_in(policies) == [("chat.yaml", "released-text", 5, "error")]
    edit(path, "revision: 1\n", "")
    assert problems_in(policies) == [("chat.yaml", "released-text", 4, "error")]


def test_changed_meaning_is_no_revision(policies):
    path = policies / "chat.yaml"
    change_meaning(path)
    edit(path, "version: 1\n", "version: 1\nrevision: 1\n")
    assert problems_in(policies) == [("chat.yaml", "released-changed", 4, "error")]


def test_end_and_withdrawal_are_no_change_and_are_recorded(policies):
    path = policies / "chat.yaml"
    path.write_text(path.read_text() + "---\n" + path.read_text().replace("version: 1\n", "version: 2\n"))
    release(policies)
    edit(path, "version: 2\n", "version: 2\nwithdrawn: it was too strict\n")
    assert problems_in(policies) == []
    assert release(policies) == [f'chat 2 withdrawn {SIGNED} because "it was too strict"']
    edit(path, "withdrawn: it was too strict\n", "")
    assert [code for _, code, _, _ in problems_in(policies)] == ["released-changed"]
    edit(path, "version: 2\n", "version: 2\nwithdrawn: in other words\n")
    edit(path, "version: 1\n", "version: 1\neffective_until: 2027-01-01T00:00:00Z\ngap_because: a test\n")
    assert problems_in(policies) == []
    assert release(policies) == [f"chat 1 ends {SIGNED} until 2027-01-01T00:00:00Z"]
    edit(path, "effective_until: 2027-01-01T00:00:00Z\n", "")
    assert release(policies) == [f"chat 1 ends {SIGNED} until never"]
    assert release(policies) == []


def test_old_lock_is_read_and_says_what_it_cannot_do(policies):
    bundle = load_bundle(policies).bundle
    assert bundle is not None
    write_old_lock(policies, bundle, " without cases: a trial")
    old = ("released.lock", "old-lock", 2, "warning")
    assert problems_in(policies) == [old]
    assert read_lock(policies)[0].without_cases["chat", 1] == "a trial"
    path = policies / "chat.yaml"
    before = path.read_text()
    edit(path, "The chat is open.", "Write on.")
    assert problems_in(policies) == [("chat.yaml", "released-changed", 4, "error"), old]
    path.write_text(before)
    assert release(policies) == []
    assert problems_in(policies) == []
    lock = (policies / "released.lock").read_text()
    assert re.search(
        r'(?m)^chat 1 released meaning sha256:\S+ text sha256:\S+ without_cases "a trial"$', lock
    )
    edit(path, "The chat is open.", "Write on.")
    assert problems_in(policies) == [("chat.yaml", "released-text", 4, "error")]


def test_older_comity_refuses_the_lock_and_its_first_and_last_error_say_why(policies):
    problems = read_old_lock(policies)
    lines = (policies / "released.lock").read_text().splitlines()
    assert [d.line for d in problems] == list(range(2, len(lines) + 1))
    assert problems[0].render().replace(str(policies), "policies") == TOLD_BY_AN_OLDER_COMITY
    assert lines[1] == lines[-1] in problems[-1].render()


def test_older_comity_still_reads_its_own_lock(policies):
    bundle = load_bundle(policies).bundle
    assert bundle is not None
    write_old_lock(policies, bundle)
    assert read_old_lock(policies) == []


def test_lock_of_a_newer_build_is_one_error(policies):
    edit(policies / "released.lock", "format 2", "format 3")
    assert problems_in(policies) == [("released.lock", "newer-lock", 2, "error")]


@pytest.mark.parametrize(
    "line",
    [
        "chat 9 released at 2026-01-01T00:00:00Z meaning sha256:12 text sha256:34",
        "chat 9 released",
        "chat 9 revised revision 1 text sha256:" + "0" * 64,
        "chat 1 revised revision one text sha256:" + "0" * 64,
        "chat 1 ends until soon",
        "chat 1 withdrawn because",
        'chat 1 withdrawn because "\\x"',
        "chat 1 forgotten",
    ],
)
def test_line_that_makes_no_sense_is_an_error(tmp_path, line):
    digests = f"meaning sha256:{'1' * 64} text sha256:{'2' * 64}"
    (tmp_path / "released.lock").write_text(f"format 2\nchat 1 released {digests}\n{line}\n")
    released, problems = read_lock(tmp_path)
    assert [(d.code, d.line) for d in problems] == [("bad-lock", 3)]
    assert list(released.versions) == [("chat", 1)]


def test_lock_that_holds_something_else_is_an_error(policies):
    (policies / "released.lock").write_text("chat one sha\n")
    assert problems_in(policies) == [("released.lock", "bad-lock", 1, "error")]


def test_no_mutant_of_a_shipped_policy_passes_as_a_revision(tmp_path):
    """All of them in a full run; a few of each policy in a small one."""
    bundle = shipped()
    write_lock(tmp_path, Released(), bundle.validated(), bundle.validated(), now=NOW, by=None)
    released, problems = read_lock(tmp_path)
    assert problems == []
    tried = 0
    for name, versions in bundle.policies.items():
        own = Released({key: v for key, v in released.versions.items() if key[0] == name}, released.source)
        mutants = list(mutants_of([v.validated for v in versions.all]))
        some = mutants if FULL else random.Random(17).sample(mutants, min(2, len(mutants)))
        for mutant in [*some, *lifetime_mutants([v.validated.policy for v in versions.all])]:
            source = mutant.mutated()
            text = source.text.replace("\nversion: 1\n", "\nversion: 1\nrevision: 1\n", 1)
            assert text != source.text
            mutated = load_sources([Source(source.file, text)]).bundle
            if mutated is not None:
                codes = [d.code for d in check_released(own, mutated.validated())]
                assert codes == ["released-changed"], f"{name}: {mutant.summary}"
                tried += 1
    assert tried > (1_000 if FULL else 5)


def test_of_when_a_version_is_in_force_only_its_end_may_change_after_its_release(tmp_path):
    """A moved or dropped end is no revision: it is recorded as an event of its own."""
    day = 86_400_000_000
    versions = [
        Version(1, FIRST),
        Version(2, FIRST + day, FIRST + 3 * day, revision=1),
        Version(3, FIRST + 2 * day, withdrawn=True),
    ]
    text = "---\n".join(v.text() for v in versions).replace("amount: int", "paid_at: timestamp, amount: int")
    path = tmp_path / "booking.yaml"
    path.write_text(text)
    release(tmp_path)
    bundle = load_bundle(tmp_path).bundle
    assert bundle is not None
    codes: dict[str, list[str]] = {}
    for mutant in lifetime_mutants([v.policy for v in bundle.validated()]):
        path.write_text(mutant.mutated().text.replace("revision: 1", "revision: 2"))
        key = text[: mutant.start].rsplit("\n", 1)[1].partition(":")[0]
        codes.setdefault(key, []).extend(code for _, code, _, _ in problems_in(tmp_path))
        if key == "effective_until":
            lock = (tmp_path / "released.lock").read_text()
            kinds = [line.split()[2] for line in release(tmp_path)]
            assert kinds == ["revised", "ends"]
            (tmp_path / "released.lock").write_text(lock)
    assert codes == {
        "effective_from": ["released-changed"] * 4,
        "effective_until": [],
        "in_force_by": ["released-changed"] * 6,
        "withdrawn": ["released-changed"],
    }
