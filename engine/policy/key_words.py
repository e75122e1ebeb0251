"""Common wrong names for the keys of policy and case files, and the correct key for each."""

from __future__ import annotations

import re
from collections.abc import Set

from documents.nodes import Mapping, Node, Scalar, Sequence
from documents.reader import NAME, Reader

_RANGES = frozenset(["range", "between", "bounds", "interval", "limits", "within", "min_max", "minmax"])
_TO = re.compile(r"\s*(-?[\w.:+]+?)\s*(?:\.\.\.?|–|\bto\b|\band\b|-|,)\s*(-?[\w.:+]+)\s*")


def _ends(value: Node) -> list[str] | None:
    """The lower and upper bound in `[0, 100]`, `0..100` or `{min: 0, max: 100}`."""
    items: list[Node] = value.items if isinstance(value, Sequence) else []
    if isinstance(value, Mapping):
        items = [item for _, item in value.entries]
    if isinstance(value, Scalar):
        match = _TO.fullmatch(value.text.strip("[]() "))
        return [*match.groups()] if match else None
    ends = [item.text for item in items if isinstance(item, Scalar)]
    return ends if len(ends) == len(items) == 2 else None


class PolicyReader(Reader):
    outputs: Set[str] = frozenset()
    """The outputs of the version that is being read."""
    elsewhere = {
        "when": ("if", "condition", "where", "test", "applies", "only_if"),
        "unless": ("except", "if_not", "except_if", "exceptions"),
        "otherwise": ("else", "default", "fallback", "catch_all"),
        "on_error": ("on_failure", "error", "errors", "onerror", "if_error"),
        "outcome": ("then", "decision", "result"),
        "then": ("outcome", "decision", "result", "action", "do", "effect"),
        "set": ("output", "outputs", "sets", "values", "assign", "gives", "returns"),
        "id": ("name", "rule", "key", "title"),
        "at": ("now", "time", "date", "moment"),
        "given": ("facts", "input", "inputs"),
        "facts": ("given", "input", "inputs", "fields", "data"),
        "parameters": ("params", "constants", "variables", "settings", "knobs"),
        "values": ("derived", "computed", "calculated", "let"),
        "conditions": ("definitions", "predicates", "tests"),
        "outcomes": ("decisions", "results", "actions", "effects"),
        "outputs": ("returns", "set", "sets"),
        "rules": ("checks", "statements"),
        "policy": ("name", "id"),
        "version": ("number",),
        "effective_from": (
            "from",
            "since",
            "valid_from",
            "start",
            "starts",
            "effective",
            "effective_at",
            "date",
        ),
        "effective_until": ("valid_until", "until", "expires", "end", "ends", "effective_to"),
        "revision": ("correction", "patch"),
        "withdrawn": ("deprecated", "revoked", "cancelled", "canceled", "retracted"),
        "in_force_by": ("chosen_by", "version_by", "grandfathered_by", "grandfather", "grandfathering"),
        "hit": ("hit_policy", "hitpolicy"),
        "expect": ("expected", "expects", "then", "result", "should"),
        "message": ("text", "says", "msg", "reason_text", "tell"),
        "obligations": ("duties", "actions", "side_effects", "effects"),
        "for_each": ("each", "for", "loop", "over", "for_all"),
        "status": ("code", "http_status", "status_code", "http"),
        "source": ("author", "decided_by", "origin", "reference", "ref", "because", "reason", "authority"),
        "permit_because": ("because", "reason", "why"),
        "summary": ("description", "about", "title", "changes", "changelog"),
        "owner": ("team", "maintainer", "responsible", "contact"),
        "help": ("description", "comment", "about", "note", "doc"),
        "value": ("default", "expression", "expr", "formula", "calculate", "is"),
        "type": ("kind", "datatype", "data_type"),
        "default": ("initial", "fallback", "otherwise"),
        "optional": ("nullable", "null"),
        "private": ("secret", "hidden", "personal", "sensitive", "confidential", "pii"),
        "show": ("visible", "public", "shown", "display"),
        "fixed": ("immutable", "constant", "readonly", "read_only", "unchangeable"),
        "min": ("minimum", "lowest", "at_least", "lower", "gte", "ge", "from"),
        "max": ("maximum", "highest", "at_most", "upper", "lte", "le", "to", "limit"),
        "max_length": ("length", "maxlength", "max_len", "max_size", "maximum_length", "size"),
        "max_items": ("maxitems", "max_count", "max_size", "maximum_items", "count"),
        "enum": ("values", "options", "oneof", "one_of", "choices", "members"),
        "list": ("items", "array", "item"),
        "table": ("columns", "header"),
        "rows": ("values", "data", "entries", "lines"),
        "key": ("keys", "primary_key", "id", "unique"),
        "with": ("parameters", "settings"),
        "rule": ("id", "reason"),
        "cases": ("tests", "examples", "scenarios"),
        "use": ("fixture", "uses"),
        "without": ("omit", "missing", "except"),
        "skip": ("disabled", "ignore", "skipped"),
        "tags": ("labels",),
    }
    _unbounded = "only facts and parameters have bounds: delete it, or test it in a rule"
    _order = "rules are tried from top to bottom: put the one that goes first further up"
    refused = {
        **dict.fromkeys(("min", "max"), _unbounded),
        "default": "a fact has no default: let its type end in `?`, and test it against null",
        "required": "every fact must be given, unless its type ends in `?`",
        **dict.fromkeys(("priority", "order", "weight", "rank"), _order),
        **dict.fromkeys(("and", "or", "not", "all", "any"), "write one condition, with `&&`, `||` and `!`"),
        **dict.fromkeys(
            ("places", "scale", "decimals", "precision"),
            "delete it: `decimal` is the number of decimal places",
        ),
        **dict.fromkeys(
            ("private", "show"), "only a whole fact is private or shown: write it beside `record` or `list`"
        ),
        **dict.fromkeys(
            ("extends", "based_on", "inherits", "replaces", "supersedes"),
            "each version is a whole policy: copy the version above, and change in the copy what is new",
        ),
        **dict.fromkeys(("help", "description", "note", "comment"), "write a comment, behind a `#`"),
        **dict.fromkeys(
            ("a case file version", "a case version"),
            "delete it: the version in force at the moment `at` decides",
        ),
        "expect values": "what a rule sets is expected under `outputs`",
        "a policy default": "write what happens if no rule applies in `otherwise`, below the rules",
        **dict.fromkeys(
            ("a policy draft", "a policy status", "a policy state", "a policy enabled", "a policy active"),
            "delete it: a version is in force from its `effective_from` on, and never if `withdrawn` says why",
        ),
        "a policy versions": "each version is a whole policy in this file, below a line `---`",
        "a rule else": "write what happens if no rule applies in `otherwise`, below the rules",
        "a rule otherwise": "write what happens if no rule applies in `otherwise`, below the rules",
    }

    def _unknown(self, node: Mapping, key: Scalar, value: Node, what: str) -> str | None:
        """Treat the name of an output in a rule as one that the rule sets."""
        written = node.source.text[value.start : value.end]
        if (
            what not in ("a rule", "`otherwise`")
            or key.text not in self.outputs
            or not written
            or "\n" in written
        ):
            return None
        if node.get("set") is not None:
            return f"it is an output: move it into `set`, as `{key.text}: {written[:60]}`"
        return f"it is an output: write `set: {{{key.text}: {written[:60]}}}`"

    def _rewritten(self, node: Mapping, key: Scalar, value: Node, free: list[str]) -> str | None:
        if key.text in ("unique", "first", "worst") and "hit" in free:
            return f"write `hit: {key.text}`"
        ends = _ends(value) if key.text.lower().replace("-", "_") in _RANGES else None
        declared = node.get("type")
        kind = declared.text.removesuffix("?") if isinstance(declared, Scalar) else ""
        kind = "list" if node.get("list") is not None else kind
        if ends is None or ends[0] == ends[1]:
            return None
        if kind in ("string", "list"):
            limit = "max_length" if kind == "string" else "max_items"
            return f"write `{limit}: {ends[1]}`" if limit in free and ends[1].isdecimal() else None
        return f"write `min: {ends[0]}, max: {ends[1]}`" if {"min", "max"} <= set(free) else None

    examples = {
        "policy": "policy: name_of_the_policy",
        "version": "version: 1",
        "effective_from": "effective_from: 2026-01-01T00:00:00Z",
        "effective_until": "effective_until: 2026-07-01T00:00:00Z",
        "withdrawn": "withdrawn: the prices in it were wrong",
        "gap_because": "gap_because: the campaign is over",
        "in_force_by": "in_force_by: booked_at",
        "facts": "facts: {amount: int}",
        "outcomes": "outcomes: [allow, deny]",
        "on_error": "on_error: …",
        "rules": "rules: [{id: too-much, when: amount > 100, then: …}]",
        "otherwise": "otherwise: {id: no-rule-applies, then: …}",
        "id": "id: too-much",
        "type": "type: string",
        "at": "at: 2026-03-01T12:00:00Z",
        "name": "name: what the case shows",
        "expect": "expect: {outcome: …, rule: …}",
        "outcome": "outcome: …",
        "rule": "rule: the-id-of-the-rule",
        "rows": "rows: [[…], […]]",
        "set": "set: {fee: 490}",
        "given": "given: {amount: 500}",
        "parameters": "parameters: {limit: {type: int, value: 100}}",
        "conditions": "conditions: {too_much: amount > 100}",
        "values": "values: {ends_at: now + days(30)}",
        "outputs": "outputs: {fee: {type: int, default: 0}}",
        "table": "table: {name: string, fee: int}",
        "with": "with: {limit: 50}",
        "fixtures": "fixtures: {usual: {amount: 500}}",
        "skip": "skip: waits for the new prices",
        "otherwise id": "id: no-rule-applies",
    }


class CaseReader(PolicyReader):
    examples = {**PolicyReader.examples, "facts": "facts: {amount: 500}"}

    def _dotted(self, name: str, what: str) -> str | None:
        record, _, field = name.partition(".")
        if not (NAME.fullmatch(record) and NAME.fullmatch(field)):
            return None
        return f"a record is given with all its fields: write `{record}: {{{field}: …}}`"

    def _unknown(self, node: Mapping, key: Scalar, value: Node, what: str) -> str | None:
        """Treat an unknown key in `expect` as an output that belongs one level deeper."""
        if what != "`expect`" or not NAME.fullmatch(key.text) or value.start == value.end:
            return None
        written = node.source.text[value.start : value.end]
        shown = f"{key.text}: {written if len(written) <= 60 and chr(10) not in written else '…'}"
        if node.get("outputs") is not None:
            return f"if it is an output, move it into `outputs`: `{shown}`"
        return f"if it is an output, write `outputs: {{{shown}}}`, with the policy's other outputs beside it"
