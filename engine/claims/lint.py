"""What a solver finds in a policy that cannot be what its owner meant.

- `never-applies`, `never-decides`: rules and rows without an input, with the parameters of today.
- `implied-condition`: a part of a condition that holds wherever the other parts do.
- `unique-overlap`: with `hit: unique`, an input for which two rules answer differently.

The errors of `engine.lint` stay what they are, so that a policy loads and is checked alike without a solver.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from documents.diagnostics import Diagnostic
from engine.backends.smt.policy import Decided, decide
from engine.backends.smt.question import Found, Nothing, ask, ask_each
from engine.backends.smt.terms import Terms
from engine.backends.smt.translate import Translator
from engine.backends.smt.world import World
from engine.claims import inputs
from engine.claims.inputs import Input
from engine.compiled import CompiledPolicy
from engine.expression import typed as t
from engine.expression.problem import ExpressionProblem
from engine.lint.finding import warning
from engine.policy.model import Text
from engine.policy.text_position import to_diagnostic
from engine.policy.validated import TypedRule

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
    node = decided.validated.policy.node
    place = node.get("rules") or node  # type: ignore[attr-defined]
    hint = (
        "`comity cases propose` names the parameter that would wake each; delete what is not meant for later"
    )
    if never:
        message = f"{_listed(never)} never {_verb('applies', never)}, with the parameters of today"
        yield warning(place, "never-applies", message, hint)
    if beaten:
        message = f"{_listed(beaten)} never {_verb('decides', beaten)}: another rule always does"
        yield warning(place, "never-decides", message, hint)


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
    """Parts of the `when` of a rule. Those of a rule with rows are not examined: each row has its own parameters."""
    for rule in decided.validated.rules:
        text, tree = rule.rule.when, rule.when
        if text is None or not isinstance(tree, t.And) or rule.rule.for_each is not None:
            continue
        holds = [decided.translator.holds(part) for part in tree.operands]
        if isinstance(ask(decided.world, decided.world.terms.and_(holds)), Found):
            yield from _implied_parts(decided, rule, text, tree)


def _implied_parts(decided: Decided, rule: TypedRule, text: Text, tree: t.And) -> Iterator[Diagnostic]:
    terms = decided.world.terms
    for position, part in enumerate(tree.operands):
        others = [decided.translator.holds(o) for n, o in enumerate(tree.operands) if n != position]
        question = terms.and_([*others, terms.not_(decided.translator.holds(part))])
        if isinstance(ask(decided.world, question), Nothing):
            shown = text.text[slice(*part.span)]
            message = f"`{shown}` holds wherever the other parts of this condition of `{rule.rule.id}` do"
            problem = ExpressionProblem(
                part.span, "implied-condition", message, "leave it out, or correct one of them"
            )
            yield replace(to_diagnostic(text, problem), severity="warning")
            return


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
        rules = inputs.decide(version, types, given).reason.partition(":")[2].replace("/", "` and `", 1)
        facts = json.dumps(given.shown(types), ensure_ascii=False)
        message = f"`{rules}` both apply and answer differently, given {facts} at {given.moment}"
        place = decided.validated.policy.node
        yield warning(
            place, "unique-overlap", message, "let one of them exclude the other, or use `hit: first`"
        )
