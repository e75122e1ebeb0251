"""Changes of thresholds that break a promise, with the claim that they break, and ones that keep all of them."""

from collections.abc import Mapping

Values = Mapping[str, float]


def cells(
    mode: str, category: str, flag: float | None = None, block: float | None = None
) -> dict[str, float]:
    given = {"flag": flag, "block": block}
    return {f"thresholds[{mode}/{category}].{name}": v for name, v in given.items() if v is not None}


def both(category: str, flag: float, block: float) -> dict[str, float]:
    return cells("normal", category, flag, block) | cells("dispute", category, flag, block)


LAXER = "dispute-is-not-laxer-about-hard-categories"
PASSES = "hard-categories-do-not-pass"
ANGER = "anger-is-not-blocked-in-a-dispute"

HELD_LATE = {f"classifier_may_hold[{mode}/abuse].hold": 0.99 for mode in ("normal", "dispute")}

BAD: Mapping[str, tuple[Values, str]] = {
    "threats are flagged later in disputes": (cells("dispute", "threat", flag=0.40), LAXER),
    "hate is blocked later in disputes": (cells("dispute", "hate", block=0.85), LAXER),
    "abuse is blocked sooner outside of disputes": (cells("normal", "abuse", block=0.40), LAXER),
    "violence is never flagged or blocked in disputes": (cells("dispute", "violence", 2.0, 2.0), LAXER),
    "threats pass everywhere": (both("threat", 2.0, 2.0), PASSES),
    "abuse passes almost to the end": ({**both("abuse", 0.99, 0.99), **HELD_LATE}, PASSES),
    "abuse is flagged late in both modes": ({**both("abuse", 0.60, 0.70), **HELD_LATE}, PASSES),
    "abuse is flagged a hundredth too late": ({**both("abuse", 0.51, 0.80), **HELD_LATE}, PASSES),
    "insults are blocked in disputes": (cells("dispute", "insult", 0.50, 0.80), ANGER),
    "swearing is blocked in disputes": (cells("dispute", "profanity", block=0.99), ANGER),
}

GOOD: Mapping[str, Values] = {
    "threats are flagged later": both("threat", 0.40, 0.50),
    "threats are blocked later": both("threat", 0.30, 0.65),
    "hate is flagged sooner": both("hate", 0.20, 0.50),
    "disputes are stricter about abuse": cells("dispute", "abuse", 0.20, 0.60),
    "violence is flagged at the last moment": both("violence", 0.50, 0.50),
    "insults are flagged sooner": cells("normal", "insult", flag=0.30),
    "swearing is never blocked": cells("normal", "profanity", block=2.0),
    "spam is blocked later": cells("normal", "spam", block=0.95) | cells("dispute", "spam", flag=0.80),
    "sexual texts are blocked sooner": cells("normal", "sexual", block=0.70),
    "hard categories are held sooner": {"hold_from": 0.40, "hard_limit": 0.90},
}
