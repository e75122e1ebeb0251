"""Claims about policies, read from `claims.yaml` and type-checked as conditions are."""

from __future__ import annotations

from collections.abc import Mapping as Map
from collections.abc import Sequence as Seq
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast, get_args

from documents.diagnostics import Diagnostic, did_you_mean, has_errors, in_order
from documents.nodes import Mapping, Node, Scalar, Sequence
from documents.reader import Reader, read_document
from engine.bundle import Versions
from engine.decision import ON_ERROR
from engine.expression import typed as t
from engine.expression.types import Type, article
from engine.policy.model import Policy, Text
from engine.policy.rule_reader import read_condition
from engine.policy.validator import check_condition
from engine.policy.value_reader import scalar_value

Kind = Literal["never", "always", "rises", "compare"]
Expect = Literal["not_laxer", "not_stricter", "same"]
Parameters = Literal["today", "range"]
CLAIM_KEYS = {
    "id": True,
    "policy": True,
    "because": True,
    "given": False,
    "never": False,
    "always": False,
    "rises": False,
    "compare": False,
    "expect": False,
    "unless": False,
    "parameters": False,
    "since": False,
}
DECISION = ("outcome", "rule", "obligations", "outputs")
"""The names by which a claim reads the decision."""


@dataclass(frozen=True, slots=True)
class Claim:
    """`given` says what it is about, `unless` names its exceptions; `holds` is the condition of `never` or `always`."""

    id: str
    policy: str
    because: str
    kind: Kind
    node: Node
    since: int = 1
    given: Text | None = None
    holds: Text | None = None
    unless: Text | None = None
    rises: str = ""
    """A numeric fact, or a field of the items of a list: `signals.score`."""
    compared: Map[str, tuple[Any, Any]] = field(default_factory=dict)
    """The facts in which two inputs differ, and their values."""
    expect: Expect = "not_laxer"
    parameters: Parameters = "today"


@dataclass(frozen=True, slots=True)
class TypedClaim:
    """A claim with the types of one version of its policy."""

    claim: Claim
    given: t.Typed | None
    holds: t.Typed | None
    unless: t.Typed | None


def read_claims(path: Path, policies: Map[str, Versions]) -> tuple[list[Claim], list[Diagnostic]]:
    """The claims of a file, and every problem, those of their types in any version included."""
    document, problems = read_document(path, str(path))
    reader = Reader()
    keys = reader.keys(document, "a file of claims", {"claims": True}) if document is not None else None
    claims: list[Claim] = []
    for node in reader.items((keys or {}).get("claims"), "`claims`"):
        claim = _read(reader, node, policies)
        if claim is None:
            continue
        if any(other.id == claim.id for other in claims):
            reader.report(
                node, "duplicate-claim", f"the claim `{claim.id}` is given twice", "each has its own id"
            )
            continue
        claims.append(claim)
    diagnostics = [*problems, *reader.problems]
    if not has_errors(diagnostics):
        diagnostics += {
            (d.line, d.column): d
            for claim in claims
            for version in policies[claim.policy].all
            if version.version >= claim.since
            for d in typed(claim, version.validated.policy)[1]
        }.values()
    return ([] if has_errors(diagnostics) else claims), list(in_order(diagnostics))


def typed(claim: Claim, policy: Policy) -> tuple[TypedClaim, list[Diagnostic]]:
    """Type-check a claim against one version of its policy."""
    problems: list[Diagnostic] = []
    variables = variables_of(policy)

    def check(text: Text | None, key: str) -> t.Typed | None:
        if text is None:
            return None
        tree, new = check_condition(policy, text, variables, f"`{key}` of the claim `{claim.id}`")
        problems.extend(new)
        return tree

    return (
        TypedClaim(
            claim, check(claim.given, "given"), check(claim.holds, claim.kind), check(claim.unless, "unless")
        ),
        problems,
    )


def variables_of(policy: Policy) -> dict[str, Type]:
    """The decision, as a claim reads it."""
    rules = tuple(dict.fromkeys([*(r.id for r in policy.rules), policy.otherwise.id, ON_ERROR]))
    variables = {
        "outcome": Type("enum", members=policy.outcomes),
        "rule": Type("enum", members=rules),
        "obligations": Type("list", item=Type("enum", members=policy.obligations)),
    }
    if policy.outputs:
        variables["outputs"] = Type("record", fields=tuple((n, o.type) for n, o in policy.outputs.items()))
    return variables


def _read(reader: Reader, node: Node, policies: Map[str, Versions]) -> Claim | None:
    before = len(reader.problems)
    keys = reader.keys(node, "a claim", CLAIM_KEYS)
    if keys is None or len(reader.problems) > before:
        return None
    words = {k: reader.text(keys[k], f"`{k}`") for k in ("id", "policy", "because")}
    policy = words["policy"] or ""
    if policy not in policies:
        hint = did_you_mean(policy, policies)
        reader.report(keys["policy"], "unknown-policy", f"unknown policy `{policy}`", hint)
        return None
    kinds: list[Kind] = [kind for kind in get_args(Kind) if kind in keys]
    if len(kinds) != 1:
        hint = "write one of `never`, `always`, `rises` and `compare`"
        reader.report(node, "bad-claim", "a claim says exactly one thing", hint)
        return None
    kind = kinds[0]
    declared = policies[policy].all[-1].validated.policy
    _refuse_taken_names(reader, keys["policy"], declared)
    texts = {
        k: read_condition(reader, keys[k], f"`{k}`") if k in keys else None
        for k in ("given", "never", "always", "unless")
    }
    rises = _rising(reader, keys["rises"], declared) if kind == "rises" else ""
    compared = _compared(reader, keys["compare"], declared) if kind == "compare" else {}
    if kind in ("never", "always"):
        for key in ("unless", "expect"):
            if key in keys:
                hint = "put the opposite into `given`" if key == "unless" else "leave it out"
                reader.report(keys[key], "bad-claim", f"`{key}` is for claims about two inputs", hint)
    choices = {
        "expect": reader.choice(keys.get("expect"), "`expect`", ("not_laxer", "not_stricter", "same"), {}),
        "parameters": reader.choice(keys.get("parameters"), "`parameters`", ("today", "range"), {}),
    }
    since = reader.integer(keys.get("since"), "`since`", 1, 1_000_000) or 1
    if len(reader.problems) > before:
        return None
    return Claim(
        words["id"] or "", policy, words["because"] or "", kind, node, since, texts["given"],
        texts["never"] or texts["always"], texts["unless"], rises, compared,
        cast("Expect", choices["expect"] or "not_laxer"), cast("Parameters", choices["parameters"] or "today"),
    )  # fmt: skip


def _refuse_taken_names(reader: Reader, node: Node, policy: Policy) -> None:
    declared = {*policy.facts, *policy.parameters, *policy.named}
    for name in DECISION:
        if name in declared:
            message = f"the policy has a `{name}` of its own, so a claim cannot read that of the decision"
            reader.report(node, "name-taken", message, f"rename `{name}` in the policy")


def _rising(reader: Reader, node: Node, policy: Policy) -> str:
    path = reader.text(node, "`rises`") or ""
    name, _, inner = path.partition(".")
    fact = policy.facts.get(name)
    type_ = None if fact is None else fact.type
    if type_ is not None and type_.item is not None:
        type_ = type_.item.field(inner) if inner else type_.item
    elif inner:
        type_ = None
    if type_ is None:
        hint = did_you_mean(name, policy.facts) or "such as `amount`, or `signals.score`"
        reader.report(node, "unknown-fact", f"`{path}` is no fact, and no field of a list of them", hint)
    elif type_.kind not in ("int", "decimal", "double", "timestamp", "duration"):
        reader.report(node, "wrong-type", f"`{path}` is {article(type_)}, which cannot rise", "name a number")
    return path


def _compared(reader: Reader, node: Node, policy: Policy) -> dict[str, tuple[Any, Any]]:
    values_of: dict[str, tuple[Any, Any]] = {}
    if not isinstance(node, Mapping) or not node.entries:
        hint = "such as `{mode: [normal, dispute]}`"
        reader.report(node, "bad-claim", "`compare` needs facts, each with its two values", hint)
        return {}
    for key, value in node.entries:
        fact = policy.facts.get(key.text)
        if fact is None:
            reader.report(
                key, "unknown-fact", f"unknown fact `{key.text}`", did_you_mean(key.text, policy.facts)
            )
            continue
        items: Seq[Node] = value.items if isinstance(value, Sequence) else []
        values = [scalar_value(n, fact.type) if isinstance(n, Scalar) else None for n in items]
        if len(values) != 2 or None in values:
            message = f"`{key.text}` needs two values, each {article(fact.type)}"
            reader.report(value, "bad-claim", message, "such as `[normal, dispute]`")
            continue
        values_of[key.text] = (values[0], values[1])
    return values_of
