"""Terms for z3, and what it answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any, Literal

from engine.backends.smt.terms import Term

Verdict = Literal["found", "none", "unknown"]


class Z3:
    """One question. Texts are numbers, or texts with `strings`. Doubles are reals, or doubles with `ieee`."""

    def __init__(self, *, ieee: bool, strings: bool = False) -> None:
        import z3

        self.z3: Any = z3
        self.ieee, self.strings = ieee, strings
        # What z3 chooses depends on all that its context has seen. With one of its own, a question always has the same answer.
        self.context: Any = z3.Context()
        self.solver: Any = z3.Solver(ctx=self.context)
        self.rounded = False
        """Whether a real was found that is no double."""
        self._codes: dict[str, int] = {}
        self._built: dict[Term, Any] = {}

    def add(self, formulas: Iterable[Term]) -> None:
        for formula in formulas:
            self.solver.add(self.term(formula))

    def push(self) -> None:
        self.solver.push()

    def pop(self) -> None:
        self.solver.pop()

    def check(self, *, effort: int, milliseconds: int | None) -> tuple[Verdict, str]:
        """The verdict, and why it is unknown. `effort` is z3's own deterministic unit."""
        self.solver.set("rlimit", effort)
        if milliseconds is not None:
            self.solver.set("timeout", milliseconds)
        answer = self.solver.check()
        if answer == self.z3.unknown:
            return "unknown", str(self.solver.reason_unknown())
        return ("found" if answer == self.z3.sat else "none"), ""

    def values(self, variables: Mapping[str, Term]) -> dict[str, Any]:
        """The values of the variables that the solver has chosen."""
        model = self.solver.model()
        values: dict[str, Any] = {}
        texts = {code: text for text, code in self._codes.items()}
        for name, variable in variables.items():
            value = model.eval(self.term(variable), model_completion=True)
            values[name] = self._read(value, variable.sort, texts)
        return values

    def _read(self, value: Any, sort: str, texts: dict[int, str]) -> Any:
        if sort == "bool":
            return self.z3.is_true(value)
        if sort == "int":
            return value.as_long()
        if sort == "double":
            exact = self.z3.simplify(self.z3.fpToReal(value, self.context)) if self.ieee else value
            fraction = Fraction(exact.numerator_as_long(), exact.denominator_as_long())
            self.rounded |= Fraction(float(fraction)) != fraction
            return float(fraction)
        if self.strings:
            return _unescaped(value.as_string())
        code = value.as_long()
        return texts[code] if code in texts else self._fresh(code, texts)

    def _fresh(self, code: int, texts: dict[int, str]) -> str:
        """A short text that is not one of the policy."""
        known, number = set(texts.values()), 1
        while str(number) in known:
            number += 1
        texts[code] = str(number)
        return texts[code]

    def term(self, term: Term) -> Any:
        if term not in self._built:
            self._built[term] = self._term(term)
        return self._built[term]

    def _term(self, term: Term) -> Any:
        z3 = self.z3
        if term.op == "constant":
            return self._constant(term)
        if term.op == "variable":
            return z3.Const(term.value, self._sort(term.sort))
        args = [self.term(a) for a in term.args]
        ieee = self.ieee and bool(term.args) and term.args[0].sort == "double"
        simple: dict[str, Callable[[], Any]] = {
            "not": lambda: z3.Not(args[0]),
            "and": lambda: self._joined(z3.Z3_mk_and, args),
            "or": lambda: self._joined(z3.Z3_mk_or, args),
            "eq": lambda: z3.fpEQ(*args, self.context) if ieee else args[0] == args[1],
            "lt": lambda: z3.fpLT(*args, self.context) if ieee else args[0] < args[1],
            "le": lambda: z3.fpLEQ(*args, self.context) if ieee else args[0] <= args[1],
            "ite": lambda: z3.If(*args),
            "add": lambda: args[0] + args[1],
            "sub": lambda: args[0] - args[1],
            "mul": lambda: args[0] * args[1],
            "div": lambda: args[0] / args[1],
            "mod": lambda: args[0] % args[1],
            "fadd": lambda: z3.fpAdd(z3.RNE(self.context), *args, self.context),
            "fsub": lambda: z3.fpSub(z3.RNE(self.context), *args, self.context),
            "apply": lambda: self._applied(term, args),
        }
        return simple[term.op]()

    def _joined(self, make: Any, args: list[Any]) -> Any:
        """What z3.And and z3.Or do, without their search for a common sort: it takes half of the time of a question."""
        z3 = self.z3
        nodes = (z3.Ast * len(args))(*(a.as_ast() for a in args))
        return z3.BoolRef(make(self.context.ref(), len(args), nodes), self.context)

    def _applied(self, term: Term, args: list[Any]) -> Any:
        z3 = self.z3
        if self.strings and term.value in ("startsWith", "endsWith", "contains", "size"):
            match term.value:
                case "startsWith":
                    return z3.PrefixOf(args[1], args[0])
                case "endsWith":
                    return z3.SuffixOf(args[1], args[0])
                case "contains":
                    return z3.Contains(args[0], args[1])
            return z3.Length(args[0])
        sorts = [self._sort(a.sort) for a in term.args]
        return z3.Function(f"{term.value}()", *sorts, self._sort(term.sort))(*args)

    def _sort(self, sort: str) -> Any:
        z3, context = self.z3, self.context
        if sort == "bool":
            return z3.BoolSort(context)
        if sort == "double":
            return z3.Float64(context) if self.ieee else z3.RealSort(context)
        return z3.StringSort(context) if sort == "text" and self.strings else z3.IntSort(context)

    def _constant(self, term: Term) -> Any:
        z3, context, value = self.z3, self.context, term.value
        if term.sort == "bool":
            return z3.BoolVal(value, context)
        if term.sort == "int":
            return z3.IntVal(value, context)
        if term.sort == "double":
            return (
                z3.FPVal(value, self._sort("double"), ctx=context)
                if self.ieee
                else z3.RealVal(str(Fraction(value)), context)
            )
        if self.strings:
            return z3.StringVal("".join(f"\\u{{{ord(c):x}}}" if c == "\\" else c for c in value), context)
        return z3.IntVal(self._codes.setdefault(value, len(self._codes)), context)


def _unescaped(text: str) -> str:
    return re.sub(r"\\u\{([0-9a-fA-F]+)\}", lambda match: chr(int(match[1], 16)), text)
