"""Read declarations of types, and values of a type."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from documents.diagnostics import did_you_mean, nearest, shortened
from documents.nodes import Mapping, Node, Scalar, Sequence, read_plain
from documents.quoting import is_in_brackets
from documents.reader import Reader
from engine.expression.quantity import (
    no_such_moment,
    parse_decimal,
    parse_duration,
    parse_timestamp,
    why_no_duration,
    why_no_timestamp,
)
from engine.expression.types import MAX_DOUBLE, MAX_INT, MAX_PLACES, SCALARS, Type, article
from engine.policy.access import Access
from engine.policy.bare_types import bare_type, list_as_type, ranged, type_of
from engine.policy.model import Value

TYPE_KEYS = {"type": False, "enum": False, "list": False, "decimal": False}
RECORD_KEY = {"record": False}
"""Allowed for facts only: lists, parameters and outputs cannot contain records."""
OPTIONS = {"optional": False, "max_length": False, "max_items": False}
BOUNDS = {"min": False, "max": False}
_BOUNDED = ("int", "decimal", "double", "duration", "timestamp")
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
    return _with_bounds(reader, type_, node, keys, what)


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
            and all(key.text in _WORDS | OPTIONS or _is_bound(key, value) for key, value in node.entries)
        )
        for k, v in node.entries
    )


_WORDS = {"type": False, "enum": False, "list": False}
"""Keys besides `type` in a list of plain values; a record may have a field named `decimal`."""


def _is_bound(key: Scalar, value: Node) -> bool:
    """Whether an entry is a bound. `min` and `max` can also be field names, whose value is a type."""
    if key.text not in BOUNDS or not isinstance(value, Scalar):
        return False
    text = value.value if isinstance(value.value, str) else ""
    is_number = isinstance(value.value, int | float)
    return is_number or parse_duration(text) is not None or parse_timestamp(text) is not None


def _with_bounds(reader: Reader, type_: Type, node: Node, keys: dict[str, Node], what: str) -> Type:
    low, high = (read_bound(reader, node, k, keys.get(k), type_, what) for k in BOUNDS)
    if low is not None and high is not None and low > high:
        hint = "no value is in between: exchange the two, or change one"
        reader.report(keys["min"], "out-of-bounds", f"`min` of {what} is above its `max`", hint)
        return type_
    return type_ if low is None and high is None else replace(type_, minimum=low, maximum=high)


def refuse_bounds(
    reader: Reader,
    owner: Node,
    keys: dict[str, Node],
    type_: Type,
    access: Access | None,
    code: str = "bad-type",
) -> bool:
    """Report the `min` and `max` of a type that has none, as a single mistake."""
    given = [key for key in BOUNDS if key in keys]
    if type_.kind in _BOUNDED or not given or not isinstance(owner, Mapping):
        return False
    entries = [Node(owner.source, k.start, v.end) for k, v in owner.entries if k.text in given]
    first, last = entries[0], entries[-1]
    between = owner.source.text[first.end : last.start]
    together = first is last or between.strip() == "," or not between.strip()
    place = Node(owner.source, first.start, last.end) if together and "\n" not in between else first
    limit = {"string": "max_length", "list": "max_items"}.get(type_.kind)
    most, least = (keys.get(key) for key in ("max", "min"))
    shown = None
    if limit and isinstance(most, Scalar) and isinstance(most.value, int) and limit not in keys:
        shown = f"{limit}: {most.text}"
    hint = f"write `{shown}`" if shown else f"delete {' and '.join(f'`{key}`' for key in given)}"
    if limit and isinstance(least, Scalar) and isinstance(least.value, int) and access is not None:
        tested = access.test(f"size({access.name}) >= {least.text}")
        hint += f", and test in a rule that `{tested}`"
    if shown and place is first and first is not last:
        hint = f"write `{shown}` instead of `max`, and{hint.partition(', and')[2] or ' delete `min`'}"
    reader.report(place, code, f"{article(type_.required())} has no `min` or `max`", hint)
    return True


def read_bound(
    reader: Reader, owner: Node, key: str, node: Node | None, type_: Type, what: str
) -> int | float | None:
    """Read the `min` or `max` of `owner`, a fact or parameter, whose type has bounds."""
    if node is None:
        return None
    if isinstance(node, Scalar) and node.text.lower() in ("none", "null", "unlimited", "infinity", "inf", ""):
        message = f"`{key}` of {what} must be {_wanted(type_.required())}"
        reader.report(node, "wrong-value", message, f"delete `{key}` if there is no such bound")
        return None
    if isinstance(node, Sequence) and len(node.items) == 2 and all(isinstance(i, Scalar) for i in node.items):
        low, high = (item.text for item in node.items if isinstance(item, Scalar))
        message = f"`{key}` of {what} must be one {type_.kind}"
        reader.report(_entry(owner, key), "wrong-value", message, f"write `min: {low}, max: {high}`")
        return None
    value = read_value(reader, node, type_.required(), f"`{key}` of {what}")
    return value if isinstance(value, int | float) else None


def _entry(node: Node, key: str) -> Node:
    """A key together with its value."""
    entries = node.entries if isinstance(node, Mapping) else []
    return next((Node(node.source, k.start, v.end) for k, v in entries if k.text == key), node)


def _limit_hint(type_: Type, key: str, node: Node) -> str:
    """How to limit a type that does not have `max_length` or `max_items`."""
    limit = node.text if isinstance(node, Scalar) and isinstance(node.value, int) else "100"
    if type_.kind in _BOUNDED:
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
        reader.report(_entry(node, key), "bad-type", f"`{key}` belongs to a {owner}", hint)
        return None
    return reader.integer(keys.get(key), f"`{key}`", 1, most)


def read_value(reader: Reader, node: Node, type_: Type, what: str) -> Value:
    """Read the value of a parameter; None after a problem."""
    if type_.kind == "list" and type_.item is not None:
        item = type_.item
        items = reader.items(node, what, texts=item.kind == "string")
        unquoted = [n for n in items if isinstance(n, Scalar) and not isinstance(n.value, str)]
        if item.kind == "string" and len(unquoted) > 1:
            listed = ", ".join(f'"{n.text}"' if isinstance(n, Scalar) else "…" for n in items[:12])
            reader.report(
                node, "wrong-value", f"the items of {what} must be text", f"quote them: `[{listed}]`"
            )
            return None
        return tuple(read_value(reader, n, item, f"an item of {what}") for n in items)
    if not isinstance(node, Scalar):
        hint = "write one value, without brackets"
        reader.report(node, "wrong-value", f"{what} must be one {type_.kind}", hint)
        return None
    value = scalar_value(node, type_)
    if value is None:
        missing = no_such_moment(node.text) if type_.kind == "timestamp" else None
        message = missing[0] if missing else f"{what} must be {_wanted(type_)}"
        reader.report(node, "wrong-value", message, value_hint(node, type_))
    return value


def scalar_value(node: Scalar, type_: Type) -> Value:
    """The value of a scalar without any conversion; None if it is not a value of the type."""
    value = node.value
    match type_.kind:
        case "bool":
            return value if isinstance(value, bool) else None
        case "int":
            return value if type(value) is int and abs(value) <= MAX_INT else None
        case "decimal":
            units = parse_decimal(node.text, type_.scale) if isinstance(value, int | float | str) else None
            return units if units is not None and abs(units) <= MAX_INT else None
        case "double":
            return value if isinstance(value, float) and abs(value) <= MAX_DOUBLE else None
        case "string":
            return value if isinstance(value, str) and len(value) <= type_.max_length else None
        case "enum":
            return value if value in type_.members else None
        case "duration":
            return parse_duration(value) if isinstance(value, str) else None
        case "timestamp":
            return parse_timestamp(value) if isinstance(value, str) else None
    return None


_EXAMPLES = {
    "duration": "a duration such as `90d`, `36h`, `15m` or `30s`",
    "timestamp": "a timestamp such as `2026-01-01T00:00:00Z`",
    "double": "a number with a decimal point, such as `0.5`",
    "int": "a whole number",
    "bool": "`true` or `false`",
    "string": "text",
}


def _wanted(type_: Type) -> str:
    if type_.kind == "enum":
        return "one of " + ", ".join(f"`{m}`" for m in type_.members[:12])
    if type_.kind == "decimal":
        return f"a number with at most {type_.scale} decimal place{'' if type_.scale == 1 else 's'}"
    return _EXAMPLES.get(type_.kind, type_.kind)


def value_hint(node: Scalar, type_: Type) -> str | None:
    """How to write a scalar as a value of a type."""
    text = node.text.strip()
    problem = read_plain(text)[1] if type_.kind == "bool" else None
    if problem is not None and problem[0] == "ambiguous-boolean" and problem[2]:
        return problem[2].split(",")[0]
    if node.value is None:
        return "write a value"
    if type_.kind == "enum":
        return did_you_mean(node.text, type_.members)
    if type_.kind == "duration":
        return why_no_duration(text)
    if type_.kind == "timestamp":
        return why_no_timestamp(text)
    if type_.kind == "double" and isinstance(node.value, int):
        return f"write `{node.text}.0`"
    if type_.kind in ("int", "double", "bool") and node.style and read_plain(text)[0] != text:
        return "leave out the quotes"
    if type_.kind == "decimal" and (fewer := _fewer_places(text, type_.scale)):
        return fewer
    if type_.kind in ("int", "decimal", "double"):
        return _number_hint(node, type_.kind)
    if type_.kind == "string" and not isinstance(node.value, str):
        return f'quote it: `"{node.text[:40]}"`'
    if type_.kind == "string":
        return f"a text here has at most {type_.max_length:,} characters"
    return f"write `{str(bool(node.value)).lower()}`" if node.value in (0, 1) else None


def _fewer_places(text: str, scale: int) -> str | None:
    number = re.fullmatch(r"-?[0-9]+\.([0-9]{1,30})", text)
    places = len(number[1]) if number else 0
    if number is None or places <= scale:
        return None
    more = f", or declare `{{decimal: {places}}}`" if places <= MAX_PLACES else ""
    fewer = number.group()[: scale - places]
    return f"write at most {scale} decimal place{'' if scale == 1 else 's'}, such as `{fewer}`{more}"


def _number_hint(node: Scalar, kind: str) -> str | None:
    text = node.text.strip()
    if kind == "int" and isinstance(node.value, float):
        return whole_number_hint(node.text)
    percent = re.fullmatch(r"([0-9]{1,3})\s*%", text)
    if percent:
        share = f"{int(percent[1]) / 100:g}"
        return (
            f"write `{share if '.' in share else share + '.0'}`"
            if kind in ("double", "decimal")
            else f"write `{percent[1]}`"
        )
    grouped = re.fullmatch(r"[0-9]{1,3}(?:[ ,_'][0-9]{3})+(\.[0-9]+)?", text)
    if grouped:
        decimals = grouped[1] if grouped[1] and kind != "int" else ""
        return (
            f"write `{re.sub('[^0-9]', '', text.partition('.')[0])}{decimals or ('.0' * (kind == 'double'))}`"
        )
    dotted = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{3})+),([0-9]{1,2})", text)
    if dotted and kind != "int":
        return f"write `{dotted[1].replace('.', '')}.{dotted[2]}`"
    comma = re.fullmatch(r"(-?[0-9]+),([0-9]{1,2})", text)
    if comma:
        point = f"{comma[1]}.{comma[2]}"
        return f"write `{point}`" if kind in ("double", "decimal") else whole_number_hint(point)
    alone = re.fullmatch(r"[$€£]?\s*([0-9]+(?:\.[0-9]+)?)\s*[a-zA-Z$€£/²³°]*", text)
    if alone:
        number = alone[1] + (".0" if kind == "double" and "." not in alone[1] else "")
        if kind == "int" and "." in number:
            return whole_number_hint(number)
        return f"write `{number}`, without its unit"
    if compared := re.fullmatch(r"[<>]=?\s*(-?[0-9][0-9.]*)", text):
        return f"write `{compared[1]}`: only an expression compares"
    if re.fullmatch(r"[\[(\]]?\s*-?[0-9][0-9.]*?\s*\.\.\s*-?[0-9][0-9.]*\s*[\])\[]?", text):
        return "write one number; in a table, two columns such as `from` and `below` hold the two ends"
    if text.lower() in ("-", "*", "any", "inf", "infinity", "unlimited", "∞", "max", "min"):
        return "write a number beyond all that occur, where there is no bound"
    if re.search(r"[0-9a-z]\s*[*+/]\s*[0-9a-z]", text):
        return "write the result in digits: nothing is computed here"
    return (
        "write a number in digits, with a decimal point" if kind == "double" else "write a number in digits"
    )


def whole_number_hint(text: str) -> str:
    """How to write a decimal number as an integer; with two decimal places it may be an amount of money."""
    whole, _, decimals = text.partition(".")
    cents = f"`{int(whole + decimals)}`" if len(decimals) == 2 and "e" not in decimals.lower() else None
    if not decimals.strip("0"):
        return f"write `{int(whole)}`" + (f", or {cents} if it counts cents" if cents else "")
    if cents:
        return f"count in cents: write {cents}; or declare it as `double`"
    return "declare it as `double`, or count in a smaller unit"


def optional_type(type_: Type) -> str:
    """How an output declares that it may be missing."""
    if type_.kind == "decimal":
        return f"{{decimal: {type_.scale}, optional: true}}"
    if type_.kind == "enum":
        return f"{{enum: [{', '.join(type_.members[:12])}], optional: true}}"
    return f'"{type_.required()}?"'
