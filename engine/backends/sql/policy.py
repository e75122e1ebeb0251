"""One version of a policy as columns: whether the facts are certainly valid, which entry decides, and what the decision has."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from engine.backends.backend import NotExpressible
from engine.backends.reference import rows_of
from engine.backends.sql.cannot_say import CannotSay, located
from engine.backends.sql.facts import Checked
from engine.backends.sql.formulas import Formula, Plain, first, in_sql
from engine.backends.sql.shown import in_json, in_words
from engine.backends.sql.stages import Stages
from engine.backends.sql.terms import Bound, Terms
from engine.compiled import CompiledPolicy, Entry
from engine.policy.messages import Place
from engine.policy.validated import TypedRule

COLUMNS = (
    "outcome",
    "rule",
    "reason",
    "message",
    "status",
    "obligations",
    "matched",
    "outputs",
    "errors",
    "version",
)
"""What a decision about a row can have."""


@dataclass
class Written:
    """`certain` is the column that says whether SQL may decide the row; `columns` has an expression for each requested column."""

    certain: str
    columns: dict[str, str] = field(default_factory=dict)


def write_policy(
    version: CompiledPolicy,
    facts: Mapping[str, Checked],
    wanted: Collection[str],
    stages: Stages,
    *,
    sort_outputs: bool = False,
) -> Written:
    """Add the columns of a version to `stages`, over a source with the column `now`. Raises NotExpressible."""
    writer = PolicyWriter(version, facts, stages)
    writer.sort_outputs = sort_outputs
    try:
        return writer.write(wanted)
    except CannotSay as error:
        raise NotExpressible((located(error, version.validated),)) from None


class PolicyWriter:
    def __init__(self, version: CompiledPolicy, facts: Mapping[str, Checked], stages: Stages) -> None:
        self.version = version
        self.validated = version.validated
        self.policy = version.validated.policy
        self.stages = stages
        self.sql = stages.sql
        self.given = facts
        columns = {name: f"{stages.prefix}f{n}" for n, name in enumerate(facts)}
        conditions = {name: f"{stages.prefix}c{n}" for n, name in enumerate(self.validated.conditions)}
        self.terms = Terms(self.validated, stages, columns, conditions)
        self.rows = [
            (rule, id_, row) for rule in self.validated.rules for id_, row in rows_of(rule, self.policy)
        ]
        self.sort_outputs = False
        """Whether outputs are in the order of their names, not of their declaration."""
        self.doubts: list[str] = []
        """Conditions under which the engine must decide although the facts are valid."""

    def write(self, wanted: Collection[str]) -> Written:
        self._check()
        for name, tree in self.validated.conditions.items():
            self.terms.define(name, tree)
        self._choose(every=self.policy.hit == "unique" or bool({"matched", "obligations"} & set(wanted)))
        writers: dict[str, Callable[[], str]] = {
            "outcome": lambda: self._of_entry(lambda e: e.outcome),
            "rule": lambda: self._of_entry(lambda e: e.id),
            "reason": lambda: self._of_entry(lambda e: e.reason),
            "status": lambda: self._of_entry(lambda e: e.status),
            "message": self._message,
            "obligations": self._obligations,
            "matched": self._matched,
            "outputs": self._outputs,
            "errors": lambda: self.sql.json_constant("[]"),
            "version": lambda: self.sql.whole(self.policy.version),
        }
        written = {name: write() for name, write in writers.items() if name in wanted}
        doubts = "".join(f" AND NOT COALESCE({doubt}, TRUE)" for doubt in self.doubts)
        reads = {self._name("valid"), self._name("chosen"), *self.terms.reads}
        self.stages.add(self._name("certain"), f"{self.sql.name(self._name('valid'))}{doubts}", reads)
        return Written(self._name("certain"), written)

    def _check(self) -> None:
        """A column for each fact, and one that says whether all of them are valid."""
        valid, reads = [], set()
        for name, checked in self.given.items():
            column = self.terms.facts[name]
            self.stages.add(column, checked.value, ())
            valid.append(checked.valid)
            if checked.invalid_items:
                found, bit = self.stages.exists(self.sql.name(column), checked.invalid_items, {column})
                valid.append(f"({self.sql.name(found)} & {self.sql.whole(bit)}) = 0")
                reads.add(found)
        self.stages.add(self._name("valid"), " AND ".join(valid) or "TRUE", reads)

    def _name(self, of: str) -> str:
        return f"{self.stages.prefix}{of}"

    @property
    def _chosen(self) -> str:
        return self.terms.column(self._name("chosen"))

    def _choose(self, *, every: bool) -> None:
        """The position of the deciding entry, as a column; with `every`, also whether each entry applies."""
        with self.terms.reading() as reads:
            applies = [
                self._applies(number, rule, row, every=every and self.policy.finds_all)
                for number, (rule, _, row) in enumerate(self.rows)
            ]
            if self.policy.hit == "unique" and len(self.rows) > 1:
                conditions = map(in_sql, applies)
                several = " + ".join(f"CASE WHEN {condition} THEN 1 ELSE 0 END" for condition in conditions)
                self.doubts.append(f"({several}) > 1")
            order = sorted(range(len(self.rows)), key=self._rank)
            chosen = first([(applies[n], self.sql.whole(n)) for n in order], self.sql.whole(len(self.rows)))
        self.terms.reads |= reads
        self.applies = [in_sql(formula) for formula in applies]
        self.stages.add(self._name("chosen"), chosen, reads)

    def _rank(self, number: int) -> tuple[int, int]:
        if not self.policy.finds_all:
            return 0, number
        return -self.policy.outcomes.index(self.rows[number][0].rule.then), number

    def _applies(self, number: int, rule: TypedRule, row: Mapping[str, Bound], *, every: bool) -> Formula:
        if rule.applies is None:
            return True
        if not every:
            return self.terms.formula(rule.applies, row)
        with self.terms.reading() as reads:
            formula = self.terms.formula(rule.applies, row)
        if isinstance(formula, bool):
            return formula
        column = self._name(f"e{number}")
        self.stages.add(column, in_sql(formula), reads)
        return Plain(self.terms.column(column))

    def _of_entry(self, value: Callable[[Entry], str | None]) -> str:
        values = [value(entry) for entry in self.version.entries]
        if len(set(values)) == 1:
            return self.sql.as_text("NULL" if values[0] is None else self.sql.text(values[0]))
        return self.sql.pick(("NULL" if v is None else self.sql.text(v) for v in values), self._chosen)

    def _message(self) -> str:
        constant = self._of_entry_messages()
        branches = []
        for position, entry in enumerate(self.version.entries):
            if self.version.constant_messages[position] is None:
                words = [self._part(part) for part in entry.message]
                if None in words:
                    self.doubts.append(f"{self._chosen} = {position}")
                else:
                    branches.append((f"{self._chosen} = {position}", " || ".join(w or "''" for w in words)))
        return self.sql.cases(branches, constant)

    def _of_entry_messages(self) -> str:
        return self.sql.pick((self.sql.text(m or "") for m in self.version.constant_messages), self._chosen)

    def _part(self, part: str | Place) -> str | None:
        if isinstance(part, str):
            return self.sql.text(part)
        if part.kind == "parameter":
            return in_words(
                self.sql, self.sql.literal(self.policy.parameters[part.name].value, part.type), part.type
            )
        if part.kind == "output":
            return in_words(self.sql, self._output(part.name), part.type)
        name, _, of = part.name.partition(".")
        column = self.terms.column(self.terms.facts[name])
        return in_words(self.sql, self.sql.field(column, of, part.type) if of else column, part.type)

    def _matched(self) -> str:
        if not self.policy.finds_all:
            ids = self._of_entry(lambda e: e.id)
            return f"CASE WHEN {self._chosen} = {len(self.rows)} THEN {self.sql.texts(())} ELSE {self.sql.texts((ids,))} END"
        found = [
            f"CASE WHEN {a} THEN {self.sql.text(r[1])} END"
            for a, r in zip(self.applies, self.rows, strict=True)
        ]
        return self.sql.not_null(found)

    def _obligations(self) -> str:
        *entries, otherwise = self.version.entries
        alone = self.sql.texts(map(self.sql.text, otherwise.obligations))
        if not self.policy.finds_all:
            branches = self._by_value((n, e.obligations) for n, e in enumerate(entries))
            written = [(where, self.sql.texts(map(self.sql.text, value))) for where, value in branches]
            return self.sql.cases(written, alone)
        placed: dict[str, list[tuple[str, str]]] = {}
        for number, entry in enumerate(entries):
            for order, obligation in enumerate(entry.obligations):
                place = self.sql.whole(number * 1_000 + order)
                placed.setdefault(obligation, []).append((self.applies[number], place))
        first = [
            (self.sql.cases(branches, "NULL"), self.sql.text(obligation))
            for obligation, branches in placed.items()
        ]
        named = self.sql.ordered(first) if first else self.sql.texts(())
        return f"CASE WHEN {self._chosen} = {len(self.rows)} THEN {alone} ELSE {named} END"

    def _by_value(self, values: Iterable[tuple[int, tuple[str, ...]]]) -> list[tuple[str, tuple[str, ...]]]:
        positions: dict[tuple[str, ...], list[int]] = {}
        for number, value in values:
            positions.setdefault(value, []).append(number)
        return [
            (f"{self._chosen} IN ({', '.join(map(str, numbers))})", value)
            for value, numbers in positions.items()
        ]

    def _outputs(self) -> str:
        if not self.policy.outputs:
            return self.sql.json_constant("{}")
        shown = [
            (name, in_json(self.sql, self._output(name), output.type))
            for name, output in self.policy.outputs.items()
        ]
        return self.sql.json(sorted(shown) if self.sort_outputs else shown)

    def _output(self, name: str) -> str:
        """The column of an output."""
        column = self._name(f"o{list(self.policy.outputs).index(name)}")
        if column not in self.stages.levels:
            self._add_output(column, name)
        return self.terms.column(column)

    def _add_output(self, column: str, name: str) -> None:
        output = self.policy.outputs[name]
        if name in self.validated.outputs:
            self.terms.add(column, self.validated.outputs[name])
            return
        with self.terms.reading() as reads:
            sets: dict[str, list[int]] = {}
            for number, (rule, _, row) in enumerate(self.rows):
                if name in rule.sets:
                    sets.setdefault(self.terms.write(rule.sets[name], row), []).append(number)
            if name in self.validated.otherwise_sets:
                written = self.terms.write(self.validated.otherwise_sets[name], {})
                sets.setdefault(written, []).append(len(self.rows))
            branches = [
                (f"{self._chosen} IN ({', '.join(map(str, positions))})", written)
                for written, positions in sets.items()
            ]
            value = self.sql.cases(branches, self.sql.literal(output.default, output.type))
        self.stages.add(column, value, reads)
