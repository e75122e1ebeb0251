"""What a page about one version of a policy says, as data; the console and `comity handbook` lay it out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.cases.run import CaseResult
from engine.claims.claim import Claim
from engine.compiled import CompiledPolicy
from engine.explain.sentences import (
    Given,
    Name,
    Piece,
    Sentence,
    moment_words,
    named_sentence,
    otherwise_sentences,
    output_sentence,
    rule_sentences,
)
from engine.expression.types import MAX_ITEMS, Type
from engine.expression.values import show_value
from engine.handbook.claims import ClaimShown, show_claims
from engine.lint import no_unreachable_rule
from engine.policy.messages import Part
from engine.policy.model import Fact, Otherwise, Parameter, Policy, Rule, Value
from engine.policy.validated import ValidatedPolicy


@dataclass(frozen=True, slots=True)
class CaseShown:
    """A case that passes. `entry` is the rule or row that decided."""

    name: str
    outcome: str
    entry: str


@dataclass(frozen=True, slots=True)
class RuleShown:
    """`never` says why no facts reach the rule; None if some may. `because` says why it is right to permit if no rule applies."""

    id: str
    outcome: str
    sentences: tuple[Sentence, ...]
    message: tuple[Piece, ...]
    obligations: tuple[str, ...]
    source: str | None
    cases: tuple[CaseShown, ...]
    never: str | None = None
    because: str | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """What else is told of it, a sentence each."""
        also = ", ".join(name.replace("_", " ") for name in self.obligations)
        return (
            *((f"Why: {self.because.rstrip('.')}.",) if self.because else ()),
            *((f"Also: {also}.",) if also else ()),
            *((f"Decided in: {self.source.rstrip('.')}.",) if self.source else ()),
        )


@dataclass(frozen=True, slots=True)
class RowShown:
    cells: tuple[str, ...]
    never: str | None


@dataclass(frozen=True, slots=True)
class TableShown:
    name: str
    help: str
    columns: tuple[str, ...]
    rows: tuple[RowShown, ...]


@dataclass(frozen=True, slots=True)
class ParameterShown:
    name: str
    value: str
    bounds: str
    help: str


@dataclass(frozen=True, slots=True)
class FactShown:
    name: str
    type: str
    marks: tuple[str, ...]
    help: str


@dataclass(frozen=True, slots=True)
class PolicyPage:
    name: str
    version: int
    revision: int
    summary: str
    owner: str | None
    source: str | None
    outcomes: tuple[str, ...]
    begins: str
    how: str
    fail_safe: str
    rules: tuple[RuleShown, ...]
    otherwise: RuleShown
    named: tuple[Sentence, ...]
    outputs: tuple[tuple[str, Sentence], ...]
    tables: tuple[TableShown, ...]
    parameters: tuple[ParameterShown, ...]
    facts: tuple[FactShown, ...]
    claims: tuple[ClaimShown, ...]

    @property
    def title(self) -> str:
        return self.name.replace("_", " ").capitalize()


def about(page: PolicyPage) -> dict[str, str]:
    """What stands above the rules."""
    details = {
        "Version": f"{page.version}{f', revision {page.revision}' if page.revision else ''}, from {page.begins}",
        "Owner": page.owner or "",
        "Decided in": page.source or "",
        "Outcomes": f"{', '.join(page.outcomes)}, from the most permissive to the most restrictive",
        "If facts do not fit": page.fail_safe,
    }
    return {term: told for term, told in details.items() if told}


def told(*lines: str) -> str:
    """The lines that are not empty, as sentences."""
    *before, last = [plain(line) for line in lines if line]
    return ". ".join([*(line.rstrip(".") for line in before), last])


def plain(text: str) -> str:
    """Without the backticks around names."""
    return text.replace("`", "")


HOW = {
    "first": "The first rule that applies decides.",
    "worst": "Of the rules that apply, one with the most restrictive outcome decides; of several such, the first.",
    "unique": "No two rules with different outcomes apply together.",
}


def make_page(
    version: CompiledPolicy,
    results: Iterable[CaseResult] = (),
    unreachable: Mapping[int, str] | None = None,
    claims: Iterable[Claim] = (),
) -> PolicyPage:
    """Of `results` and `claims`, those of this version are shown. `unreachable` comes from `find_unreachable`, which may take a
    moment."""
    validated = version.validated
    policy = validated.policy
    cases = _by_rule(result for result in results if result.passed and _is_about(result, version))
    dead = unreachable or {}
    return PolicyPage(
        name=policy.name,
        version=policy.version,
        revision=policy.revision,
        summary=policy.summary or "",
        owner=policy.owner,
        source=policy.source,
        outcomes=policy.outcomes,
        begins=moment_words(policy.effective_from),
        how=HOW[policy.hit],
        fail_safe=policy.on_error,
        rules=tuple(
            _shown(
                typed.rule,
                rule_sentences(validated, typed),
                _message(typed.message, policy),
                typed.rule.source,
                cases,
                dead.get(typed.rule.id_node.start),
            )
            for typed in validated.rules
        ),
        otherwise=_shown(
            policy.otherwise,
            otherwise_sentences(validated),
            _message(validated.otherwise_message, policy),
            None,
            cases,
        ),
        named=tuple(named_sentence(validated, name) for name in validated.conditions),
        outputs=tuple(_outputs(validated)),
        tables=tuple(_table(p, dead) for p in policy.parameters.values() if p.table is not None),
        parameters=tuple(_parameter(p) for p in policy.parameters.values() if p.table is None),
        facts=tuple(_fact(fact, policy) for fact in policy.facts.values()),
        claims=show_claims(claims, version),
    )


def find_unreachable(validated: ValidatedPolicy) -> dict[int, str]:
    """Why rules and rows can never decide, by where they start in the file."""
    found = {}
    places = {
        rule.rule.id_node.source.line_column(rule.rule.id_node.start): rule.rule.id_node.start
        for rule in validated.rules
    }
    for parameter in validated.policy.parameters.values():
        for node in parameter.table.row_nodes if parameter.table else ():
            places[node.source.line_column(node.start)] = node.start
    for problem in no_unreachable_rule.find(validated):
        start = places.get((problem.line, problem.column))
        if start is not None:
            found[start] = problem.message
    return found


def _is_about(result: CaseResult, version: CompiledPolicy) -> bool:
    """A case that assumes values of parameters runs on a copy of the version."""
    ran = result.version
    return ran is not None and (ran.name, ran.version) == (version.name, version.version)


def _by_rule(results: Iterable[CaseResult]) -> dict[str, list[CaseShown]]:
    """The cases of each rule, by its id."""
    cases: dict[str, list[CaseShown]] = {}
    for result in results:
        decision = result.decision
        if decision is None or decision.errors:
            continue
        case = CaseShown(result.case.name, decision.outcome, decision.rule)
        cases.setdefault(decision.rule.partition("[")[0], []).append(case)
    return cases


def _shown(
    part: Rule | Otherwise,
    sentences: list[Sentence],
    message: tuple[Piece, ...],
    source: str | None,
    cases: Mapping[str, list[CaseShown]],
    never: str | None = None,
) -> RuleShown:
    return RuleShown(
        part.id,
        part.then,
        tuple(sentences),
        message,
        part.obligations,
        source,
        tuple(cases.get(part.id, ())),
        never,
        part.permit_because if isinstance(part, Otherwise) else None,
    )


def _message(parts: Iterable[Part], policy: Policy) -> tuple[Piece, ...]:
    """With the values of parameters. What only a decision knows stands in brackets."""
    pieces: list[Piece] = []
    for part in parts:
        if isinstance(part, str):
            pieces.append(part)
        elif part.kind == "parameter":
            parameter = policy.parameters[part.name]
            pieces.append(Given(show_value(parameter.value, parameter.type)))
        elif part.kind == "row":
            pieces += ["[row’s ", Name("field", part.name), "]"]
        elif part.kind == "output":
            pieces += ["[", Name("field", part.name), "]"]
        else:
            name, _, inner = part.name.partition(".")
            field: list[Piece] = ["’s ", Name("field", inner)] if inner else []
            pieces += ["[", Name("fact", name), *field, "]"]
    return tuple(pieces)


def _outputs(validated: ValidatedPolicy) -> Iterator[tuple[str, Sentence]]:
    """Each output with how it is computed."""
    for name, output in validated.policy.outputs.items():
        if name in validated.outputs:
            yield name, output_sentence(validated, name)
        else:
            default = show_value(output.default, output.type)
            yield (
                name,
                Sentence(
                    (Name("field", name), " is what the deciding rule sets, otherwise ", Given(default))
                ),
            )


def _table(parameter: Parameter, dead: Mapping[int, str]) -> TableShown:
    table = parameter.table
    assert table is not None
    columns = tuple(name for name, _ in table.columns)
    types = [type_ for _, type_ in table.columns]
    rows = tuple(
        RowShown(
            tuple(show_value(cell, type_) for cell, type_ in zip(row, types, strict=True)),
            dead.get(node.start),
        )
        for row, node in zip(table.rows, table.row_nodes, strict=True)
    )
    return TableShown(parameter.name, parameter.help or "", columns, rows)


def _parameter(parameter: Parameter) -> ParameterShown:
    type_ = parameter.type
    return ParameterShown(
        parameter.name,
        show_value(parameter.value, type_),
        _bounds(parameter.minimum, parameter.maximum, type_),
        parameter.help or "",
    )


def _fact(fact: Fact, policy: Policy) -> FactShown:
    marks = {
        "private: nobody sees it": fact.private,
        "shown to the person concerned": fact.show,
        "never changes": fact.fixed,
        "chooses the version": fact.name == policy.in_force_by,
    }
    return FactShown(
        fact.name, type_words(fact.type), tuple(m for m, has in marks.items() if has), fact.help or ""
    )


KINDS = {
    "bool": "yes or no",
    "int": "a whole number",
    "double": "a number",
    "string": "a text",
    "timestamp": "a moment",
    "duration": "a length of time",
}


def type_words(type_: Type) -> str:
    """A type for people."""
    if type_.kind == "enum":
        words = "one of " + ", ".join(type_.members)
    elif type_.kind == "decimal":
        words = f"a number with {type_.scale} decimal place{'' if type_.scale == 1 else 's'}"
    elif type_.kind == "record":
        words = "; ".join(f"{name.replace('_', ' ')}: {type_words(field)}" for name, field in type_.fields)
    elif type_.item is not None:
        most = f"at most {type_.max_items:,}" if type_.max_items != MAX_ITEMS else "any number"
        words = f"a list, {most}, each {type_words(type_.item)}"
    else:
        words = KINDS[type_.kind]
    bounds = _bounds(type_.minimum, type_.maximum, type_)
    return words + (f" {bounds}" if bounds else "") + (", or nothing" if type_.optional else "")


def _bounds(minimum: Value, maximum: Value, type_: Type) -> str:
    if minimum is None and maximum is None:
        return ""
    if maximum is None:
        return f"from {show_value(minimum, type_)}"
    if minimum is None:
        return f"up to {show_value(maximum, type_)}"
    return f"from {show_value(minimum, type_)} to {show_value(maximum, type_)}"
