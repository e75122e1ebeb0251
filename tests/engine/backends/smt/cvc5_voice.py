"""A second solver answers the same questions, which are told to it by this code alone."""

import struct
from fractions import Fraction
from typing import Any

from engine.backends.smt.terms import Term

EFFORT = 3_000_000
LITTLE_EFFORT = 300_000
"""For questions so large that the second solver would leave most of them open, after minutes each."""


class Cvc5:
    """One question. Texts are numbers; doubles are reals, or doubles with `ieee`."""

    def __init__(self, *, ieee: bool, effort: int = EFFORT) -> None:
        import cvc5

        self.kind: Any = cvc5.Kind
        self.ieee = ieee
        self.manager: Any = cvc5.TermManager()
        self.solver: Any = cvc5.Solver(self.manager)
        self.solver.setLogic("ALL")
        self.solver.setOption("rlimit-per", str(effort))
        self.rounding: Any = self.manager.mkRoundingMode(cvc5.RoundingMode.ROUND_NEAREST_TIES_TO_EVEN)
        self.built: dict[Term, Any] = {}
        self.codes: dict[str, int] = {}
        self.functions: dict[tuple[Any, ...], Any] = {}

    def verdict(self, formulas: list[Term]) -> str:
        for formula in formulas:
            self.solver.assertFormula(self.term(formula))
        result = self.solver.checkSat()
        return "found" if result.isSat() else "none" if result.isUnsat() else "unknown"

    def term(self, term: Term) -> Any:
        if term not in self.built:
            self.built[term] = self._term(term)
        return self.built[term]

    def _term(self, term: Term) -> Any:
        manager, kind = self.manager, self.kind
        if term.op == "constant":
            return self._constant(term)
        if term.op == "variable":
            return manager.mkConst(self._sort(term.sort), term.value)
        args = [self.term(a) for a in term.args]
        if term.op == "apply":
            return manager.mkTerm(kind.APPLY_UF, self._function(term), *args)
        if self.ieee and term.args[0].sort == "double" and term.op in ("eq", "lt", "le"):
            floats = {"eq": kind.FLOATINGPOINT_EQ, "lt": kind.FLOATINGPOINT_LT, "le": kind.FLOATINGPOINT_LEQ}
            return manager.mkTerm(floats[term.op], *args)
        if term.op in ("fadd", "fsub"):
            of = kind.FLOATINGPOINT_ADD if term.op == "fadd" else kind.FLOATINGPOINT_SUB
            return manager.mkTerm(of, self.rounding, *args)
        kinds = {
            "not": kind.NOT,
            "and": kind.AND,
            "or": kind.OR,
            "eq": kind.EQUAL,
            "lt": kind.LT,
            "le": kind.LEQ,
            "ite": kind.ITE,
            "add": kind.ADD,
            "sub": kind.SUB,
            "mul": kind.MULT,
            "div": kind.INTS_DIVISION,
            "mod": kind.INTS_MODULUS,
        }
        return manager.mkTerm(kinds[term.op], *args)

    def _function(self, term: Term) -> Any:
        sorts = [self._sort(a.sort) for a in term.args]
        key = (term.value, tuple(a.sort for a in term.args), term.sort)
        if key not in self.functions:
            sort = self.manager.mkFunctionSort(sorts, self._sort(term.sort))
            self.functions[key] = self.manager.mkConst(sort, f"{term.value}()")
        return self.functions[key]

    def _sort(self, sort: str) -> Any:
        if sort == "bool":
            return self.manager.getBooleanSort()
        if sort == "double":
            return self.manager.mkFloatingPointSort(11, 53) if self.ieee else self.manager.getRealSort()
        return self.manager.getIntegerSort()

    def _constant(self, term: Term) -> Any:
        value = term.value
        if term.sort == "bool":
            return self.manager.mkBoolean(value)
        if term.sort == "text":
            return self.manager.mkInteger(self.codes.setdefault(value, len(self.codes)))
        if term.sort == "int":
            return self.manager.mkInteger(str(value))
        if self.ieee:
            bits = int.from_bytes(struct.pack(">d", value), "big")
            return self.manager.mkFloatingPoint(11, 53, self.manager.mkBitVector(64, str(bits), 10))
        fraction = Fraction(value)
        return self.manager.mkReal(f"{fraction.numerator}/{fraction.denominator}")
