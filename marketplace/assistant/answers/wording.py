"""Fills the placeholders of a wording with policy parameters and decision outputs."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from documents.diagnostics import did_you_mean
from engine import Bundle, Decision, Diagnostic, PolicyNotInForce, UnknownPolicy
from engine.expression.values import duration_words, show_value
from engine.policy.model import Parameter
from engine.policy.text_position import index_of
from marketplace.assistant.answers.topics import Topic, Topics, Wording

PLACE: Final = re.compile(r"\{([a-z_]+)(?:\.([a-z0-9_]+))?\}|[{}]")


def fill(text: str, *, bundle: Bundle, now: datetime, decision: Decision | None = None) -> str:
    """Raises LookupError for an unknown placeholder, which `check_wordings` finds beforehand."""

    def value(place: re.Match[str]) -> str:
        kind, name = place.groups()
        if kind == "message" and decision is not None:
            return decision.message
        if kind == "outputs" and decision is not None:
            return _shown(decision.outputs.get(name))
        parameter = _parameters(bundle, kind, now)[name]
        return show_value(parameter.value, parameter.type)

    return PLACE.sub(value, text)


def _shown(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%-d %B %Y, %H:%M} UTC"
    if isinstance(value, timedelta):
        return duration_words(value // timedelta(microseconds=1))
    return "the end of its time" if value is None else str(value)


def _parameters(bundle: Bundle, policy: str, now: datetime) -> Mapping[str, Parameter]:
    """Those that may be shown."""
    parameters = bundle.version_at(policy, now).validated.policy.parameters
    return {name: parameter for name, parameter in parameters.items() if parameter.show}


def check_wordings(
    topics: Topics, *, explainable: Mapping[str, str], bundle: Bundle, now: datetime
) -> list[Diagnostic]:
    """Finds unknown placeholders and rules that no policy has. `explainable` maps a topic's `about` to its policy."""
    problems: list[Diagnostic] = []
    for reply in (topics.greeting, topics.unknown):
        problems += _check(reply.wording, None, bundle, now)
    for topic in topics.topics.values():
        policy = explainable.get(topic.about)
        for wording in filter(None, [topic.general, topic.log_in, topic.none]):
            problems += _check(wording, None, bundle, now)
        for wording in topic.rules.values():
            problems += _check(wording, policy, bundle, now)
        problems += _check_rules(topic, policy, bundle, now)
    return problems


def _check_rules(topic: Topic, policy: str | None, bundle: Bundle, now: datetime) -> Iterator[Diagnostic]:
    if policy is None:
        return
    document = bundle.version_at(policy, now).validated.policy
    known = [*(rule.id for rule in document.rules), document.otherwise.id]
    for rule, wording in topic.rules.items():
        if rule not in known:
            message = f"the policy `{policy}` has no rule `{rule}`"
            yield wording.node.diagnostic("unknown-rule", message, did_you_mean(rule, known))


def _check(wording: Wording, policy: str | None, bundle: Bundle, now: datetime) -> Iterator[Diagnostic]:
    """`policy` is the one whose decision is explained, if any."""
    for place in PLACE.finditer(wording.text):
        if hint := _misfit(place, policy, bundle, now):
            at = index_of(wording.node, place.start())
            source = wording.node.source
            message = f"`{place.group()}` is not a known placeholder here"
            yield source.diagnostic(at, "unknown-place", message, hint, length=len(place.group()))


def _misfit(place: re.Match[str], policy: str | None, bundle: Bundle, now: datetime) -> str | None:
    """How to fix the placeholder, or None if it is valid."""
    kind, name = place.groups()
    if kind == "message" and name is None:
        return None if policy else "`{message}` can be used only under `rules`"
    try:
        known: Any
        if kind == "outputs":
            known = bundle.version_at(policy or "", now).validated.policy.outputs
        else:
            known = _parameters(bundle, kind or "", now)
    except (UnknownPolicy, PolicyNotInForce):
        return "write `{message}`, `{outputs.name}` or `{policy.parameter}`"
    return None if name in known else "only parameters with `show: true` can be quoted"
