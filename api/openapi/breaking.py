"""Finds changes in an OpenAPI document that would break existing clients.

A new version may only require less of requests, and promise more of responses.
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, Final

Schema = Mapping[str, Any]

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
LOWER_BOUNDS: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
UPPER_BOUNDS: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
FORMS: Final = ("pattern", "format", "multipleOf", "const")
TYPES: Final = frozenset({"string", "number", "boolean", "object", "array", "null"})


def find_breaks(before: Schema, after: Schema) -> list[str]:
    """One sentence per breaking change, sorted by location; empty if existing clients keep working."""
    return sorted(_Comparison(before, after).breaks())


class _Comparison:
    def __init__(self, before: Schema, after: Schema) -> None:
        self.before, self.after = before, after

    def breaks(self) -> Iterator[str]:
        for path, methods in self.before["paths"].items():
            now = self.after["paths"].get(path)
            if now is None:
                yield f"{path}: the path is gone"
                continue
            for method in [name for name in METHODS if name in methods]:
                where = f"{method.upper()} {path}"
                if method in now:
                    yield from self.operation(where, methods[method], now[method])
                else:
                    yield f"{where}: the method is gone"

    def operation(self, where: str, old: Schema, new: Schema) -> Iterator[str]:
        if "operationId" in old and old["operationId"] != new.get("operationId"):
            yield f"{where}: the operation is not called `{old['operationId']}` any more"
        if _admits_anybody(old, self.before) and not _admits_anybody(new, self.after):
            yield f"{where}: credentials are needed now"
        yield from self.parameters(where, old, new)
        yield from self.body(where, old.get("requestBody"), new.get("requestBody"))
        for status, answer in old["responses"].items():
            if status in new["responses"]:
                was, now = _follow(answer, self.before), _follow(new["responses"][status], self.after)
                yield from self.answers(f"{where} {status}", was.get("content", {}), now.get("content", {}))
                for name in sorted(was.get("headers", {}).keys() - now.get("headers", {}).keys()):
                    yield f"{where} {status}: the header `{name}` is gone"
            else:
                yield f"{where}: the answer {status} is gone"

    def parameters(self, where: str, old: Schema, new: Schema) -> Iterator[str]:
        had, has = ({(p["in"], p["name"]): p for p in side.get("parameters", ())} for side in (old, new))
        for (place, name), parameter in has.items():
            was = had.get((place, name))
            if parameter.get("required") and not (was and was.get("required")):
                yield f"{where}: the {place} parameter `{name}` is required now"
            if was:
                yield from self.request(f"{where} `{name}`", was["schema"], parameter["schema"])
        yield from (
            f"{where}: the {place} parameter `{name}` is gone" for place, name in had.keys() - has.keys()
        )

    def body(self, where: str, old: Schema | None, new: Schema | None) -> Iterator[str]:
        if new and new.get("required") and not (old and old.get("required")):
            yield f"{where}: a body is required now"
        if old and not new:
            yield f"{where}: no body is taken any more"
        if old and new:
            for kind, was in old["content"].items():
                if kind in new["content"]:
                    yield from self.request(f"{where} body", was["schema"], new["content"][kind]["schema"])
                else:
                    yield f"{where}: a body of {kind} is not taken any more"

    def answers(self, where: str, old: Schema, new: Schema) -> Iterator[str]:
        for kind, was in old.items():
            if kind in new:
                yield from self.answer(where, was["schema"], new[kind]["schema"])
            else:
                yield f"{where}: is not answered as {kind} any more"

    def request(self, where: str, old: Schema, new: Schema) -> Iterator[str]:
        """The new schema must accept whatever the old one accepted."""
        olds, news = _by_type(old, self.before), _by_type(new, self.after)
        for kind, was in olds.items():
            now = _alternative(news, kind)
            if now is None:
                yield f"{where}: {kind} is not taken any more"
            else:
                yield from _narrowed(where, was, now)
                yield from self._fields_asked(where, was, now)
                if "items" in now:
                    yield from self.request(f"{where}/items", was.get("items", {}), now["items"])

    def _fields_asked(self, where: str, was: Schema, now: Schema) -> Iterator[str]:
        olds, news = was.get("properties", {}), now.get("properties", {})
        for name in sorted(set(now.get("required", ())) - set(was.get("required", ()))):
            yield f"{where}/{name}: the field is required now"
        if now.get("additionalProperties") is False:
            yield from (
                f"{where}/{name}: the field is not taken any more" for name in olds.keys() - news.keys()
            )
            if was.get("additionalProperties", True) is not False:
                yield f"{where}: unknown fields are not taken any more"
        for name in olds.keys() & news.keys():
            yield from self.request(f"{where}/{name}", olds[name], news[name])

    def answer(self, where: str, old: Schema, new: Schema) -> Iterator[str]:
        """The old schema must allow whatever the new one returns."""
        olds, news = _by_type(old, self.before), _by_type(new, self.after)
        for kind, now in news.items():
            was = _alternative(olds, kind)
            if was is None:
                yield f"{where}: may be {kind} now"
                continue
            if "enum" in was and not ("enum" in now and set(now["enum"]) <= set(was["enum"])):
                yield f"{where}: may have new values now"
            had, has = was.get("properties", {}), now.get("properties", {})
            yield from (f"{where}/{name}: the field is gone" for name in had.keys() - has.keys())
            for name in sorted(set(was.get("required", ())) - set(now.get("required", ()))):
                if name in has:
                    yield f"{where}/{name}: the field may be missing now"
            for name in had.keys() & has.keys():
                yield from self.answer(f"{where}/{name}", had[name], has[name])
            if "items" in was:
                yield from self.answer(f"{where}/items", was["items"], now.get("items", {}))


def _narrowed(where: str, was: Schema, now: Schema) -> Iterator[str]:
    if "enum" in now and not ("enum" in was and set(was["enum"]) <= set(now["enum"])):
        yield f"{where}: takes fewer values now"
    for name in LOWER_BOUNDS:
        if name in now and (name not in was or now[name] > was[name]):
            yield f"{where}: {name} is {now[name]} now"
    for name in UPPER_BOUNDS:
        if name in now and (name not in was or now[name] < was[name]):
            yield f"{where}: {name} is {now[name]} now"
    yield from (
        f"{where}: {name} is asked for now" for name in FORMS if name in now and now[name] != was.get(name)
    )


def _by_type(schema: Schema, document: Schema) -> dict[str, Schema]:
    """The alternatives of a schema by JSON type. A schema without a type accepts every type."""
    schema = _follow(schema, document)
    if alternatives := schema.get("anyOf") or schema.get("oneOf"):
        return dict(chain.from_iterable(_by_type(each, document).items() for each in alternatives))
    named = schema.get("type")
    if named is None and ("const" in schema or "enum" in schema):
        named = "string"
    types = TYPES if named is None else [named] if isinstance(named, str) else named
    return dict.fromkeys(types, schema)


def _alternative(schemas: Mapping[str, Schema], kind: str) -> Schema | None:
    return schemas.get(kind, schemas.get("number") if kind == "integer" else None)


def _follow(part: Schema, document: Schema) -> Schema:
    while "$ref" in part:
        kind, name = part["$ref"].split("/")[-2:]
        part = document["components"][kind][name]
    return part


def _admits_anybody(operation: Schema, document: Schema) -> bool:
    security = operation.get("security", document.get("security", []))
    return not security or {} in security
