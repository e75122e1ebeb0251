"""What a solver finds in a policy that cannot be what its owner meant.

- `never-applies`, `never-decides`: rules and rows without an input, with the parameters of today.
- `implied-condition`: a part of a condition that the other parts make superfluous.
- `table-gap`, `table-overlap`: tables with an input that no row is for, or two: see `table_lint`.
- `unique-overlap`: with `hit: unique`, an input for which two rules answer differently.

The errors of `engine.lint` stay what they are, so that a policy loads and is checked alike without a solver.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from documents.diagnostics import Diagnostic
from documents.nodes import Node
from engine.backends.smt.policy import Decided, decide
from engine.backends.smt.question import Found, Nothing, ask, ask_each
from engine.backends.smt.terms import Terms
from engine.backends.smt.translate import Translator
from engine.backends.smt.world import World
from engine.claims import inputs, table_lint
from engine.claims.inputs import Input
from engine.compiled import CompiledPolicy
from engine.expression import typed as t
from engine.expression.problem import ExpressionProblem
from engine.lint import no_unreachable_rule
from engine.lint.finding import warning
from engine.policy.model import Text
from engine.policy.text_position import to_diagnostic
from engine.policy.validated import ValidatedPolicy

SHOWN = 3
"""How many rules and rows a finding names."""


def find(version: CompiledPolicy) -> Iterator[Diagnostic]:
    """Findings about one version of a policy, as warnings."""
    validated = version.validated
    world = World(Terms(), {})
    facts = {name: world.fact(name, fact.type) for name, fact in validated.policy.facts.items()}
    decided = decide(Translator(world, validated, facts))
    yield from _dead(decided)
    yield from _implied(decided)
    yield from table_lint.find(decided, version)
    yield from _overlap(decided, version)


def _dead(decided: Decided) -> Iterator[Diagnostic]:
    """Entries that never apply, and those that apply but never decide: each group is one finding."""
    entries = decided.entries[:-1]
    questions = [*(e.applies for e in entries), *decided.decides[:-1]]
    answers = ask_each(decided.world, questions)
    applying, deciding = answers[: len(entries)], answers[len(entries) :]
    never = [e.id for e, answer in zip(entries, applying, strict=True) if isinstance(answer, Nothing)]
    beaten = [
        e.id
        for e, applies, decides in zip(entries, applying, deciding, strict=True)
        if isinstance(decides, Nothing) and not isinstance(applies, Nothing)
    ]
    if never or beaten:
        told = {id_ for ids, _ in no_unreachable_rule.unreachable(decided.validated) for id_ in ids}
        never, beaten = ([i for i in ids if not {i, i.partition("[")[0]} & told] for ids in (never, beaten))
    hint = (
        "`comity cases propose` names the parameter that would wake each; delete what is not meant for later"
    )
    if never:
        message = f"{_listed(never)} never {_verb('applies', never)}, with the parameters of today"
        yield warning(_place(decided.validated, never[0]), "never-applies", message, hint)
    if beaten:
        message = f"{_listed(beaten)} never {_verb('decides', beaten)}: another rule always does"
        yield warning(_place(decided.validated, beaten[0]), "never-decides", message, hint)


def _place(validated: ValidatedPolicy, id_: str) -> Node:
    """The id of a rule, or the row of an entry such as `fee[small]`."""
    rule = next(rule for rule in validated.rules if rule.rule.id == id_.partition("[")[0])
    table = validated.table_of(rule)
    if table is not None:
        for values, node in zip(table.rows, table.row_nodes, strict=True):
            if f"{rule.rule.id}[{table.row_name(values)}]" == id_:
                return node
    return rule.rule.id_node


def _listed(ids: Sequence[str]) -> str:
    named = [f"`{id_}`" for id_ in ids[:SHOWN]]
    more = len(ids) - len(named)
    if more:
        return f"{', '.join(named)} and {more} more"
    return f"{', '.join(named[:-1])} and {named[-1]}" if len(named) > 1 else named[0]


def _verb(word: str, ids: Sequence[str]) -> str:
    """The verb, which loses its `s` after several names."""
    return word if len(ids) == 1 else {"applies": "apply", "decides": "decide"}[word]


def _implied(decided: Decided) -> Iterator[Diagnostic]:
    """Parts of conditions that add nothing. Those of a rule with rows are not examined: each row has its own parameters."""
    terms, translator = decided.world.terms, decided.translator
    for name, text, tree in _conditions(decided.validated):
        if not isinstance(tree, t.And | t.Or):
            continue
        is_and = isinstance(tree, t.And)
        holds = [translator.holds(part) for part in tree.operands]
        # What an `||` leaves open is the opposite of each part.
        parts = holds if is_and else [terms.not_(h) for h in holds]
        if not isinstance(ask(decided.world, terms.and_(parts)), Found):
            continue
        for position, part in enumerate(tree.operands):
            if _guards(part):
                continue
            others = [other for n, other in enumerate(parts) if n != position]
            question = terms.and_([*others, terms.not_(parts[position])])
            if isinstance(ask(decided.world, question), Nothing):
                yield _adds_nothing(name, text, part, is_and)
                break


def _conditions(validated: ValidatedPolicy) -> Iterator[tuple[str, Text, t.Typed]]:
    """The named conditions, and those of the rules without rows."""
    for name, text in validated.policy.conditions.items():
        yield name, text, validated.conditions[name]
    for rule in validated.rules:
        if rule.rule.for_each is None:
            for text_of, tree in ((rule.rule.when, rule.when), (rule.rule.unless, rule.unless)):
                if text_of is not None and tree is not None:
                    yield rule.rule.id, text_of, tree


def _guards(part: t.Typed) -> bool:
    """Whether a part says that a value is null, or is not: a habit, although `==` needs no such guard."""
    return isinstance(part.operand if isinstance(part, t.Not) else part, t.IsNull)


def _adds_nothing(name: str, text: Text, part: t.Typed, is_and: bool) -> Diagnostic:
    shown = text.text[slice(*part.span)]
    when = (
        f"wherever the other parts of this condition of `{name}` do"
        if is_and
        else f"only where another part of this condition of `{name}` does"
    )
    problem = ExpressionProblem(
        part.span, "implied-condition", f"`{shown}` holds {when}", "leave it out, or correct one of them"
    )
    return replace(to_diagnostic(text, problem), severity="warning")


def _overlap(decided: Decided, version: CompiledPolicy) -> Iterator[Diagnostic]:
    """An input for which `hit: unique` has no answer."""
    if decided.validated.policy.hit != "unique":
        return
    answer = ask(decided.world, decided.overlapping)
    if not isinstance(answer, Found):
        return
    types = {name: fact.type for name, fact in decided.validated.policy.facts.items()}
    given = Input(answer.model.facts(types, {}), answer.model.moment(inputs.PLAIN_NOW))

    def holds(one: Input) -> bool:
        return inputs.decide(version, types, one).reason.startswith("not-unique:")

    if holds(given):
        given = inputs.smallest(given, types, holds)
        told, facts = (
            inputs.decide(version, types, given).message,
            json.dumps(given.shown(types), ensure_ascii=False),
        )
        message = f"given {facts} at {given.moment}, {told}"
        place = decided.validated.policy.node
        yield warning(
            place, "unique-overlap", message, "let one of them exclude the other, or use `hit: first`"
        )
