"""Generate random exact arithmetic, as text and as computed by Python's `decimal`."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Context, Decimal
from typing import Any

from engine.expression.types import INT, Type
from tests.engine.generated.values import Facts

EXACT = Context(prec=400)
MODES = {"half_even": ROUND_HALF_EVEN, "half_up": ROUND_HALF_UP, "down": ROUND_DOWN, "up": ROUND_UP}
AMOUNTS: Mapping[str, Type] = {
    "amt": Type("decimal", scale=2, minimum=-10_000, maximum=10_000),
    "rate": Type("decimal", scale=4, minimum=0, maximum=10_000),
    "cnt": Type("int", minimum=1, maximum=100),
    "diff": Type("int", minimum=-5, maximum=5),
    "costs": Type("list", item=Type("decimal", scale=2, minimum=0, maximum=5_000), max_items=20),
}
"""Facts with bounds such that arithmetic with a few terms stays within the limits."""


@dataclass(frozen=True)
class Exact:
    """`value` computes the text's value from facts with `decimal`."""

    text: str
    scale: int
    value: Callable[[Facts], Decimal]

    @property
    def type(self) -> Type:
        return Type("decimal", scale=self.scale) if self.scale else INT


@dataclass
class Arithmetic:
    chance: random.Random
    names: Mapping[str, Type] = field(default_factory=lambda: AMOUNTS)

    def rounded(self, depth: int, scale: int) -> Exact:
        """An expression with the given number of decimal places."""
        inner = self.expression(depth)
        if inner.scale == scale:
            return inner
        mode = self.chance.choice(list(MODES))
        text = f'round({inner.text}, {scale}, "{mode}")'
        return Exact(text, scale, lambda facts: quantized(inner.value(facts), scale, mode))

    def expression(self, depth: int) -> Exact:
        forms = [self.leaf, self.leaf]
        if depth > 0:
            forms += [
                self.sum,
                self.sum,
                self.product,
                self.product,
                self.quotient,
                self.total,
                self.choice,
                self.either,
            ]
        return self.chance.choice(forms)(depth)

    def leaf(self, depth: int) -> Exact:
        plain = {name: type_ for name, type_ in self.names.items() if type_.item is None}
        name = self.chance.choice(list(plain))
        return Exact(name, plain[name].scale, lambda facts: Decimal(facts[name]))

    def sum(self, depth: int) -> Exact:
        one = self.expression(depth - 1)
        other, sign = self.rounded(depth - 1, one.scale), self.chance.choice("+-")
        if one.scale and self.chance.random() < 0.3:
            other = self.literal(self.chance.randrange(one.scale + 1))
        added = EXACT.add if sign == "+" else EXACT.subtract
        return Exact(
            f"({one.text} {sign} {other.text})",
            one.scale,
            lambda facts: added(one.value(facts), other.value(facts)),
        )

    def literal(self, scale: int) -> Exact:
        digits = str(self.chance.choice((0, 1, 5, 12, 105, 250))).rjust(scale + 1, "0")
        text = f"{digits[:-scale]}.{digits[-scale:]}" if scale else digits
        return Exact(text, scale, lambda facts: Decimal(text))

    def product(self, depth: int) -> Exact:
        one, other = self.expression(depth - 1), self.leaf(0)
        if self.chance.random() < 0.4:
            other = self.literal(self.chance.randrange(3))
        scale = one.scale + other.scale
        return Exact(
            f"({one.text} * {other.text})",
            scale,
            lambda facts: EXACT.multiply(one.value(facts), other.value(facts)),
        )

    def quotient(self, depth: int) -> Exact:
        one, places, mode = (
            self.expression(depth - 1),
            self.chance.randrange(5),
            self.chance.choice(list(MODES)),
        )
        divisor = self.chance.choice(("cnt", "-cnt", "3", "0.7"))
        read = {"cnt": lambda facts: Decimal(facts["cnt"]), "-cnt": lambda facts: -Decimal(facts["cnt"])}.get(
            divisor, lambda facts: Decimal(divisor)
        )
        if self.chance.random() < 0.3:
            text = f'(diff != 0 ? divide({one.text}, diff, {places}, "{mode}") : {"0" if places == 0 else "0.0"})'
            return Exact(
                text,
                places,
                lambda f: (
                    divided(one.value(f), Decimal(f["diff"]), places, mode) if f["diff"] else Decimal(0)
                ),
            )
        text = f'divide({one.text}, {divisor}, {places}, "{mode}")'
        return Exact(text, places, lambda facts: divided(one.value(facts), read(facts), places, mode))

    def total(self, depth: int) -> Exact:
        scale = 2
        if self.chance.random() < 0.5:
            return Exact("sum(costs)", scale, lambda facts: sum(map(Decimal, facts["costs"]), Decimal(0)))
        text = "sum(costs.map(c, c * diff))"
        return Exact(
            text, scale, lambda facts: sum((Decimal(c) * facts["diff"] for c in facts["costs"]), Decimal(0))
        )

    def choice(self, depth: int) -> Exact:
        one, name = self.expression(depth - 1), self.chance.choice(("min", "max"))
        other = self.rounded(depth - 1, one.scale)
        choose = min if name == "min" else max
        return Exact(
            f"{name}({one.text}, {other.text})",
            one.scale,
            lambda facts: choose(one.value(facts), other.value(facts)),
        )

    def either(self, depth: int) -> Exact:
        one = self.expression(depth - 1)
        other = self.rounded(depth - 1, one.scale)
        text = f"(diff > 0 ? {one.text} : {other.text})"
        return Exact(text, one.scale, lambda facts: (one if facts["diff"] > 0 else other).value(facts))


COUNTS: Mapping[str, Type] = {
    "cnt": Type("int", minimum=1, maximum=100),
    "diff": Type("int", minimum=-5, maximum=5),
    "counts": Type("list", item=Type("int", minimum=-9, maximum=99), max_items=4),
}


@dataclass
class Whole(Arithmetic):
    """Arithmetic on ints, which CEL has too, or can be given by its macros."""

    names: Mapping[str, Type] = field(default_factory=lambda: COUNTS)

    def literal(self, scale: int) -> Exact:
        return super().literal(0)

    def quotient(self, depth: int) -> Exact:
        one, divisor = self.expression(depth - 1), self.chance.choice(("cnt", "-cnt", "7"))
        read = {"cnt": lambda f: Decimal(f["cnt"]), "-cnt": lambda f: -Decimal(f["cnt"])}.get(
            divisor, lambda f: Decimal(divisor)
        )
        return Exact(
            f'divide({one.text}, {divisor}, 0, "down")',
            0,
            lambda facts: divided(one.value(facts), read(facts), 0, "down"),
        )

    def total(self, depth: int) -> Exact:
        forms: tuple[tuple[str, Callable[[int, int], Any]], ...] = (
            ("counts", lambda count, diff: count),
            ("counts.map(c, c * diff)", lambda count, diff: count * diff),
            ("counts.filter(c, c > diff)", lambda count, diff: count if count > diff else 0),
        )
        text, term = self.chance.choice(forms)
        return Exact(f"sum({text})", 0, lambda f: Decimal(sum(term(c, f["diff"]) for c in f["counts"])))


def quantized(value: Decimal, scale: int, mode: str) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-scale), rounding=MODES[mode], context=EXACT)


def divided(one: Decimal, other: Decimal, scale: int, mode: str) -> Decimal:
    """With four hundred digits, so that rounding twice makes no difference for numbers this short."""
    return quantized(EXACT.divide(one, other), scale, mode)


def some_amounts(chance: random.Random, names: Mapping[str, Type] = AMOUNTS) -> dict[str, Any]:
    """Values of `names`, including their bounds."""

    def units(type_: Type) -> int:
        low, high = int(type_.minimum or 0), int(type_.maximum or 0)
        return chance.choice((low, high, min(max(0, low), high), chance.randint(low, high)))

    def written(type_: Type) -> Any:
        if type_.item is not None:
            sizes = sorted({0, 1, min(3, type_.max_items), type_.max_items})
            return [written(type_.item) for _ in range(chance.choice(sizes))]
        return units(type_) if type_.kind == "int" else str(Decimal(units(type_)).scaleb(-type_.scale))

    return {name: written(type_) for name, type_ in names.items()}
