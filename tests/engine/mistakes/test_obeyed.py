"""A hint that is followed to the letter mends the mistake: the policy loads, or has fewer errors and none of a new kind."""

import pytest
import yaml

from documents.diagnostics import Diagnostic
from documents.source import decode_source
from engine.bundle import load_sources
from tests.engine.generated.chance import FULL
from tests.engine.mistakes import FOLDER
from tests.engine.mistakes.obeying import obeyed
from tests.engine.mistakes.test_mistakes import diagnostics_of

LISTED = yaml.safe_load((FOLDER / "fifth.yaml").read_text(encoding="utf-8"))


def mistaken(text: str, changes: list[str]) -> str:
    for before, after in zip(changes[::2], changes[1::2], strict=True):
        assert before in text, f"`{before}` is not in the file any more"
        text = text.replace(before, after, 1)
    return text


def loading(text: str) -> tuple[Diagnostic, ...]:
    """The problems for which a policy does not load."""
    source, problems = decode_source(text.encode(), "policy.yaml")
    assert source is not None
    return load_sources([source] if not problems else [], problems).diagnostics


def result(text: str, diagnostics: list[Diagnostic]) -> str:
    """What following the hint of the first diagnostic leads to."""
    mended = obeyed(text, diagnostics[0])
    if mended is None:
        return "left to the owner"
    before, after = ([d for d in found if d.severity == "error"] for found in (diagnostics, loading(mended)))
    if not after:
        return "loads"
    better = len(after) < len(before) and {d.code for d in after} <= {d.code for d in before}
    return "fewer errors" if better else "\n".join(["MISLED", *(d.render() for d in after)])


@pytest.mark.parametrize("name", LISTED)
def test_hint_of_a_mistake_mends_it(name: str, update_golden: bool) -> None:
    """A small run tries every fifth mistake."""
    every = 1 if FULL or update_golden else 5
    policy = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    assert diagnostics_of(policy) == []
    shown, misled = [], []
    for mistake, *changes in LISTED[name][::every]:
        text = mistaken(policy, changes)
        diagnostics = diagnostics_of(text)
        assert diagnostics, f"{mistake}: nothing is reported"
        led = result(text, diagnostics)
        misled += [f"{mistake}: {led}"] if led.startswith("MISLED") else []
        shown.append(
            "\n".join([f"=== {mistake}", *(d.render() for d in diagnostics), f"   followed: {led}", ""])
        )
    assert misled == [], "\n".join(misled)
    golden = FOLDER / f"{name}.txt"
    if update_golden:
        golden.write_text("\n".join(shown), encoding="utf-8")
    written = golden.read_text(encoding="utf-8")
    assert [report for report in shown if report not in written] == []
    assert every > 1 or "\n".join(shown) == written
