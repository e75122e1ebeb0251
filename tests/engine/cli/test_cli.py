"""The command as users run it: its output and its exit codes are a contract."""

import json
import re
import shutil
import subprocess
import sys
from contextlib import chdir
from pathlib import Path
from textwrap import dedent

import pytest
from click.testing import Result
from typer.testing import CliRunner

from engine.cli import MODULES, commands
from tests.needs import needs_durable_rules
from tests.sampling import sample, sample_rows

COMITY = Path(sys.prefix, "bin", "comity")
FACTS = {"author_id": "7", "buyer_id": "7", "seller_id": "3", "locked_at": None}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two policies and their cases."""
    for source in ("policies", "tests/policy_cases"):
        (tmp_path / source).mkdir(parents=True)
        for name in ("chat", "review_eligibility"):
            shutil.copy(Path(source, f"{name}.yaml"), tmp_path / source)
    return tmp_path


@pytest.fixture
def folders(folder: Path) -> Path:
    """With the folders next to the shipped policies, and a pyproject.toml that names their readers."""
    for name in ("assistant", "lexicon"):
        shutil.copytree(Path("policies", name), folder / "policies" / name)
    shutil.copy("pyproject.toml", folder)
    return folder


def comity(folder: Path, *arguments: str, stdin: str = "", engine: str | None = None) -> Result:
    """Run the command, without starting a process."""
    environment = {"NO_COLOR": "1", "COLUMNS": "120", "COMITY_ENGINE": engine}
    with chdir(folder):
        done = CliRunner().invoke(commands(), arguments, input=stdin, env=environment, prog_name=COMITY.name)
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done


def break_chat(folder: Path) -> None:
    path = folder / "policies" / "chat.yaml"
    path.write_text(path.read_text().replace("when: is_party && locked", "when: is_party && lockd"))


@pytest.mark.parametrize(
    ("arguments", "stdin", "code"),
    sample_rows(
        [(["check"], "", 0), (["decide", "chat", "--facts", "-"], "{}", 1), (["frobnicate"], "", 2)], every=3
    ),
)
def test_process_says_the_same(folder, arguments, stdin, code):
    environment = {"PATH": "", "NO_COLOR": "1", "COLUMNS": "120"}
    ran = subprocess.run(
        [COMITY, *arguments],
        cwd=folder,
        input=stdin,
        capture_output=True,
        text=True,
        env=environment,
        timeout=300,
    )
    done = comity(folder, *arguments, stdin=stdin)
    assert (ran.returncode, ran.stdout, ran.stderr) == (code, done.stdout, done.stderr)


def test_check_of_good_policies(folder):
    done = comity(folder, "check")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "policies are good" in done.stdout


def test_check_reads_the_lexicon(folders):
    path = folders / "policies" / "lexicon" / "spam.yaml"
    path.write_text(path.read_text().replace("category: spam", "category: spm"))
    done = comity(folders, "check")
    assert (done.exit_code, done.stderr) == (1, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith(
        "policies/lexicon/spam.yaml:2:11: error[unknown-value]: `category` must be one of "
    )
    assert lines[2].index("^") == lines[1].index("spm")
    assert lines[3] == "   hint: did you mean `spam`?"
    assert "good" not in done.stdout


@pytest.mark.parametrize("hidden", sample(["\u202e", "\u200b"], every=2))
@pytest.mark.parametrize("name", ["assistant/topics.yaml", "lexicon/words.yaml"])
def test_check_refuses_what_no_reviewer_can_see_in_every_folder(folders, name, hidden):
    path = folders / "policies" / name
    path.write_text(f"# {hidden}\n{path.read_text()}")
    done = comity(folders, "check", "--format", "json")
    assert (done.exit_code, done.stderr) == (1, "")
    [problem] = json.loads(done.stdout)["diagnostics"]
    assert (problem["file"], problem["line"], problem["column"]) == (f"policies/{name}", 1, 3)
    assert (problem["code"], problem["severity"]) == ("invisible-character", "error")


def test_check_reads_the_topics_of_the_assistant(folders):
    path = folders / "policies" / "assistant" / "topics.yaml"
    path.write_text(path.read_text().replace("about: review\n", "about: reviews\n"))
    done = comity(folders, "check")
    assert done.exit_code == 1
    assert "error[unknown-value]: `reviews` is not something" in done.stdout
    assert "hint: did you mean `review`?" in done.stdout


def test_check_names_a_folder_that_nobody_reads(folder):
    (folder / "policies" / "lexikon").mkdir()
    done = comity(folder, "check")
    assert done.exit_code == 0
    assert (
        "policies/lexikon:1:1: warning[unread-folder]: no reader is installed for this folder" in done.stdout
    )


def test_check_tells_place_caret_and_hint(folder):
    break_chat(folder)
    done = comity(folder, "check")
    line = next(
        n
        for n, text in enumerate((folder / "policies/chat.yaml").read_text().splitlines(), 1)
        if "lockd" in text
    )
    assert done.exit_code == 1
    assert done.stdout.splitlines()[:4] == [
        f"policies/chat.yaml:{line}:23: error[unknown-name]: unknown name `lockd`",
        f"   {line} |     when: is_party && lockd",
        f"   {' ' * len(str(line))} |                       ^^^^^",
        "   hint: did you mean `locked`?",
    ]


def test_check_as_json(folder):
    break_chat(folder)
    done = comity(folder, "check", "--format", "json")
    report = json.loads(done.stdout)
    assert (done.exit_code, report["ok"], report["digest"]) == (1, False, None)
    [problem] = report["diagnostics"]
    assert (problem["code"], problem["column"], problem["length"]) == ("unknown-name", 23, 5)


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "nowhere"),
        ("test", "nowhere"),
        ("decide", "chat"),
        ("decide", "chat", "--facts", "nowhere.json"),
        ("decide", "chats", "--facts", "-"),
        ("decide", "chat", "--facts", "-", "--at", "yesterday"),
        ("decide", "chat", "--facts", "-", "--at", "1999-01-01T00:00:00Z"),
        ("list", "--format", "xml"),
        ("frobnicate",),
    ],
)
def test_wrong_use(folder, arguments):
    done = comity(folder, *arguments, stdin="{}")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr != ""
    assert "Traceback" not in done.stderr


def test_facts_that_are_not_json_are_wrong_use(folder):
    done = comity(folder, "decide", "chat", "--facts", "-", stdin='{"a": 1, "a": 2}')
    assert (done.exit_code, done.stderr) == (
        2,
        "comity: the facts are not JSON: an object has the same key twice\n",
    )


def test_decide_as_json_is_the_contract(folder):
    done = comity(
        folder,
        "decide",
        "chat",
        "--facts",
        "-",
        "--at",
        "2026-03-01T12:00:00Z",
        "--format",
        "json",
        stdin=json.dumps(FACTS),
    )
    decision = json.loads(done.stdout)
    assert done.exit_code == 0
    assert decision.pop("digest").startswith("sha256:")
    assert decision == {
        "policy": "chat",
        "version": 1,
        "revision": 0,
        "outcome": "allow",
        "rule": "participant",
        "reason": "participant",
        "message": "The chat is open.",
        "obligations": [],
        "outputs": {},
        "matched": ["participant"],
        "errors": [],
        "evaluated_at": "2026-03-01T12:00:00Z",
        "in_force_at": "2026-03-01T12:00:00Z",
    }


def test_decide_explains_when_asked(folder):
    done = comity(
        folder, "decide", "chat", "--facts", "-", "--explain", "--format", "json", stdin=json.dumps(FACTS)
    )
    assert sorted(json.loads(done.stdout)["explanation"]) == ["conditions", "rules"]
    assert "counterfactuals" not in json.loads(done.stdout)


def test_decide_prints_values_as_yaml_does(tmp_path):
    (tmp_path / "visit.yaml").write_text(
        "policy: visit\nversion: 1\neffective_from: 2026-01-01T00:00:00Z\n"
        'facts: {paid: bool, left_at: "timestamp?", name: string, rates: {list: "int?"}}\n'
        "outcomes: [in, out]\non_error: out\n"
        "values: {left: left_at, shown: name}\n"
        'rules: [{id: first, when: paid && left != null && shown == "no", then: in}]\n'
        "otherwise: {id: rest, then: out}\n"
        'outputs: {paid: {type: bool, value: paid}, left: {type: "timestamp?", value: left}, name: {type: string, value: name}}\n'
    )
    facts = json.dumps({"paid": True, "left_at": None, "name": "no", "rates": [None]})
    done = comity(
        tmp_path, "decide", "visit", "--facts", "-", "--explain", "--policies", str(tmp_path), stdin=facts
    )
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[2:5] == ["   paid: true", "   left: null", '   name: "no"']
    assert "left is null" in done.stdout
    assert not re.search(r"\b(?:None|True|False)\b|'no'", done.stdout)


def test_decide_searches_for_counterfactuals_when_asked(folder):
    facts = {
        "buyer_id": "b",
        "seller_id": "s",
        "product_id": "p",
        "confirmations": [],
        "already_reviewed": False,
    }
    command = ("decide", "review_eligibility", "--facts", "-", "--counterfactuals")
    shown = comity(folder, *command, "--format", "json", stdin=json.dumps(facts))
    decision = json.loads(shown.stdout)
    flip = "allow if seller confirmed this and buyer confirmed this"
    assert ("explanation" in decision, decision["counterfactuals"]["complete"]) == (False, True)
    assert [flip["text"] for flip in decision["counterfactuals"]["found"]] == [flip]
    assert comity(folder, *command, stdin=json.dumps(facts)).stdout.splitlines()[-1] == f"   {flip}"


def test_facts_that_do_not_fit_exit_with_1(folder):
    done = comity(folder, "decide", "chat", "--facts", "-", stdin="{}")
    assert done.exit_code == 1
    assert done.stdout.splitlines()[:3] == [
        "deny: 3 facts do not fit",
        "   rule on-error of chat version 1",
        "   -:1:1: the fact `author_id` is missing",
    ]


def test_fact_that_does_not_fit_is_shown_in_its_file(tmp_path):
    policy = """
        policy: visit
        version: 1
        effective_from: 2026-01-01T00:00:00Z
        facts: {rate: {decimal: 2}, rooms: {list: {beds: int}}}
        outcomes: [allow, deny]
        on_error: deny
        rules: [{id: dear, when: 'rate > 90.00 && rooms.exists(r, r.beds > 2)', then: deny}]
        otherwise: {id: no-rule-applies, then: deny}
    """
    (tmp_path / "visit.yaml").write_text(dedent(policy))
    (tmp_path / "facts.json").write_text('{"rate": 99.95,\n "rooms": [{"beds": 1}, {"beds": "2"}]}')
    done = comity(tmp_path, "decide", "visit", "--facts", "facts.json", "--policies", ".")
    assert (done.exit_code, done.stdout.splitlines()) == (
        1,
        [
            "deny: 2 facts do not fit",
            "   rule on-error of visit version 1",
            '   facts.json:1:10: the fact `rate` must be a decimal in quotes, not a number; write `"99.95"`',
            "   facts.json:2:34: the fact `rooms[1].beds` must be a whole number, not text; write it without quotes",
        ],
    )


def test_each_command_is_in_the_module_that_main_imports_for_it():
    app = commands()
    found = {c.name or c.callback.__name__: c.callback.__module__ for c in app.registered_commands}
    groups = {
        g.name: g.typer_instance.registered_commands[0].callback.__module__ for g in app.registered_groups
    }
    assert found | groups == {name: f"engine.cli.{module}" for name, module in MODULES.items()}


def test_explain_to_a_party_shows_no_values(folder):
    facts = json.dumps({**FACTS, "locked_at": "2026-02-01T08:00:00Z"})
    done = comity(folder, "explain", "chat", "--facts", "-", "--party", stdin=facts)
    assert done.stdout.splitlines() == [
        "deny: This chat is locked because both of you confirmed the sale. Open a dispute if something is wrong.",
        "   is party: yes",
        "   locked: yes",
    ]
    asked = comity(
        folder,
        "explain",
        "chat",
        "--facts",
        "-",
        "--party",
        "--counterfactuals",
        "--format",
        "json",
        stdin=facts,
    )
    view = json.loads(asked.stdout)
    assert (view["would_change"], view["complete"]) == ([], True)


@pytest.mark.full  # as `make check` does
def test_cases_of_the_repository_pass_and_cover_everything():
    done = comity(Path.cwd(), "test", "--coverage")
    assert done.exit_code == 0, done.stdout


def test_failing_case_is_named_with_its_place(folder):
    path = folder / "tests/policy_cases/chat.yaml"
    path.write_text(
        path.read_text().replace(
            "expect: {outcome: allow, rule: participant}", "expect: {outcome: deny, rule: participant}", 1
        )
    )
    done = comity(folder, "test", str(path.relative_to(folder)))
    assert done.exit_code == 1
    assert "   outcome: expected `deny`, got `allow`" in done.stdout.splitlines()


def test_report_as_json_counts(folder):
    done = comity(folder, "test", "tests/policy_cases/chat.yaml", "--format", "json")
    report = json.loads(done.stdout)
    assert (report["failed"], report["passed"], len(report["cases"])) == (0, 8, 8)
    assert {u["policy"] for u in report["undecided"]}.isdisjoint({"chat"})


def test_cases_against_broken_policies_exit_with_1(folder):
    break_chat(folder)
    done = comity(folder, "test")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "error[unknown-name]" in done.stderr


def test_list_says_what_is_in_force(folder):
    listing = json.loads(comity(folder, "list", "--format", "json").stdout)
    chat = next(p for p in listing["policies"] if p["name"] == "chat")
    assert (chat["in_force"], [v["version"] for v in chat["versions"]]) == (1, [1])
    before = json.loads(comity(folder, "list", "--at", "2020-01-01T00:00:00Z", "--format", "json").stdout)
    assert {p["in_force"] for p in before["policies"]} == {None}


def test_release_then_change_is_refused(folder):
    assert comity(folder, "release", "chat").stdout.splitlines()[0] == "released chat version 1"
    path = folder / "policies/chat.yaml"
    text = path.read_text()
    path.write_text(text.replace("The chat is open.", "Write on."))
    done = comity(folder, "check")
    assert (done.exit_code, "error[released-text]" in done.stdout) == (1, True)
    path.write_text(text.replace("outcomes: [allow, deny]", "outcomes: [allow, deny, never]"))
    done = comity(folder, "check")
    assert (done.exit_code, "error[released-changed]" in done.stdout) == (1, True)


def test_release_of_a_policy_with_a_failing_case_is_refused(folder):
    path = folder / "tests/policy_cases/chat.yaml"
    path.write_text(path.read_text().replace("rule: participant}", "rule: chat-locked}", 1))
    done = comity(folder, "release", "chat")
    assert (done.exit_code, (folder / "policies/released.lock").exists()) == (1, False)
    assert done.stdout.splitlines()[-1] == "nothing is released: its cases must pass first"


def test_check_warns_of_what_its_owner_cannot_have_meant(folder):
    path = folder / "policies" / "chat.yaml"
    path.write_text(path.read_text().replace("facts:\n", "facts:\n  shoe_size: int\n", 1))
    done = comity(folder, "check")
    assert done.exit_code == 0
    assert "warning[no-unused-fact]" in done.stdout


def test_check_as_sarif(folder):
    break_chat(folder)
    done = comity(folder, "check", "--format", "sarif")
    [run] = json.loads(done.stdout)["runs"]
    assert (done.exit_code, [r["ruleId"] for r in run["results"]]) == (1, ["unknown-name"])


@needs_durable_rules
def test_engine_is_chosen_by_its_variable(folder):
    done = comity(folder, "test", "tests/policy_cases/chat.yaml", engine="durable")
    assert (done.exit_code, done.stderr) == (0, "")
    path = folder / "policies" / "chat.yaml"
    path.write_text(
        path.read_text().replace("when: is_party && locked", 'when: author_id.matches("7") && locked')
    )
    done = comity(folder, "check", engine="durable")
    assert done.exit_code == 1
    assert "error[not-in-durable-rules]: the rule `chat-locked` needs `matches`" in done.stdout
    assert comity(folder, "check").exit_code == 0


def test_unknown_engine_is_wrong_use(folder):
    done = comity(folder, "check", engine="durabel")
    message = "comity: COMITY_ENGINE: unknown engine `durabel`: it is `compiler`, `durable` or `reference`\n"
    assert (done.exit_code, done.stderr) == (2, message)
