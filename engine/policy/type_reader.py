"""Read declarations of types."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from documents.diagnostics import nearest, shortened
from documents.nodes import Mapping, Node, Scalar, Sequence, read_plain
from documents.quoting import is_in_brackets
from documents.reader import Reader
from engine.expression.quantity import (
    parse_duration,
    parse_timestamp,
)
from engine.expression.types import MAX_PLACES, SCALARS, Type
from engine.policy.access import Access
from engine.policy.bare_types import bare_type, list_as_type, ranged, type_of
from engine.policy.bounds_reader import BOUNDED, BOUNDS, entry_of, is_bound, refuse_bounds, with_bounds

TYPE_KEYS = {"type": False, "enum": False, "list": False, "decimal": False}
RECORD_KEY = {"record": False}
"""Allowed for facts only: lists, parameters and outputs cannot contain records."""
OPTIONS = {"optional": False, "max_length": False, "max_items": False}
MAX_LIST_DEPTH = 2


def read_type(
    reader: Reader,
    node: Node,
    what: str,
    extra: dict[str, bool],
    depth: int = 0,
    *,
    bounded: bool = False,
    record: bool = False,
    access: Access | None = None,
) -> Type | None:
    """Read `string`, `timestamp?`, `{enum: [a, b]}`, `{list: {field: type}}`, or the long form `{type: string, …}`.

    `extra` are further keys that the long form may have here, which the caller reads. `bounded` allows `min` and `max` for
    numbers. `record` allows `{record: {field: type}}`. `access` is how conditions read it, for the hints.
    """
    if isinstance(node, Scalar):
        return _short(reader, node)
    if isinstance(node, Mapping) and (inner := node.get("record")) is not None and not record:
        message, hint = "only a fact can be a record", "declare its fields here, or as a separate fact"
        reader.report(inner, "bad-type", message, hint)
        return None
    if mended := _shape_mended(node):
        at, shown, hint = mended
        reader.report(
            at, "unknown-type", f"unknown type `{shown}`" if shown else f"{what} needs a type", hint
        )
        return None
    if access is not None and _is_optional(node):
        access = access.not_null()
    kinds = TYPE_KEYS | (RECORD_KEY if record else {})
    if isinstance(node, Mapping) and (bare := bare_type(node)):
        at, shown, written = bare
        message = f"the type of {what} stands under `type`, and `{shown}` is no key"
        if not written.startswith("type"):
            message = f"the type of {what} is not complete: `{shown}` has no value"
        reader.report(at, "unknown-key", message, f"write `{written}`")
        return None
    node = _without_limits(reader, node, what, access)
    if record and isinstance(node, Mapping) and _is_record(reader, node, {*kinds, *OPTIONS, *BOUNDS, *extra}):
        written = node.source.text[node.start : node.end]
        hint = "put `record:` above its fields, and indent them"
        place: Node = node.entries[0][0]
        if "\n" not in written and len(written) <= 120:
            hint, place = f"write `{{record: {written}}}`", node
        reader.report(place, "bad-type", f"{what} has fields, so it is a record", hint)
        return None
    keys = reader.keys(node, what, _keys_for(node, kinds | OPTIONS | (BOUNDS if bounded else {}) | extra))
    if keys is None:
        return None
    given = [k for k in kinds if k in keys]
    if not given and isinstance(node, Mapping) and any(k.text not in keys for k, _ in node.entries):
        return None  # already reported: an unknown key
    if len(given) != 1:
        hint = f"delete `{given[0]}` or `{given[1]}`" if given else f"add `{_likely_type(keys)}`"
        *others, last = (f"`{kind}`" for kind in kinds)
        reader.report(node, "bad-type", f"{what} needs one of {', '.join(others)} or {last}", hint)
        return None
    type_ = _base(reader, given[0], keys[given[0]], what, depth, bounded, access)
    if type_ is None:
        return None
    type_ = _with_options(reader, type_, node, keys)
    if not bounded or refuse_bounds(reader, node, keys, type_, access):
        return type_
    return with_bounds(reader, type_, node, keys, what)


def _is_optional(node: Node) -> bool:
    """Whether a declaration says `type: string?` or `optional: true`."""
    declared, optional = (
        (node.get("type"), node.get("optional")) if isinstance(node, Mapping) else (None, None)
    )
    return (isinstance(declared, Scalar) and declared.text.endswith("?")) or (
        isinstance(optional, Scalar) and optional.value is True
    )


def _likely_type(keys: dict[str, Node]) -> str:
    """The type of a fact that declares only its bounds or its value."""
    given = (keys.get(key) for key in ("min", "max", "value", "default"))
    texts = [node.text for node in given if isinstance(node, Scalar)]
    places = type_of(texts)
    return places or "type: string"


_LEAST = frozenset(
    ["min_length", "minlength", "minimum_length", "min_size", "min_len", "min_items", "minitems"]
)
_PATTERN = frozenset(["pattern", "regex", "matches", "format"])


def _without_limits(reader: Reader, node: Node, what: str, access: Access | None) -> Node:
    """Report each limit that no type has, and say how a rule tests it."""
    if not isinstance(node, Mapping) or access is None:
        return node
    kept = []
    for key, value in node.entries:
        small = key.text.lower().replace("-", "_")
        number = value.text if isinstance(value, Scalar) and isinstance(value.value, int) else "…"
        if small in _LEAST:
            tested = access.test(f"size({access.name}) >= {number}")
        elif small in _PATTERN and isinstance(value, Scalar) and '"' not in value.text:
            tested = access.test(f'{access.name}.matches("{value.text}")')
        else:
            kept.append((key, value))
            continue
        entry = Node(node.source, key.start, value.end)
        hint = f"delete it, and test in a rule that `{tested}`"
        reader.report(entry, "unknown-key", f"unknown key `{key.text}` in {what}", hint)
    return replace(node, entries=kept)


def _is_record(reader: Reader, node: Mapping, known: set[str]) -> bool:
    """Whether a mapping has fields with types where a fact is declared, and nothing like a key of a declaration."""
    return bool(node.entries) and all(
        key.text not in known
        and nearest(key.text, known) is None
        and (
            isinstance(value, Mapping)
            or (isinstance(value, Scalar) and value.text.removesuffix("?") in SCALARS)
        )
        for key, value in node.entries
    )


_BELONGS_TO = {"max_length": ("string",), "max_items": ("list",)}


def _keys_for(node: Node, known: dict[str, bool]) -> dict[str, bool]:
    """The keys that are valid for the declared type; no others are suggested."""
    if not isinstance(node, Mapping):
        return known
    given = next((k for k in (*TYPE_KEYS, *RECORD_KEY) if node.get(k) is not None), None)
    if given is not None:
        known = {k: v for k, v in known.items() if k not in TYPE_KEYS | RECORD_KEY or node.get(k) is not None}
    declared = node.get("type")
    kind = declared.text.removesuffix("?") if isinstance(declared, Scalar) else given or ""
    if kind not in SCALARS and kind not in ("list", "decimal", "enum", "record"):
        return known
    fits = {k: needed for k, needed in known.items() if kind in _BELONGS_TO.get(k, (kind,)) or not kind}
    return {**fits, **{k: False for k in known if node.get(k) is not None}}


def _shape_mended(node: Node) -> tuple[Node, str, str] | None:
    """Report `{type: enum, values: [a, b]}`, `{type: list, item: string}` or `[a, b]` as a single mistake, with the correct
    form."""
    if isinstance(node, Sequence) and (mended := list_as_type(node)):
        return node, "", f"write `{mended}`"
    types = [i.text for i in node.items if isinstance(i, Scalar)] if isinstance(node, Sequence) else []
    if len(types) == 1 and types[0].removesuffix("?") in SCALARS:
        return node, "", f"write `{{list: {types[0]}}}`"
    if isinstance(node, Sequence) and node.items and all(isinstance(i, Scalar) for i in node.items):
        return node, "", f"write `{{enum: [{_listed(node)}]}}`"
    declared = node.get("type") if isinstance(node, Mapping) else None
    if not isinstance(node, Mapping) or not isinstance(declared, Scalar):
        return None
    kind = declared.text.removesuffix("?").lower()
    if kind in TYPE_KEYS | RECORD_KEY and node.get(kind) is not None:
        whole = _without_type(node)
        hint = f"write `{whole}`" if whole else "delete `type`"
        return (node if whole else declared), declared.text, hint
    if kind == "enum":
        words = next((v for _, v in node.entries if isinstance(v, Sequence)), None)
        listed = _listed(words) if words else "a, b"
        key = next((k.text for k, v in node.entries if v is words), None)
        if whole := _with_first(node, f"enum: [{listed}]", [key]):
            return node, declared.text, f"write `{whole}`"
        instead = f"`type` and `{key}`" if key and key != "enum" else "`type`"
        return declared, declared.text, f"write `enum: [{listed}]` instead of {instead}"
    entry = next(Node(node.source, key.start, value.end) for key, value in node.entries if value is declared)
    if places := _decimal_places(kind):
        given = {key.text: value for key, value in node.entries if key.text in _PLACES}
        stated = [given[key].value for key in _PLACES if isinstance(given.get(key), Scalar)]  # type: ignore[attr-defined]
        places = str(next((p for p in stated if type(p) is int and 1 <= p <= MAX_PLACES), places))
        whole = _with_first(node, f"decimal: {places}", given) if given else None
        return (node if whole else entry), declared.text, f"write `{whole or f'decimal: {places}'}`"
    fields = next((v for k, v in node.entries if k.text in ("fields", "properties", "keys", "record")), None)
    if kind in ("record", "object", "map", "dict", "struct") and isinstance(fields, Mapping):
        written = node.source.text[fields.start : fields.end]
        whole = _with_first(node, f"record: {written}", [k.text for k, v in node.entries if v is fields])
        hint = f"write `{whole}`" if whole else "write `record:`, and its fields below it"
        return (node if whole else declared), declared.text, hint
    if kind in ("list", "array"):
        of = next(((k.text, v) for k, v in node.entries if k.text in ("item", "items", "of")), None)
        shown = of[1].text if of and isinstance(of[1], Scalar) else "string"
        if whole := _with_first(node, f"list: {shown}", [of[0]] if of else []):
            return node, declared.text, f"write `{whole}`"
        instead = f"`type` and `{of[0]}`" if of else "`type`"
        return declared, declared.text, f"write `list: {shown}` instead of {instead}"
    return None


_PLACES = ("places", "scale", "decimals", "decimal_places", "digits", "precision")


def _with_first(node: Mapping, first: str, without: Collection[str | None]) -> str | None:
    """A mapping in braces with another first entry instead of `type` and the keys `without`; None if it takes several lines."""
    written = node.source.text[node.start : node.end]
    if "\n" in written or not written.startswith("{"):
        return None
    kept = [
        node.source.text[key.start : value.end]
        for key, value in node.entries
        if key.text != "type" and key.text not in without
    ]
    whole = f"{{{', '.join([first, *kept])}}}"
    return whole if len(whole) <= 140 else None


def _without_type(node: Mapping) -> str | None:
    (first, value), *_ = [(k, v) for k, v in node.entries if k.text != "type"]
    return _with_first(node, node.source.text[first.start : value.end], [first.text])


_AMOUNT = re.compile(r"(?:decimal|numeric|money|amount|currency|price)(?:\((?:[0-9]+\s*,\s*)?([1-9])\))?")


def _decimal_places(word: str) -> str | None:
    """The decimal places of `money`, `decimal`, `decimal(2)` or `numeric(10, 2)`; None for another word."""
    amount = _AMOUNT.fullmatch(word)
    return (amount[1] or "2") if amount else None


def _listed(node: Sequence) -> str:
    return ", ".join(i.source.text[i.start : i.end] for i in node.items[:12])


def _short(reader: Reader, node: Scalar) -> Type | None:
    name = node.text
    optional = name.endswith("?")
    scalar: Type | None = SCALARS.get(name.removesuffix("?"))
    if scalar is None or not isinstance(node.value, str):
        hint = _type_hint(name)
        if node.style or is_in_brackets(node.source, node.start):
            hint = re.sub(r"`(\w+\?)`", r'`"\1"`', hint)
        message = f"unknown type `{shortened(name)}`" if name else "a type is missing"
        reader.report(node, "unknown-type", message, hint)
        return None
    return replace(scalar, optional=optional) if optional else scalar


_ELSEWHERE = {
    **dict.fromkeys(("date", "datetime", "time", "instant", "moment"), "did you mean `timestamp`?"),
    "cents": "write `{decimal: 2}`, or `int` and count in the smallest unit",
    "number": "write `int` for whole numbers, `{decimal: 2}` for amounts, or `double`",
    **dict.fromkeys(("float", "real"), "write `double`, or `{decimal: 2}` for money"),
    **dict.fromkeys(("integer", "long", "count"), "did you mean `int`?"),
    **dict.fromkeys(
        ("text", "str", "uuid", "id", "email", "url", "char", "varchar"), "did you mean `string`?"
    ),
    **dict.fromkeys(("boolean", "flag", "yesno"), "did you mean `bool`?"),
    **dict.fromkeys(("interval", "timedelta", "period", "days"), "did you mean `duration`?"),
    **dict.fromkeys(("array", "set"), "write `{list: string}`, or the fields of a record for `string`"),
    "enum": "write `{enum: […]}`, with its values",
    "list": "write `{list: string}`, or the fields of a record for `string`",
    **dict.fromkeys(
        ("object", "map", "dict", "record"),
        "name its fields, such as `{record: {id: string, level: int}}`, or declare each field as a fact",
    ),
}
"""Types by their names in other languages."""
_OR_NULL = re.compile(
    r"([a-z]+)\s*\|\s*(?:null|none|nil)|(?:null|none|nil)\s*\|\s*([a-z]+)|(?:optional|maybe)\W([a-z]+)\W?|\?([a-z]+)"
)
_ONE_OF = re.compile(r"[A-Za-z_]\w*(?:\s*[|/]\s*[A-Za-z_]\w*)+")
_LIST_OF = re.compile(r"([a-z]+)\s*\[\]|(?:list|array)\W([a-z]+)\W?")


def _type_hint(name: str) -> str:
    if name.rstrip("? ") in SCALARS:
        return f"write `{name.rstrip('? ')}?`"
    hint = _required_hint(name.removesuffix("?").strip())
    return _as_optional(hint) if name.endswith("?") else hint


def _as_optional(hint: str) -> str:
    """The hint about a type, for one that may be null."""
    hint = re.sub(rf"`({'|'.join(SCALARS)})`", r"`\1?`", hint)
    return re.sub(r"`{([^`]*)}`", r"`{\1, optional: true}`", hint)


def _required_hint(name: str) -> str:
    small = name.lower()
    value = read_plain(name)[0]
    kind = {bool: "bool", int: "int", float: "double"}.get(type(value))
    if kind or parse_duration(name) is not None or parse_timestamp(name) is not None:
        kind = kind or ("duration" if parse_duration(name) is not None else "timestamp")
        return f"write the type of the values: `{kind}`"
    for pattern, shape in ((_OR_NULL, "write `{}?`"), (_LIST_OF, "write `{{list: {}}}`")):
        match = pattern.fullmatch(small)
        inner = next((g for g in match.groups() if g), None) if match else None
        if inner in SCALARS:
            return shape.format(inner)
    if places := _decimal_places(small):
        return f"write `{{decimal: {places}}}`"
    if written := ranged(name):
        return f"write `{written}`"
    if _ONE_OF.fullmatch(name):
        return f"write `{{enum: [{', '.join(re.split(r'[ |/]+', name))}]}}`"
    near = small if small in _ELSEWHERE else nearest(small, [*SCALARS, "decimal", "enum", "list", "record"])
    if near == "decimal":
        return "write `{decimal: 2}`"
    if near in _ELSEWHERE:
        return _ELSEWHERE[near]
    if near is not None:
        return f"did you mean `{near}`?"
    words = ", ".join(f"`{word}`" for word in sorted(SCALARS))
    shapes = "`{decimal: 2}`, `{enum: […]}`, `{list: string}`, and for facts `{record: {…}}`"
    return f"known here: {words}, {shapes}"


def _base(
    reader: Reader, kind: str, node: Node, what: str, depth: int, bounded: bool, access: Access | None
) -> Type | None:
    if kind == "type":
        if isinstance(node, Scalar):
            return _short(reader, node)
        reader.report(node, "unknown-type", "a type is one word", "for example `type: string`")
        return None
    if kind == "decimal":
        places = node.value if isinstance(node, Scalar) else None
        if type(places) is int and 1 <= places <= MAX_PLACES:
            return Type("decimal", scale=places)
        message = f"`decimal` is the number of decimal places, from 1 to {MAX_PLACES}"
        reader.report(node, "not-an-integer", message, _places_hint(node))
        return None
    if kind == "enum":
        members = reader.words(node, "the enum")
        if isinstance(node, Sequence) and not node.items:
            reader.report(
                node, "bad-type", "an enum needs at least one value", "write its values into the brackets"
            )
        bad = isinstance(node, Sequence) and len(members) < len(node.items)
        return Type("enum", members=members) if members and not bad else None
    if kind == "record":
        if isinstance(node, Mapping) and not node.entries:
            reader.report(
                node, "bad-type", f"{what} has no fields", "write its fields and their types into the braces"
            )
        return _record(reader, node, what, depth, bounded, access)
    if depth >= MAX_LIST_DEPTH:
        message = f"lists are nested at most {MAX_LIST_DEPTH} deep"
        reader.report(node, "bad-type", message, "pass the inner list as a separate fact")
        return None
    item = _item(reader, node, what, depth + 1, bounded, access.item() if access else None)
    return Type("list", item=item) if item else None


def _places_hint(node: Node) -> str:
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(node, Scalar) and node.style and node.text.isdecimal():
        return "leave out the quotes"
    if type(value) is int and value > MAX_PLACES:
        return f"write at most `{MAX_PLACES}`"
    if type(value) is int:
        return "for whole numbers, write `type: int` instead of `decimal`"
    if isinstance(node, Scalar) and re.fullmatch(r"[0-9]\?", node.text):
        return f"write `{node.text[0]}`, and `optional: true` beside it"
    return "write `2`, for cents"


def _item(
    reader: Reader, node: Node, what: str, depth: int, bounded: bool, access: Access | None
) -> Type | None:
    """Read the item of a list: a scalar type, an enum, or a record given as a mapping of fields."""
    if isinstance(node, Sequence) and len(node.items) == 1 and isinstance(node.items[0], Scalar | Mapping):
        item = node.items[0]
        written = node.source.text[item.start : item.end]
        hint = f"write `{written}`, without the brackets" if len(written) <= 100 else "delete the brackets"
        reader.report(node, "bad-type", f"the type of an item of {what} stands without brackets", hint)
        return None
    if isinstance(node, Scalar) or _is_type(node):
        return read_type(reader, node, f"an item of {what}", {}, depth, bounded=bounded, access=access)
    if isinstance(node, Mapping) and not node.entries:
        reader.report(
            node,
            "bad-type",
            f"an item of {what} has no fields",
            "write its fields and their types into the braces",
        )
    return _record(reader, node, f"an item of {what}", depth, bounded, access)


def _record(
    reader: Reader, node: Node, what: str, depth: int, bounded: bool, access: Access | None
) -> Type | None:
    fields = []
    for name, _, value in reader.named(node, what):
        read = access.field(name) if access else None
        type_ = read_type(reader, value, f"the field `{name}`", {}, depth, bounded=bounded, access=read)
        if type_:
            fields.append((name, type_))
    return Type("record", fields=tuple(fields)) if fields else None


def _is_type(node: Node) -> bool:
    return isinstance(node, Mapping) and any(
        (k.text == "enum" and isinstance(v, Sequence))
        or (k.text == "decimal" and isinstance(v, Scalar) and isinstance(v.value, int))
        or (
            k.text == "type"
            and isinstance(v, Scalar)
            and len(node.entries) <= 5
            and all(key.text in _WORDS | OPTIONS or is_bound(key, value) for key, value in node.entries)
        )
        for k, v in node.entries
    )


_WORDS = {"type": False, "enum": False, "list": False}
"""Keys besides `type` in a list of plain values; a record may have a field named `decimal`."""


def _limit_hint(type_: Type, key: str, node: Node) -> str:
    """How to limit a type that does not have `max_length` or `max_items`."""
    limit = node.text if isinstance(node, Scalar) and isinstance(node.value, int) else "100"
    if type_.kind in BOUNDED:
        return "delete it; the values of a fact are bounded with `min` and `max`"
    if type_.kind not in ("string", "list"):
        return f"delete `{key}`"
    return f"write `{'max_length' if type_.kind == 'string' else 'max_items'}: {limit}`"


def _with_options(reader: Reader, type_: Type, node: Node, keys: dict[str, Node]) -> Type:
    if reader.flag(keys.get("optional"), "`optional`"):
        type_ = replace(type_, optional=True)
    length = _limit(reader, type_, node, keys, "max_length", 1_000_000)
    items = _limit(reader, type_, node, keys, "max_items", 100_000)
    return replace(type_, max_length=length or type_.max_length, max_items=items or type_.max_items)


def _limit(reader: Reader, type_: Type, node: Node, keys: dict[str, Node], key: str, most: int) -> int | None:
    owner = _BELONGS_TO[key][0]
    if key in keys and type_.kind != owner:
        hint = _limit_hint(type_, key, keys[key])
        if type_.kind == "record" and key == "max_items":
            hint = "write `list:` instead of `record:` if there are several, or delete `max_items`"
        reader.report(entry_of(node, key), "bad-type", f"`{key}` belongs to a {owner}", hint)
        return None
    return reader.integer(keys.get(key), f"`{key}`", 1, most)


def optional_type(type_: Type) -> str:
    """How an output declares that it may be missing."""
    if type_.kind == "decimal":
        return f"{{decimal: {type_.scale}, optional: true}}"
    if type_.kind == "enum":
        return f"{{enum: [{', '.join(type_.members[:12])}], optional: true}}"
    return f'"{type_.required()}?"'
