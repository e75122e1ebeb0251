"""Reads sentences back to the meaning of their tree, from the plain text alone and the names that a policy declares."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from decimal import Decimal
from typing import Any

from engine.expression.quantity import parse_timestamp

UNITS = {
    "day": 86_400_000_000,
    "hour": 3_600_000_000,
    "minute": 60_000_000,
    "second": 1_000_000,
    "millisecond": 1_000,
}
TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<note>\(currently\ (?:“(?:[^”\\]|\\.)*”|[^)“]*)\))
    |`(?P<name>[^`]+)`
    |“(?P<string>(?:[^”\\]|\\.)*)”
    |(?P<moment>\d{4}-\d\d-\d\d\ \d\d:\d\d(?::\d\d(?:\.\d+)?)?\ UTC)
    |(?P<duration>-?[\d.]+\ (?:day|hour|minute|second|millisecond)s?\b)
    |(?P<number>-?(?:\d{1,3}(?:,\d{3})+|\d+)(?P<point>\.\d+)?(?P<power>e[+-]?\d+)?)
    |(?P<mark>’s|[(),:\[\]])
    |(?P<word>\w+)""",
    re.VERBOSE,
)
COMPARISONS = {
    "is not": "!=", "does not equal": "!=", "equals": "==",
    "is at or before": "<=", "is at or after": ">=", "is before": "<", "is after": ">",
    "is shorter than": "<", "is longer than": ">", "is less than": "<", "is more than": ">",
    "is at most": "<=", "is at least": ">=", "is": "==",
}  # fmt: skip
TESTS = {
    "starts with": "startsWith",
    "ends with": "endsWith",
    "contains": "contains",
    "matches the pattern": "matches",
}
QUANTIFIERS = {"for at least one": "exists", "for every": "all", "for exactly one": "exists_one"}
LISTS = {
    "all of these hold :": ("and", True),
    "at least one of these holds :": ("or", True),
    "not all of these hold :": ("and", False),
    "none of these holds :": ("or", False),
}

Meaning = list[Any]


class Unread(Exception):
    pass


def blocks_of(lines: Iterable[str]) -> list[tuple[str, list[Any]]]:
    """Indented lines as lines with their lists."""
    top: list[tuple[str, list[Any]]] = []
    levels = {0: top}
    for line in lines:
        text = line.lstrip(" ")
        depth = (len(line) - len(text)) // 2
        block: tuple[str, list[Any]] = (text.removeprefix("- ") if depth else text, [])
        levels[depth].append(block)
        levels[depth + 1] = block[1]
    return top


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, at = [], 0
    while at < len(text):
        match = TOKEN.match(text, at)
        assert match is not None, text[at:]
        at = match.end()
        kind = next(
            k
            for k in ("space", "note", "name", "string", "moment", "duration", "number", "mark", "word")
            if match[k] is not None
        )
        if kind not in ("space", "note"):
            tokens.append((kind, match[kind]))
    return tokens


class Reader:
    def __init__(self, facts: Collection[str], parameters: Collection[str], named: Collection[str]) -> None:
        self.tags = (
            dict.fromkeys(facts, "fact")
            | dict.fromkeys(parameters, "parameter")
            | dict.fromkeys(named, "named")
        )
        self.scope: list[str] = []

    def start(self, block: tuple[str, list[Any]]) -> None:
        self.tokens, self.items, self.at = _tokens(block[0]), block[1], 0

    def within(self, block: tuple[str, list[Any]], read: Callable[[], Any]) -> Any:
        """Read an item of a list, to its end."""
        kept = self.tokens, self.items, self.at
        self.start(block)
        answer = read()
        self.end()
        self.tokens, self.items, self.at = kept
        return answer

    def end(self) -> None:
        if self.at != len(self.tokens):
            raise Unread(f"left over: {self.tokens[self.at :]}")

    def maybe(self, words: str) -> bool:
        wanted = words.split()
        found = [
            text for kind, text in self.tokens[self.at : self.at + len(wanted)] if kind in ("word", "mark")
        ]
        if found != wanted:
            return False
        self.at += len(wanted)
        return True

    def expect(self, words: str) -> None:
        if not self.maybe(words):
            raise Unread(f"expected {words!r} at {self.tokens[self.at :]}")

    def take(self, kind: str) -> str:
        if self.at >= len(self.tokens) or self.tokens[self.at][0] != kind:
            raise Unread(f"expected a {kind} at {self.tokens[self.at :]}")
        self.at += 1
        return self.tokens[self.at - 1][1]

    def either(self, *reads: Callable[[], Meaning]) -> Meaning:
        at, last = self.at, Unread("nothing fits")
        for read in reads:
            try:
                return read()
            except Unread as error:
                self.at, last = at, error
        raise last

    def condition(self) -> Meaning:
        for words, (tag, positive) in LISTS.items():
            if self.maybe(words):
                read = [tag, *(self.within(item, self.condition) for item in self.items)]
                return read if positive else ["not", read]
        for words, kind in QUANTIFIERS.items():
            if self.maybe(words):
                variable = self.take("name")
                self.expect("in")
                source = self.operand()
                self.expect(",")
                return ["each", kind, variable, source, self.bound(variable, self.condition)]
        first = self.part()
        for word in ("and", "or"):
            parts = [first]
            while self.maybe(word):
                parts.append(self.part())
            if len(parts) > 1:
                return [word, *parts]
        return first

    def bound(self, variable: str, read: Callable[[], Meaning]) -> Meaning:
        self.scope.append(variable)
        try:
            return read()
        finally:
            self.scope.pop()

    def part(self) -> Meaning:
        if self.maybe("it is not true that"):
            return ["not", self.part()]
        if self.maybe("always"):
            return ["const", "bool", True]
        if self.maybe("never"):
            return ["const", "bool", False]
        if self.maybe("if"):
            condition = self.part()
            self.expect("then")
            then = self.part()
            self.expect(", otherwise")
            return ["if", condition, then, self.part()]
        return self.either(self.claim, self.in_parentheses)

    def in_parentheses(self) -> Meaning:
        self.expect("(")
        read = self.condition()
        self.expect(")")
        return read

    def side(self) -> Meaning:
        left = self.operand()
        for word, tag in (("plus", ["sum", "+"]), ("minus", ["sum", "-"]), ("times", ["product"])):
            if self.maybe(word):
                return [*tag, left, self.operand()]
        return left

    def claim(self) -> Meaning:
        left = self.side()
        for words, denied in (("holds", False), ("does not hold", True), ("is yes", False), ("is no", True)):
            if self.maybe(words):
                return ["not", left] if denied else left
        if self.maybe("has no value"):
            return ["is-null", left]
        if self.maybe("has a value"):
            return ["not", ["is-null", left]]
        if self.maybe("is one of"):
            return ["in", left, self.operand()]
        if self.maybe("is none of"):
            return ["not", ["in", left, self.operand()]]
        for words, function in TESTS.items():
            if self.maybe(words):
                return ["apply", function, left, self.operand()]
        for words, sign in COMPARISONS.items():
            if self.maybe(words):
                return ["compare", sign, left, self.side()]
        raise Unread(f"no claim at {self.tokens[self.at :]}")

    def operand(self) -> Meaning:
        read = self.primary()
        while self.maybe("’s"):
            read = ["field", read, self.take("name")]
        return read

    def primary(self) -> Meaning:
        kind, text = self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")
        if self.maybe("("):
            read = self.term()
            self.expect(")")
            return read
        if self.maybe("["):
            return ["list", *self.listed()]
        if phrase := self.phrase():
            return phrase
        for word, constant in (("now", ["now"]), ("nothing", ["const", "null", None])):
            if self.maybe(word):
                return constant
        for word in ("yes", "no"):
            if self.maybe(word):
                return ["const", "bool", word == "yes"]
        self.at += 1
        match kind:
            case "name":
                return ["variable" if text in self.scope else self.tags[text], text]
            case "string":
                plain = re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], text)
                return ["const", "string", plain]
            case "moment":
                date, clock, _ = text.split(" ")
                return [
                    "const",
                    "timestamp",
                    parse_timestamp(f"{date}T{clock}{':00' * (clock.count(':') == 1)}Z"),
                ]
            case "duration":
                number, unit = text.split(" ")
                return ["const", "duration", int(Decimal(number) * UNITS[unit.removesuffix("s")])]
            case "number":
                pointed = "." in text or "e" in text
                return ["const", "point", text] if pointed else ["const", "int", int(text.replace(",", ""))]
        raise Unread(f"no value at {self.tokens[self.at - 1 :]}")

    def phrase(self) -> Meaning | None:
        """A value whose words show where it ends."""
        if self.maybe("the row of"):
            table = self.take("name")
            self.expect("for [")
            return ["row", table, *self.listed()]
        if self.maybe("the time from"):
            right = self.operand()
            self.expect("to")
            return ["sum", "-", self.operand(), right]
        for words in ("the number of items in", "the length of"):
            if self.maybe(words):
                return ["apply", "size", self.operand()]
        if self.maybe("the total of"):
            return ["apply", "sum", self.operand()]
        for word, function in (("smallest", "min"), ("largest", "max")):
            if self.maybe(f"the {word} in"):
                return ["apply", function, self.operand()]
            if self.maybe(f"the {word} of ["):
                return ["apply", function, *self.listed()]
        return None

    def listed(self) -> list[Meaning]:
        if self.maybe("]"):
            return []
        items = [self.operand()]
        while self.maybe(","):
            items.append(self.operand())
        self.expect("]")
        return items

    def term(self) -> Meaning:
        if self.maybe("whether"):
            return self.part()
        if (
            self.tokens[self.at + 1 : self.at + 2]
            and self.tokens[self.at + 1][0] == "name"
            and self.maybe("the")
        ):
            variable = self.take("name")
            self.expect("in")
            source = self.operand()
            self.expect("where")
            return ["each", "filter", variable, source, self.bound(variable, self.part)]
        return self.either(self.mapped, self.compound)

    def mapped(self) -> Meaning:
        """The variable is named after the body that uses it, so look ahead."""
        depth, variable = 0, None
        for at in range(self.at, len(self.tokens)):
            text = self.tokens[at][1] if self.tokens[at][0] == "mark" else ""
            depth += (text in ("(", "[")) - (text in (")", "]"))
            if depth < 0:
                break
            if depth == 0 and [t for _, t in self.tokens[at : at + 2]] == ["for", "each"]:
                variable = self.tokens[at + 2][1]
                break
        if variable is None:
            raise Unread("no list of values")
        body = self.bound(variable, self.operand)
        self.expect("for each")
        self.take("name")
        self.expect("in")
        return ["each", "map", variable, self.operand(), body]

    def compound(self) -> Meaning:
        left = self.side()
        if self.maybe("in lower case"):
            return ["apply", "lowerAscii", left]
        if self.maybe("without spaces around it"):
            return ["apply", "trim", left]
        if self.maybe("divided by"):
            return ["apply", "divide", left, self.operand(), *self.shift()]
        if self.maybe("rounded"):
            return ["apply", "round", left, *self.shift()]
        if self.maybe("if"):
            condition = self.part()
            self.expect(", otherwise")
            return ["if", condition, left, self.operand()]
        return left

    def shift(self) -> list[Meaning]:
        self.expect("( shifted by")
        places = self.operand()
        self.expect(", rounding")
        mode = self.operand()
        self.expect(")")
        return [places, mode]

    def value(self) -> Meaning:
        if not self.maybe("the first of these that fits :"):
            return self.term()
        *choices, last = self.items
        read = self.within(last, lambda: self.expect("otherwise") or self.term())
        for choice in reversed(choices):
            condition, then = self.within(choice, self.choice)
            read = ["if", condition, then, read]
        return read

    def choice(self) -> tuple[Meaning, Meaning]:
        then = self.operand()
        self.expect("if")
        return self.condition(), then

    def rule(self, blocks: list[tuple[str, list[Any]]], row: str | None) -> dict[str, Any]:
        """What the sentences of a rule say."""
        read: dict[str, Any] = {"for_each": None, "when": None, "unless": None, "set": {}, "status": None}
        self.scope = [row] if row else []
        for block in blocks:
            self.start(block)
            if self.maybe("sets"):
                name = self.take("name")
                self.expect("to")
                read["set"][name] = self.value()
            elif self.maybe("but not if"):
                read["unless"] = self.condition()
            else:
                self.lead(read)
            self.end()
        return read

    def lead(self, read: dict[str, Any]) -> None:
        if self.maybe("for each row of"):
            table = self.take("name")
            self.expect(", called")
            read["for_each"] = [self.take("name"), table]
            self.expect(":")
        read["then"] = self.take("word")
        if self.maybe("("):
            read["status"] = self.take("word")
            self.expect(")")
        if self.maybe("in every case") or self.maybe("if no rule applies"):
            return
        key = "when" if self.maybe("if") else "unless"
        if key == "unless":
            self.expect("unless")
        read[key] = self.condition()
