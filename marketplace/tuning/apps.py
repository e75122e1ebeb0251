"""The Django app that tunes moderation: labelled sets, thresholds, and the quality of rules and detectors."""

from decisions.triggers import GuardedAppConfig, Trigger, append_only, no_replace

SET = "tuning_labelledset"
SAMPLE = "tuning_sampletext"
FIXED = ["id", "name", "since", "source", "mode", "reference", "kind"]
MAY_BE_NULL = ["text", "author_id", "text_id"]
SAMPLE_CHANGES = " OR ".join(
    [f"NEW.{column} <> OLD.{column}" for column in FIXED]
    + [
        f"NEW.{column} <> OLD.{column} OR (NEW.{column} IS NULL) <> (OLD.{column} IS NULL)"
        for column in MAY_BE_NULL
    ]
    + ["OLD.until IS NOT NULL AND (NEW.until IS NULL OR NEW.until <> OLD.until)"]
)
SET_CHANGES = (
    "NEW.id <> OLD.id OR NEW.name <> OLD.name OR NEW.version <> OLD.version OR NEW.made_at <> OLD.made_at "
    "OR OLD.frozen_at IS NOT NULL AND (NEW.frozen_at IS NULL OR NEW.frozen_at <> OLD.frozen_at)"
)


def frozen(name: str, version: str) -> str:
    """Whether this or a later version of the set is frozen."""
    return (
        f"EXISTS (SELECT 1 FROM {SET} WHERE name = {name} AND version >= {version} AND frozen_at IS NOT NULL)"
    )


NAME_OF_SAMPLE = f"(SELECT name FROM {SAMPLE} WHERE id = NEW.sample_id)"
OWN_WORDS = f"EXISTS (SELECT 1 FROM {SAMPLE} WHERE id = NEW.sample_id AND author_id = NEW.by_id)"


class TuningConfig(GuardedAppConfig):
    name = "marketplace.tuning"
    default = True
    due = ("marketplace.tuning.weeks.count_scores",)
    triggers = (
        Trigger("tuning_set_is_fixed", SET, "UPDATE", "a version of a set is frozen once", when=SET_CHANGES),
        Trigger("tuning_set_is_kept", SET, "DELETE", "a version of a set is kept"),
        no_replace(SET),
        Trigger(
            "tuning_frozen_set_gets_no_text",
            SAMPLE,
            "INSERT",
            "a frozen version of a set gets no text",
            when=frozen("NEW.name", "NEW.since"),
            share=f"{SET} WHERE name = NEW.name AND version = NEW.since",
        ),
        Trigger(
            "tuning_frozen_set_loses_no_text",
            SAMPLE,
            "UPDATE",
            "a frozen version of a set loses no text",
            when=f"OLD.until IS NULL AND NEW.until IS NOT NULL AND {frozen('NEW.name', 'NEW.until')}",
            share=f"{SET} WHERE name = NEW.name AND version = NEW.until",
        ),
        Trigger("tuning_sample_is_fixed", SAMPLE, "UPDATE", "a text of a set only ends", when=SAMPLE_CHANGES),
        Trigger(
            "tuning_sample_is_kept", SAMPLE, "DELETE", "a text of a set is kept, and ends with a version"
        ),
        no_replace(SAMPLE),
        *append_only("tuning_finding"),
        *append_only("tuning_label"),
        Trigger(
            "tuning_frozen_set_gets_no_label",
            "tuning_label",
            "INSERT",
            "a frozen version of a set gets no label",
            when=frozen(NAME_OF_SAMPLE, "NEW.since"),
            share=f"{SET} WHERE name = {NAME_OF_SAMPLE} AND version = NEW.since",
        ),
        Trigger(
            "tuning_nobody_labels_own_words",
            "tuning_label",
            "INSERT",
            "nobody labels what they wrote",
            when=OWN_WORDS,
        ),
    )
