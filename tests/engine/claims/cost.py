"""Rewrite every shipped policy, compare each with itself, and prove all claims: prints what that cost in CPU seconds, as JSON."""

import json
import random
import time
from pathlib import Path

from documents.source import Source
from engine.backends.smt.z3_solver import Z3
from engine.bundle import load_bundle, load_sources
from engine.claims.bundles import compare_policies
from engine.claims.claim import read_claims
from engine.claims.proof import prove
from tests.engine.claims.rewriting import rewritten
from tests.memory import kilobytes


def main() -> None:
    questions: list[float] = []
    check = Z3.check

    def timed(solver, **limits):
        start = time.thread_time()
        try:
            return check(solver, **limits)
        finally:
            questions.append(time.thread_time() - start)

    Z3.check = timed
    bundle = load_bundle(Path("policies")).bundle
    assert bundle is not None
    cost: dict[str, object] = {"unequal": [], "unproven": []}
    start = time.process_time()
    for name, versions in bundle.policies.items():
        other = load_sources([Source("other.yaml", rewritten(versions.newest, random.Random(1)))]).bundle
        assert other is not None and other.policies[name].newest.digest != versions.newest.digest
        if not compare_policies({name: versions}, dict(other.policies)).equal:
            cost["unequal"].append(name)
    cost["seconds of rewritten policies"] = round(time.process_time() - start, 1)
    start = time.process_time()
    for claim in read_claims(Path("policies/claims.yaml"), bundle.policies)[0]:
        if any(p.status != "proven" for p in prove(claim, bundle.policies[claim.policy])):
            cost["unproven"].append(claim.id)
    cost["seconds of claims"] = round(time.process_time() - start, 1)
    cost["questions"] = len(questions)
    cost["slowest question"] = round(max(questions), 1)
    cost["megabytes"] = kilobytes("VmHWM") // 1024
    print(json.dumps(cost))  # noqa: T201


if __name__ == "__main__":
    main()
