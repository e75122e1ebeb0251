"""Verdicts on claims: sentences, diagnostics and data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from documents.diagnostics import Diagnostic
from engine.claims.case_text import WrittenCase, case_file
from engine.claims.proof import Proof
from engine.claims.reports import Result


def told(proof: Proof) -> str:
    """A verdict in one sentence."""
    claim = f"`{proof.claim.id}`"
    of = f"{proof.of.name} {proof.of.number}"
    match proof.status:
        case "proven":
            return f"{claim} is proven of {of}"
        case "broken":
            return f"{claim} is broken by {of}"
        case "vacuous":
            return f"{claim} says nothing about {of}: {proof.why}"
    return f"{claim} is not proven of {of}: {proof.why}"


def lines(proofs: Iterable[Proof]) -> Iterator[str]:
    for proof in proofs:
        yield told(proof)
        if proof.bounds:
            looked = ", ".join(f"{size} of `{path}`" for path, size in proof.bounds.items())
            yield f"   for lists of any length, by looking at {looked}"
        if proof.shown:
            yield from (f"   {line}" for line in case_of(proof).splitlines())


def case_of(proof: Proof) -> str:
    """The smallest input that breaks a claim, as a case file. It expects what the policy decides today."""
    words = [""] if len(proof.shown) == 1 else [", before", ", after"]
    cases = [
        WrittenCase(f"breaks the claim {proof.claim.id}{word}", shown.facts, shown.decision, shown.parameters)
        for word, shown in zip(words, proof.shown, strict=True)
    ]
    return case_file(proof.claim.policy, cases, f"Breaks the claim {proof.claim.id}: {proof.claim.because}")


def diagnostic(proof: Proof) -> Diagnostic | None:
    """The problem at the claim; None if it is proven."""
    if proof.status == "proven":
        return None
    code = {"broken": "claim-broken", "vacuous": "claim-vacuous"}.get(proof.status, "claim-not-proven")
    hint = {
        "broken": f"`comity prove {proof.claim.id}` shows the smallest input that breaks it",
        "vacuous": "correct `given`, or delete the claim",
    }.get(proof.status)
    return replace(proof.claim.node.diagnostic(code, told(proof), hint), length=1)


def to_dict(proof: Proof) -> dict[str, Any]:
    return {
        "claim": proof.claim.id,
        "policy": proof.claim.policy,
        "version": proof.of.version,
        "revision": proof.of.revision,
        "status": proof.status,
        "why": proof.why or None,
        "bounds": dict(proof.bounds),
        "inputs": [
            {
                "facts": dict(shown.facts),
                "at": shown.at,
                "parameters": dict(shown.parameters),
                "decision": shown.decision.to_dict(),
            }
            for shown in proof.shown
        ],
        "case": case_of(proof) if proof.shown else None,
    }


def results(proofs: Iterable[Proof]) -> Iterator[Result]:
    """The test cases of a JUnit report."""
    for proof in proofs:
        name = f"{proof.claim.id} ({proof.of.number})"
        failed = told(proof) if proof.status in ("broken", "vacuous") else None
        error = told(proof) if proof.status == "not proven" else None
        yield Result(proof.claim.policy, name, failed, error, case_of(proof) if proof.shown else "")
