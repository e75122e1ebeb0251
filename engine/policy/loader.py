"""The first verb: text to policies. Read everything and report every problem; conditions stay text."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import cast, get_args

from documents.diagnostics import Diagnostic, in_order
from documents.nodes import Mapping, Node, Scalar, Sequence, digest_of, parse_documents
from documents.reader import NAME, Reader, is_unclear
from documents.source import Source
from engine.expression.quantity import format_timestamp, no_such_moment, parse_timestamp, why_no_timestamp
from engine.expression.types import DAY, ERROR, SCALARS, TEXTUAL, Type, article
from engine.expression.values import format_value
from engine.policy.access import Access
from engine.policy.bare_types import bare_type
from engine.policy.key_words import PolicyReader
from engine.policy.model import OBLIGATIONS, Fact, Hit, Output, Parameter, Policy, Text
from engine.policy.parameter_reader import read_parameter
from engine.policy.rule_reader import read_condition, read_otherwise, read_outcome, read_rules, read_values
from engine.policy.type_reader import optional_type, read_type
from engine.policy.value_reader import read_value, scalar_value
from engine.policy.version_check import check_versions

KEYS = {
    "policy": True,
    "version": True,
    "revision": False,
    "effective_from": True,
    "effective_until": False,
    "withdrawn": False,
    "gap_because": False,
    "in_force_by": False,
    "owner": False,
    "summary": False,
    "source": False,
    "facts": True,
    "parameters": False,
    "values": False,
    "conditions": False,
    "outcomes": True,
    "on_error": True,
    "hit": False,
    "obligations": False,
    "rules": True,
    "otherwise": True,
    "outputs": False,
}
OUTPUT_KEYS = {"type": True, "value": False, "default": False}
FACT_KEYS = {"private": False, "show": False, "fixed": False, "help": False}


def load(source: Source) -> tuple[tuple[Policy, ...], tuple[Diagnostic, ...]]:
    """Return the versions of a policy in one file, in order, and every problem.

    After an error, stand-ins replace what could not be read. Such policies are good only for finding more problems.
    """
    documents, problems = parse_documents(source)
    reader = PolicyReader()
    if not documents and not problems:
        problems.append(
            source.diagnostic(0, "empty-file", "the file holds no policy", "delete it, or write one")
        )
    policies = []
    for number, document in enumerate(documents, 1):
        reader.examples = {**PolicyReader.examples, "version": f"version: {number}"}
        policies += [policy] if (policy := _version(reader, document, documents[0])) else []
    check_versions(reader, policies)
    texts = {(p.line, p.column) for p in reader.problems if p.code in ("not-text", "yaml-comma")}
    merged = [p for p in problems if p.code == "yaml-merge"]
    problems = [
        p
        for p in problems
        if not (p.code == "ambiguous-boolean" and (p.line, p.column) in texts)
        and not (p.code == "yaml-alias" and any(p.line == other.line for other in merged))
        and not (p.code == "yaml-comma" and any(_covers(other, p) for other in reader.problems))
    ]
    refused = {(p.line, p.column) for p in problems}
    problems += [p for p in reader.problems if (p.line, p.column) not in refused]
    return tuple(policies), in_order(problems)


def _covers(outer: Diagnostic, inner: Diagnostic) -> bool:
    return outer.line == inner.line and outer.column < inner.column < outer.column + outer.length


def _version(reader: PolicyReader, node: Node, first: Node) -> Policy | None:
    """Report a version that states only its changes once, not key by key."""
    given = {k.text for k, _ in node.entries} if isinstance(node, Mapping) else set()
    missing = [key for key, needed in KEYS.items() if needed and key not in given]
    is_part = len(missing) > 1 or bool(_BODY & set(missing))
    if node is first or not {"policy", "version"} & given or not given <= KEYS.keys() or not is_part:
        return _policy(reader, node)
    listed = ", ".join(f"`{key}`" for key in missing)
    message = f"each version is a whole policy, and this one lacks the key{'s' * (len(missing) > 1)} {listed}"
    reader.report(node, "missing-key", message, "copy the version above, and change in the copy what is new")
    return None


_BODY = {"facts", "outcomes", "rules"}
"""Without one of these, nothing else in a version can be read."""


def _policy(reader: PolicyReader, node: Node) -> Policy | None:
    given = node.get("outputs") if isinstance(node, Mapping) else None
    reader.outputs = {key.text for key, _ in given.entries} if isinstance(given, Mapping) else set()
    keys = reader.keys(node, "a policy", KEYS)
    if keys is None:
        return None
    name = _name(reader, keys.get("policy"))
    version = reader.integer(keys.get("version"), "`version`", 1, 1_000_000)
    revision = reader.integer(keys.get("revision"), "`revision`", 1, 1_000_000)
    effective_from, effective_until = (
        _moment(reader, keys.get(key), f"`{key}`") for key in ("effective_from", "effective_until")
    )
    outcomes = _outcomes(reader, keys.get("outcomes"))
    on_error = read_outcome(reader, keys.get("on_error"), outcomes)
    obligations = _declared_obligations(reader, keys.get("obligations"))
    rules = read_rules(reader, keys.get("rules"), outcomes, obligations)
    otherwise = read_otherwise(reader, node, keys.get("otherwise"), outcomes, obligations, rules)
    hit = reader.choice(keys.get("hit"), "`first`, `worst` or `unique`", get_args(Hit), _HITS) or "first"
    words = {k: _reason(reader, k, keys.get(k)) for k in _WORDS}
    facts = {name: _fact(reader, name, n) for name, _, n in reader.named(keys.get("facts"), "`facts`")}
    parameters = _parameters(reader, keys.get("parameters"))
    conditions = _conditions(reader, keys.get("conditions"))
    outputs = {
        n: output
        for n, _, v in reader.named(keys.get("outputs"), "`outputs`")
        if (output := _output(reader, n, v))
    }
    values = read_values(reader, keys.get("values"), "`values`")
    sections = [keys.get(k) for k in ("facts", "parameters", "values", "conditions")]
    declared = {k.text for s in sections if isinstance(s, Mapping) for k, _ in s.entries}
    unknown = [v for k, v in node.entries if k.text not in KEYS] if isinstance(node, Mapping) else []
    incomplete = any(isinstance(n, Mapping) for n in unknown) or any(
        n is not None and not isinstance(n, Mapping) for n in sections
    )
    return Policy(
        name or "", version or 0, effective_from or 0, digest_of(node), node, outcomes, on_error, otherwise,
        cast("Hit", hit), words["owner"], words["summary"], words["source"],
        facts, parameters, conditions, outputs, rules, obligations,
        frozenset(declared - facts.keys() - parameters.keys() - values.keys() - conditions.keys()), incomplete, values,
        revision or 0, words["in_force_by"], effective_until, words["withdrawn"], words["gap_because"],
    )  # fmt: skip


_WORDS = ("owner", "summary", "source", "in_force_by", "withdrawn", "gap_because")


_ONE_DECIDES = "one rule decides: write `first` or `unique`, and add amounts up in a value, with `sum(…)`"
_HITS = {
    **dict.fromkeys(
        ("u", "a", "any", "single"), "write `unique`: two rules that answer differently never apply together"
    ),
    **dict.fromkeys(("f", "first match", "firstmatch"), "write `first`: the first rule that applies decides"),
    **dict.fromkeys(
        ("p", "priority"), "write `worst`: of the rules that apply, the most restrictive outcome decides"
    ),
    **dict.fromkeys(
        ("c", "c+", "c<", "c>", "c#", "collect", "all", "sum", "r", "o", "rule order", "output order"),
        _ONE_DECIDES,
    ),
    "": "`first`: the first rule that applies decides; `worst`: the one with the most restrictive outcome; "
    "`unique`: two that answer differently never apply together",
}


def _reason(reader: Reader, key: str, node: Node | None) -> str | None:
    """A text of the policy. The reason of a withdrawal or a gap is not its moment."""
    if key == "in_force_by" and isinstance(node, Scalar) and node.text.lower() in {*_NOT_SO, ""}:
        hint = "delete the key: without it the moment of the decision chooses the version"
        reader.report(node, "not-text", "`in_force_by` names a fact", hint)
        return None
    if key in ("withdrawn", "gap_because") and isinstance(node, Scalar):
        if node.text.lower() in _NOT_SO and not node.style:
            hint = "delete the key: without it this version is not withdrawn"
            if key == "gap_because":
                hint = f"such as `{reader.examples[key]}`; or delete the key, if there is no gap"
            reader.report(node, "not-text", f"`{key}` says why, in words", hint)
            return None
        is_moment = re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\S*", node.text) is not None
        if is_moment or (not node.style and node.text.lower() in ("yes", "on", "true")):
            message = f"`{key}` says why, not when" if is_moment else f"`{key}` says why, in words"
            reader.report(node, "not-text", message, f"such as `{reader.examples[key]}`")
            return None
    return reader.text(node, f"`{key}`")


_NOT_SO = frozenset(["false", "no", "off", "null", "none", "~"])


def _declared_obligations(reader: Reader, node: Node | None) -> tuple[str, ...]:
    """The obligations that a policy declares; without a declaration, the five that existed before the key was added."""
    if node is None:
        return OBLIGATIONS
    named = [item for item in reader.items(node, "`obligations`") if _is_obligation(reader, item)]
    return reader.words(replace(node, items=named), "`obligations`") if isinstance(node, Sequence) else ()


def _is_obligation(reader: Reader, node: Node) -> bool:
    if isinstance(node, Scalar):
        return reader.is_name(node)
    reader.report(node, "bad-name", "an obligation is a name", "for example `send_mail`")
    return False


def _name(reader: Reader, node: Node | None) -> str | None:
    if isinstance(node, Scalar) and reader.is_name(node):
        return node.text
    if node is not None and not isinstance(node, Scalar):
        reader.report(node, "bad-name", "`policy` must be a name", None)
    return None


def _moment(reader: Reader, node: Node | None, what: str) -> int | None:
    if node is None:
        return None
    value = scalar_value(node, Type("timestamp")) if isinstance(node, Scalar) else None
    if not isinstance(value, int):
        hint = why_no_timestamp(node.text) if isinstance(node, Scalar) else "such as `2026-01-01T00:00:00Z`"
        if isinstance(node, Scalar) and node.text.lower() in _NO_MOMENT:
            hint = "write a moment such as `2026-01-01T00:00:00Z`"
            if what == "`effective_until`":
                hint = "delete the key: without it a version has no end of its own"
        missing = no_such_moment(node.text) if isinstance(node, Scalar) else None
        if what == "`effective_until`" and isinstance(node, Scalar) and missing is None:
            hint = _after_last_day(hint) or hint
        message = missing[0] if missing else f"{what} must be a moment with its offset"
        reader.report(node, "bad-timestamp", message, hint)
        return None
    return value


_MIDNIGHT = re.compile(r"`([0-9]{4}-[0-9]{2}-[0-9]{2})(T00:00:00Z)`")


def _after_last_day(hint: str) -> str | None:
    """The hint for a day without a time as the end of a version, which probably means the last day."""
    shown = _MIDNIGHT.search(hint)
    if shown is None or "such as" in hint or (day := parse_timestamp(shown[1] + shown[2])) is None:
        return None
    end, begin = format_timestamp(day + DAY), format_timestamp(day)
    return (
        f"write `{end}` if that day is the last one, since the end is not included, or `{begin}` if it is not"
    )


_NO_MOMENT = frozenset(["", "null", "never", "none", "forever", "infinity"])


def _outcomes(reader: Reader, node: Node | None) -> tuple[str, ...]:
    before = len(reader.problems)
    outcomes = reader.words(node, "`outcomes`")
    if len(reader.problems) > before:
        return ()
    if isinstance(node, Sequence) and len(outcomes) < 2:
        hint = "from the most permissive to the most restrictive, such as `[allow, deny]`"
        reader.report(node, "bad-outcomes", "a policy needs at least two outcomes", hint)
        return ()
    return outcomes


def _fact(reader: Reader, name: str, node: Node) -> Fact:
    before = len(reader.problems)
    type_ = read_type(
        reader, node, f"the fact `{name}`", FACT_KEYS, bounded=True, record=True, access=Access(name)
    )
    if type_ is None or len(reader.problems) > before:
        return Fact(name, ERROR, node)
    keys = {k.text: v for k, v in node.entries} if isinstance(node, Mapping) else {}
    private, show, fixed = (reader.flag(keys.get(k), f"`{k}`") for k in ("private", "show", "fixed"))
    show = show or is_unclear(keys.get("show"))
    if private and show:
        reader.report(
            keys["show"],
            "private-and-show",
            f"the fact `{name}` is private and cannot be shown",
            "delete one of the two",
        )
    return Fact(name, type_, node, private, show, fixed, reader.text(keys.get("help"), "`help`"))


def _parameters(reader: Reader, node: Node | None) -> dict[str, Parameter]:
    entries = reader.named(node, "`parameters`")
    return {name: read_parameter(reader, name, n) or Parameter(name, ERROR, n) for name, _, n in entries}


def _conditions(reader: Reader, node: Node | None) -> dict[str, Text]:
    entries = reader.named(node, "`conditions`")
    return {
        name: text for name, _, n in entries if (text := read_condition(reader, n, f"the condition `{name}`"))
    }


def _output(reader: Reader, name: str, node: Node) -> Output | None:
    what = f"the output `{name}`"
    if isinstance(node, Scalar) and node.text.removesuffix("?") in SCALARS:
        also = "" if node.text.endswith("?") else ", default: …"
        hint = f"write `{{type: {_in_braces(node.text)}{also}}}`"
        reader.report(node, "not-a-mapping", f"{what} must be a mapping of keys to values", hint)
        return Output(name, ERROR, node)
    if isinstance(node, Scalar) and node.text.strip():
        shown = f"{{type: …, value: {_in_braces(node.text)}}}"
        message = f"{what} must be a mapping of keys to values"
        reader.report(node, "not-a-mapping", message, f"write `{shown}`, with its type")
        return Output(name, ERROR, node)
    if isinstance(node, Mapping) and (bare := bare_type(node)) and not bare[2].startswith("{"):
        place, key, written = bare
        written = written if written.startswith("type") else f"type: {{{written}}}"
        message = f"the type of an output stands under `type`, and `{key}` is no key"
        reader.report(place, "unknown-key", message, f"write `{written}`")
        return Output(name, ERROR, node)
    if isinstance(node, Mapping) and (shaped := _shaped(node)):
        place, key, hint = shaped
        reader.report(place, "unknown-key", f"the type of an output stands under `type`, not `{key}`", hint)
        return Output(name, ERROR, node)
    keys = reader.keys(node, what, {**OUTPUT_KEYS, "type": False})  # reported with the type of the value
    if keys is None:
        return Output(name, ERROR, node)
    if "type" not in keys:
        return Output(name, ERROR, node, read_condition(reader, keys.get("value"), what))
    type_ = read_type(reader, keys["type"], what, {})
    if type_ is None:
        return Output(name, ERROR, node)
    if "value" not in keys:
        default = keys.get("default")
        without_default = replace(
            type_, optional=True
        )  # so that rules need not set it: its default is reported
        if isinstance(default, Scalar) and _is_nothing(default, type_):
            hint = f"for an output that may be missing, write `type: {optional_type(type_)}` and delete `default`"
            if default.value is not None and type_.kind in ("int", "decimal", "double"):
                hint = f"write an amount such as `{format_value(0, type_)}`; {hint}"
            message = f"the default of {what} must be {article(type_.required())}"
            reader.report(default, "wrong-value", message, hint)
            return Output(name, without_default, node)
        if isinstance(default, Scalar) and _is_expression(default, type_):
            hint = f"write a fixed value; what depends on the facts is given by a rule, with `set: {{{name}: {default.text}}}`"
            message = f"the default of {what} must be {article(type_.required())}, the same for all facts"
            reader.report(default, "wrong-value", message, hint)
            return Output(name, without_default, node)
        given = None if default is None else read_value(reader, default, type_.required(), what)
        broken = default is not None and given is None
        return Output(name, without_default if broken else type_, node, None, given)
    if "default" in keys:
        hint = "delete `default`, or delete `value` and let rules `set` the output"
        reader.report(
            keys["default"], "needless-default", f"{what} has a `value`, so it needs no default", hint
        )
    value = read_condition(reader, keys["value"], what)
    return Output(name, type_, node, value) if value else Output(name, ERROR, node)


def _shaped(node: Mapping) -> tuple[Node, str, str] | None:
    """The key `decimal`, `enum` or `list` of an output, which facts have at this place, and how to write it."""
    for key, value in node.entries:
        if key.text == "record":
            return key, key.text, "an output is not a record: make each field that is needed an output"
        if key.text in ("decimal", "enum", "list"):
            written = node.source.text[value.start : value.end]
            if "\n" in written or len(written) > 60:
                return key, key.text, f"write `type: {{{key.text}: …}}`"
            place = Node(node.source, key.start, value.end)
            return place, key.text, f"write `type: {{{key.text}: {written}}}`"
    return None


_NOTHING = frozenset(["none", "nil", "nothing", "undefined", "n/a", "-"])


def _is_nothing(node: Scalar, type_: Type) -> bool:
    """Whether a default says that there is none."""
    return node.value is None or (type_.kind not in TEXTUAL and node.text.lower() in _NOTHING)


def _is_expression(node: Scalar, type_: Type) -> bool:
    """Whether a default looks like the name of a fact, or a computation."""
    text = node.text
    computes = NAME.fullmatch(text) is not None or (
        re.search(r"[a-z]\w* [*+-] |[a-z]\w*\(", text) is not None
    )
    return isinstance(node.value, str) and not node.style and computes and type_.kind not in TEXTUAL


def _in_braces(text: str) -> str:
    """A text inside `{…}`, where other YAML tools end it at a `?`."""
    return f'"{text}"' if re.search(r"[?,:#\[\]{}]", text) and '"' not in text else text
