"""What no expression can read: outputs, the outcome, and which rule decides. What to write instead."""

from __future__ import annotations

import re

from engine.expression.problem import ExpressionProblem
from engine.expression.types import Type
from engine.policy.model import Otherwise, Policy, Rule, Text

_MAYBE_TEXT = ("declare it", "did you mean")
_CALLS_AND_TEXTS = re.compile(r"\w+\(|\"[^\"]*\"|\b(?:true|false|null)\b")
_NAMES = re.compile(r"[a-z]\w*")


def explain_unknown(policy: Policy, problem: ExpressionProblem, text: Text, expected: Type | None) -> None:
    """Explain an unknown name that the policy knows as an outcome or a rule, or that may be a text."""
    parts: list[Rule | Otherwise] = [*policy.rules, policy.otherwise]
    name = problem.message.split("`")[1]
    start, end = problem.span
    while re.match(r"[\w-]", text.text[end : end + 1]):
        end += 1
    while re.match(r"[\w-]", text.text[start - 1 : start]) and start:
        start -= 1
    rule = next((part for part in parts if part.id == text.text[start:end]), None)
    if rule is not None:
        problem.span = (start, end)
        problem.message = f"`{rule.id}` is a rule, and no expression can read which rule decides"
        problem.hint = _tests(rule, "when it applies") or "test the facts that it tests"
    elif name in policy.outcomes or name in ("outcome", "decision"):
        subject = f"`{name}` is an outcome, and no" if name in policy.outcomes else "no"
        problem.message = f"{subject} expression can read the outcome"
        giving = (r for r in policy.rules if r.then == name and text.text[end : end + 1] != ".")
        hints = (_tests(r, f"when `{r.id}` gives it") for r in giving)
        problem.hint = next(filter(None, hints), "test the facts that the rules test")
    elif expected is not None and expected.kind == "string" and (problem.hint or "").startswith(_MAYBE_TEXT):
        problem.hint = f'quote it if it is text: `"{name}"`'


def _tests(rule: Rule | Otherwise, why: str) -> str | None:
    """The hint to write the condition of a rule, if it reads no row."""
    if not isinstance(rule, Rule) or rule.for_each is not None or rule.when is None:
        return None
    return _written_instead(rule.when, why)


def instead_of_output(policy: Policy, name: str, what: str, where: Text) -> str | None:
    """What to write instead of an output: what it is computed from, where that can be read."""
    output = policy.outputs[name]
    named = quoted_in(what) if what.startswith(("the value", "the condition")) else None
    if output.value is not None:
        unusable = _reads(policy, output.value.text, named) or _reads_output(policy, output.value)
        return None if unusable else _written_instead(output.value, "which is its value")
    parts: list[Rule | Otherwise] = [*policy.rules, policy.otherwise]
    setters = [part for part in parts if name in part.sets and part.sets[name] is not where]
    if not setters:
        return "no rule sets it: delete the test"
    setter = next((part for part in setters if not _reads_row(part, name)), setters[0])
    text, each = setter.sets[name], setter.for_each if isinstance(setter, Rule) else None
    if _reads(policy, text.text, named) or _reads_output(policy, text):
        return None
    more = "; other rules set it too" if setters[1:] else ""
    if output.type.kind == "enum" or not _NAMES.search(_CALLS_AND_TEXTS.sub("", text.text)):
        tested = _tests(setter, "") or ""
        shown = f": {tested.removeprefix('write ')}" if tested else ""
        return f"test what `{setter.id}` tests, which sets it{shown}{more}"
    instead = _written_instead(text, f"to which `{setter.id}` sets it{more}")
    if each is None or instead is None or not _reads_row(setter, name):
        return instead
    same_rows = f"`for_each: {{{each.variable}: {each.parameter}}}`"
    reader = next((rule for rule in policy.rules if what == f"the rule `{rule.id}`"), None)
    if reader is not None and reader.for_each is not None and reader.for_each.parameter == each.parameter:
        return instead
    if reader is not None and reader.for_each is None:
        return f"give this rule {same_rows} too, and {_written_instead(text, '')} for it"
    return f"only a rule with {same_rows} can test it: {_written_instead(text, '')} there"


def _reads(policy: Policy, text: str, named: str | None) -> bool:
    """Whether an expression reads a value or condition, also through others."""
    seen: set[str] = set()
    unread = [text] if named is not None else []
    while unread:
        new = set(_NAMES.findall(unread.pop())) & policy.named.keys() - seen
        seen |= new
        unread += [policy.named[name].text for name in new]
    return named in seen


def _reads_output(policy: Policy, text: Text) -> bool:
    """Whether an expression makes the same mistake: it reads an output."""
    names = policy.facts.keys() | policy.parameters.keys() | policy.named.keys()
    return bool(set(_NAMES.findall(text.text)) & (policy.outputs.keys() - names))


def _reads_row(part: Rule | Otherwise, output: str) -> bool:
    """Whether a rule sets an output from its row."""
    each = part.for_each if isinstance(part, Rule) else None
    return each is not None and re.search(rf"\b{each.variable}\.", part.sets[output].text) is not None


def _written_instead(text: Text, why: str) -> str | None:
    """The hint to write an expression, if it is short."""
    line = " ".join(text.text.split())
    if len(line) > 90 or "`" in line:
        return None
    return f"write `{line}`, {why}" if why else f"write `{line}`"


def quoted_in(what: str) -> str:
    """The name in `the output `fee``."""
    return what.rpartition("`")[0].rpartition("`")[2]
