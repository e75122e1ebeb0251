"""Read rules and `otherwise`: outcome, condition, message and source."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import get_args

from documents.diagnostics import shortened
from documents.nodes import Mapping, Node, Scalar, Sequence
from documents.quoting import in_quotes
from documents.reader import NAME, RULE_ID, Reader
from engine.policy.model import OBLIGATIONS, ForEach, Otherwise, Rule, Status, Text

RULE_KEYS = {
    "id": True,
    "for_each": False,
    "when": False,
    "unless": False,
    "then": True,
    "status": False,
    "set": False,
    "obligations": False,
    "message": False,
    "source": False,
}
OTHERWISE_KEYS = {
    "id": True,
    "then": True,
    "status": False,
    "set": False,
    "obligations": False,
    "message": False,
    "permit_because": False,
}
MAX_RULES = 1_000
_BETWEEN = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")
RESERVED_IDS = frozenset(["on-error"])


def read_rules(
    reader: Reader, node: Node | None, outcomes: tuple[str, ...], obligations: Collection[str]
) -> tuple[Rule, ...]:
    rules: dict[str, Rule] = {}
    for item in reader.items(node, "`rules`", most=MAX_RULES):
        rule = _rule(reader, item, outcomes, obligations)
        if rule and rule.id and rule.id in rules:
            reader.report(
                rule.id_node,
                "duplicate-rule",
                f"the rule id `{rule.id}` is given twice",
                _given_on(rules[rule.id].id_node),
            )
        if rule:
            rules[rule.id or f"unnamed {len(rules)}"] = rule
    return tuple(rules.values())


def _rule(reader: Reader, node: Node, outcomes: tuple[str, ...], known: Collection[str]) -> Rule | None:
    keys = reader.keys(node, "a rule", RULE_KEYS)
    if keys is None:
        return None
    id_ = _id(reader, keys.get("id"))
    then = read_outcome(reader, keys.get("then"), outcomes)
    when, unless = (read_condition(reader, keys.get(k), f"`{k}`") for k in ("when", "unless"))
    for_each = _for_each(reader, keys.get("for_each"))
    message, obligations = _message(reader, keys), _obligations(reader, keys, known)
    source = reader.text(keys.get("source"), "`source`")
    id_node, then_node = keys.get("id", node), keys.get("then", node)
    return Rule(
        id_ or "", then, node, id_node, then_node, when, unless, for_each, message, obligations, source,
        read_values(reader, keys.get("set"), "`set`"), _status(reader, keys.get("status")),
    )  # fmt: skip


def read_otherwise(
    reader: Reader,
    policy: Node,
    node: Node | None,
    outcomes: tuple[str, ...],
    known: Collection[str],
    rules: Collection[Rule],
) -> Otherwise:
    keys = reader.keys(node, "`otherwise`", OTHERWISE_KEYS) or {}
    id_ = _id(reader, keys.get("id"))
    then = read_outcome(reader, keys.get("then"), outcomes)
    if id_ and any(r.id == id_ for r in rules):
        reader.report(
            keys["id"],
            "duplicate-rule",
            f"the rule id `{id_}` is given twice",
            _given_on(next(r.id_node for r in rules if r.id == id_)),
        )
    because = reader.text(keys.get("permit_because"), "`permit_because`")
    message, obligations = _message(reader, keys), _obligations(reader, keys, known)
    node = node or policy
    sets = read_values(reader, keys.get("set"), "`set`")
    status = _status(reader, keys.get("status"))
    return Otherwise(
        id_ or "", then, node, keys.get("then", node), message, obligations, because, sets, status
    )


def _given_on(node: Node) -> str:
    return f"it is already on line {node.source.line_column(node.start)[0]}; choose another"


def read_outcome(reader: Reader, node: Node | None, outcomes: tuple[str, ...]) -> str:
    """Read an outcome. After a problem, the most restrictive one is the stand-in."""
    last = outcomes[-1] if outcomes else ""
    return (reader.choice(node, "an outcome of this policy", outcomes) or last) if outcomes else last


def read_condition(reader: Reader, node: Node | None, what: str) -> Text | None:
    """Read the text of a condition; a bare YAML `true` or `false` is valid too."""
    if node is None:
        return None
    if isinstance(node, Scalar) and (isinstance(node.value, str | bool)) and node.text.strip():
        return Text(node.text, node)
    if isinstance(node, Scalar) and not node.text.strip():
        hint = "write a condition, or delete the key"
        if what.startswith("the value of") and node.style:
            hint = f"write an expression, or `{in_quotes(chr(34) * 2)}` for an empty text"
        elif not what.startswith("`"):
            hint = "write a condition" if what.startswith("the condition") else "write an expression"
        reader.report(node, "empty-expression", f"{what} is empty", hint)
    else:
        kind = "condition" if what.startswith(("`", "the condition")) else "expression"
        hint = "write it on one line, or after `>-`"
        if isinstance(node, Sequence):
            hint = "join its parts with `&&` where all must hold, with `||` where one is enough"
            parts = [n.text for n in node.items if isinstance(n, Scalar)]
            if len(parts) == len(node.items) > 1 and len("".join(parts)) <= 80:
                all_of, one_of = (f" {sign} ".join(parts) for sign in ("&&", "||"))
                hint = f"write `{all_of}` where all must hold, `{one_of}` where one is enough"
            hint = hint if kind == "condition" else "write one expression, without the brackets"
        elif isinstance(node, Mapping):
            inner = next((v for k, v in node.entries if k.text in _INNER and isinstance(v, Scalar)), None)
            written = _all_of(node, inner) if inner else _within(node)
            hint = f"write the {kind} alone: `{written}`" if written else f"write the {kind} alone"
        elif kind == "condition":
            hint = "a number is no condition: compare it, or write it under `values`"
        reader.report(node, "not-text", f"{what} must be one {kind}", hint)
    return None


_JOINS = {
    **dict.fromkeys(("all", "all_of", "allof", "and", "every"), " && "),
    **dict.fromkeys(("any", "any_of", "anyof", "or", "some"), " || "),
}


def _within(node: Node, most: int = 3) -> str | None:
    """The condition of `{all: [a, b]}` or `{match: {expr: a}}`; None if it is long or deep."""
    if isinstance(node, Scalar):
        return node.text if len(node.text) <= 60 and "\n" not in node.text else None
    if most == 0 or not isinstance(node, Mapping) or len(node.entries) != 1:
        return None
    key, value = node.entries[0]
    if isinstance(value, Sequence) and (sign := _JOINS.get(key.text.lower())) and value.items:
        parts = [_within(item, most - 1) for item in value.items]
        joined = sign.join(part for part in parts if part is not None)
        return joined if None not in parts and len(joined) <= 100 else None
    if key.text.lower() in ("not", "none"):
        inner = _within(value, most - 1)
        return f"!({inner})" if inner else None
    return _within(value, most - 1) if isinstance(value, Mapping) or key.text in _INNER else None


def _all_of(node: Mapping, inner: Scalar) -> str | None:
    """An expression inside `{…}`, in which YAML reads the text after a comma as another key; None if it is long."""
    text, rest = inner.text, node.source.text[inner.end : node.end]
    for part in re.findall(r"[^)]*\)", rest) if not inner.style else ():
        if text.count("(") <= text.count(")"):
            break
        text += part
    if len(text) > 80 or "\n" in text or text.count("(") != text.count(")"):
        return None
    return f"'{text}'" if "," in text and "'" not in text else text


_INNER = ("value", "when", "if", "condition", "expression", "expr", "formula")


def _id(reader: Reader, node: Node | None) -> str | None:
    if node is None:
        return None
    if (
        isinstance(node, Scalar)
        and RULE_ID.fullmatch(node.text)
        and len(node.text) <= 64
        and node.text not in RESERVED_IDS
    ):
        return node.text
    shown = (
        f"`{shortened(node.text)}` is not a rule id" if isinstance(node, Scalar) else "this is not a rule id"
    )
    hint = "use lower-case words joined by `-`, such as `seller-must-confirm`"
    if isinstance(node, Scalar) and RULE_ID.fullmatch(
        spelled := _BETWEEN.sub("-", node.text.strip()).lower()
    ):
        hint = f"write `{spelled}`: lower-case words joined by `-`"
    if isinstance(node, Scalar) and node.text in RESERVED_IDS:
        hint = "this one is kept for facts that do not fit; choose another"
    reader.report(node, "bad-rule-id", shown, hint)
    return None


def _message(reader: Reader, keys: dict[str, Node]) -> Text | None:
    node = keys.get("message")
    text = reader.text(node, "`message`")
    return Text(text, node) if text is not None and isinstance(node, Scalar) else None


def _status(reader: Reader, node: Node | None) -> Status | None:
    status = reader.choice(node, "`conflict` or `forbidden`", get_args(Status), STATUS_WORDS)
    return "conflict" if status == "conflict" else "forbidden" if status else None


STATUS_WORDS = {
    **dict.fromkeys(("409", "412", "422"), "write `conflict`; the service answers it with 409"),
    **dict.fromkeys(
        ("403", "401", "denied", "unauthorized", "not_allowed"),
        "write `forbidden`; the service answers it with 403",
    ),
    "": "write `conflict` (409) where the present state is why, `forbidden` (403) where the person is",
}
"""The hints for words other than the two valid ones; the empty key is the fallback."""


def read_values(reader: Reader, node: Node | None, section: str) -> dict[str, Text]:
    """Read expressions by name."""
    values = {}
    for name, _, value in reader.named(node, section):
        text = _read_value(reader, value, f"the value of `{name}`")
        if text:
            values[name] = text
    return values


def _read_value(reader: Reader, node: Node, what: str) -> Text | None:
    """Read the text of an expression; a bare YAML number or `null` is valid too."""
    if isinstance(node, Scalar) and (isinstance(node.value, int | float) or node.text == "null"):
        return Text(node.text, node)
    return read_condition(reader, node, what)


def _obligations(reader: Reader, keys: dict[str, Node], known: Collection[str]) -> tuple[str, ...]:
    node = keys.get("obligations")
    items = reader.items(node, "`obligations`")
    if node is not None and items and not known:
        reader.report(
            node, "unknown-value", "the policy declares no obligation", "name it in `obligations` above"
        )
        return ()
    obligations = (
        reader.choice(n, "an obligation of this policy", known, _undeclared(n, known)) for n in items
    )
    return tuple(dict.fromkeys(o for o in obligations if o is not None))


def _undeclared(node: Node, known: Collection[str]) -> dict[str, str]:
    """The hint for an obligation that the policy does not declare but could."""
    name = node.text[:40] if isinstance(node, Scalar) else "…"
    one_of = "use one of these: " + ", ".join(f"`{o}`" for o in known)
    if known is OBLIGATIONS:
        return {"": f"{one_of}; or declare all that the rules give, at the top: `obligations: [{name}, …]`"}
    return {"": f"{one_of}; or add `{name}` to `obligations` at the top"}


def _for_each(reader: Reader, node: Node | None) -> ForEach | None:
    """Read `for_each`. After a problem, a row without a table is the stand-in, under the usual name."""
    if node is None:
        return None
    if isinstance(node, Mapping) and len(node.entries) == 1:
        key, table = node.entries[0]
        if isinstance(table, Scalar):
            reader.is_name(key)
            return ForEach(key.text, table.text, table)
    hint = "write `{row: …}`, with the name of a table"
    if isinstance(node, Sequence) and len(node.items) == 1 and isinstance(node.items[0], Scalar):
        hint = f"write `{{row: {node.items[0].text[:40]}}}`"
    if isinstance(node, Scalar) and node.text:
        within = re.fullmatch(r"([a-z_]\w*)\s+(?:in|of|from)\s+([a-z_]\w*)", node.text)
        row, name = within.groups() if within else ("row", node.text[:40])
        hint = f"write `{{{row}: {name}}}`"
        if NAME.fullmatch(name):
            reader.report(node, "bad-for-each", "`for_each` needs a name for the row, and the table", hint)
            return ForEach(row, name, node)
    reader.report(node, "bad-for-each", "`for_each` needs one name and one table", hint)
    return ForEach("row", "", node)
