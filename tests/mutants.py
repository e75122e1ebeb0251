"""Report of `make mutate`: how many mutants of the engine the tests kill, and which survive.

Reads the output of `mutmut results --all true`: one `module.function__mutmut_number: status` per line. With `--sample N` it
draws N mutants of each part instead, and with `--sampled` it reports only those that ran: then a part is good enough if the
Wilson interval of its share, at 95%, lies above the limit.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator

from detectors.wilson import wilson

PART = {
    "engine.backends.python.compiler": "compiler",
    "engine.backends.python.emitter": "compiler",
    "engine.backends.python.explanation": "compiler",
    "engine.backends.python.outputs": "compiler",
    "engine.backends.python.rules": "compiler",
    "engine.backends.python.tables": "compiler",
    "engine.expression.arithmetic": "checker",
    "engine.expression.arithmetic_checker": "checker",
    "engine.expression.base_checker": "checker",
    "engine.expression.calls": "checker",
    "engine.expression.checker": "checker",
    "engine.expression.comparison_checker": "checker",
    "engine.expression.exact_checker": "checker",
    "engine.expression.hints": "checker",
    "engine.expression.intervals": "checker",
    "engine.expression.list_checker": "checker",
    "engine.expression.quantity_checker": "checker",
    "engine.expression.scope": "checker",
    "engine.expression.wrong_calls": "checker",
    "engine.backends.reference": "reference",
}
"""The part of the engine that each mutated module belongs to."""
KILLED = frozenset(["killed", "timeout"])
"""A mutant that never ends counts as killed."""
ENOUGH = 0.9


def read_results(lines: Iterable[str]) -> dict[str, dict[str, str]]:
    """The status of each mutant, by module."""
    results: dict[str, dict[str, str]] = defaultdict(dict)
    for line in lines:
        mutant, _, status = line.strip().rpartition(": ")
        results[mutant.rpartition(".")[0]][mutant] = status
    return results


def killed(mutants: dict[str, str]) -> int:
    return sum(status in KILLED for status in mutants.values())


def describe(results: dict[str, dict[str, str]]) -> Iterator[str]:
    for mutants in results.values():
        yield from (f"{status}: {mutant}" for mutant, status in mutants.items() if status not in KILLED)
    for module, mutants in results.items():
        yield _line(module, mutants)
    for part, mutants in parts(results).items():
        yield _line(part, mutants)


def parts(results: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """The same by part of the engine, including parts without mutants."""
    merged: dict[str, dict[str, str]] = {part: {} for part in PART.values()}
    for module, mutants in results.items():
        merged[PART[module]].update(mutants)
    return merged


def _line(name: str, mutants: dict[str, str]) -> str:
    share = killed(mutants) / len(mutants) if mutants else 0
    return f"{name:<36} {killed(mutants):>5} of {len(mutants):>5} killed, {share:6.1%}"


def enough(results: dict[str, dict[str, str]], *, sampled: bool = False) -> bool:
    return all(mutants and _share(mutants, sampled) >= ENOUGH for mutants in parts(results).values())


def _share(mutants: dict[str, str], sampled: bool) -> float:
    """Of a sample, the lower end of the 95% interval."""
    return wilson(killed(mutants), len(mutants)).lower if sampled else killed(mutants) / len(mutants)


def draw(results: dict[str, dict[str, str]], count: int, seed: int) -> list[str]:
    """`count` random mutants of each part, or all where it has fewer."""
    chosen = random.Random(seed)
    return [
        name
        for mutants in parts(results).values()
        for name in chosen.sample(sorted(mutants), min(count, len(mutants)))
    ]


def that_ran(results: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    ran = {
        module: {name: status for name, status in mutants.items() if status != "not checked"}
        for module, mutants in results.items()
    }
    return {module: mutants for module, mutants in ran.items() if mutants}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, help="draw so many mutants of each part, and print their names")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sampled", action="store_true", help="report only the mutants that ran")
    options = parser.parse_args()
    results = read_results(sys.stdin)
    if options.sample:
        sys.stdout.writelines(f"{name}\n" for name in draw(results, options.sample, options.seed))
        return
    if options.sampled:
        results = that_ran(results)
    sys.stdout.writelines(f"{line}\n" for line in describe(results))
    if not enough(results, sampled=options.sampled):
        sys.exit(f"fewer than {ENOUGH:.0%} of the mutants of a part are killed; `mutmut show NAME` shows one")


if __name__ == "__main__":
    main()
