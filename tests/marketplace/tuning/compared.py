"""Generated labels, and what scikit-learn and SciPy count from them. Both together have 100 MB, so they are not among the tests'
dependencies; `compared.json` has their numbers, and `make bench-moderation` counts again:

    .venv-moderation/bin/python -m tests.marketplace.tuning.compared [--write]
"""

import json
import random
import sys
from pathlib import Path
from typing import Any, Final

KEPT: Final = Path(__file__).with_suffix(".json")
SEEDS: Final = range(40)


def generated(seed: int) -> list[tuple[bool, bool]]:
    """Of each text, whether people labelled it and whether it was found."""
    chance = random.Random(seed)
    common, right, false = chance.random() ** 2, chance.random(), chance.random() ** 2
    texts = [chance.random() < common for _ in range(chance.randint(1, 300))]
    return [(label, chance.random() < (right if label else false)) for label in texts]


def counted(seed: int) -> dict[str, Any]:
    from scipy.stats import binomtest
    from sklearn.metrics import precision_score, recall_score

    labelled, found = zip(*generated(seed), strict=True)
    hits = sum(label and each for label, each in zip(labelled, found, strict=True))

    def share(of: int, score: Any) -> list[float] | None:
        if of == 0:
            return None
        interval = binomtest(hits, of).proportion_ci(confidence_level=0.95, method="wilson")
        return [float(score(labelled, found)), float(interval.low), float(interval.high)]

    return {"precision": share(sum(found), precision_score), "recall": share(sum(labelled), recall_score)}


def main() -> None:
    now = [counted(seed) for seed in SEEDS]
    if "--write" in sys.argv:
        KEPT.write_text("[\n" + ",\n".join(json.dumps(each) for each in now) + "\n]\n")
    kept = json.loads(KEPT.read_text())
    close = all(
        (one is None) == (other is None)
        and all(abs(a - b) < 1e-9 for a, b in zip(one or (), other or (), strict=True))
        for before, after in zip(kept, now, strict=True)
        for one, other in zip(before.values(), after.values(), strict=True)
    )
    if not close:
        sys.exit(f"{KEPT.name} is not what scikit-learn and SciPy count today")
    print(f"{len(now)} precisions and recalls are still those of scikit-learn and SciPy")  # noqa: T201 - a command


if __name__ == "__main__":
    main()
