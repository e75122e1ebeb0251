"""The settings page matches the settings class, and no page mentions an unknown variable."""

import re
from pathlib import Path

import pytest

from config.environment import Environment, variable_of
from config.reference import SECTIONS, render

ROOT = Path(__file__).parents[2]
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("policies/*.md")]
VARIABLE = re.compile(r"\b(?:COMITY|MODERATION)_[A-Z0-9_]+\b")
NOT_OF_THE_SERVER = {
    "COMITY_TEST_SCALE",  # the tests
    "COMITY_POLICIES_DIR",  # also a setting of host projects
    "COMITY_POLICY_SOURCE",  # a setting of host projects
    "COMITY_TOKEN",  # of the person who runs a command
    "COMITY_URL",  # of the server, for the script of a pipeline
}


def variables() -> set[str]:
    return {variable_of(name, field) for name, field in Environment.model_fields.items()}


def test_page_is_what_the_class_makes() -> None:
    document = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert document == render(), "run `python -m config.reference > docs/settings.md`"


def test_every_variable_says_what_it_means_in_a_sentence() -> None:
    for name, field in Environment.model_fields.items():
        assert field.description is not None, name
        assert field.description.endswith(".") and "\n" not in field.description, name


def test_page_shows_no_folder_of_this_machine() -> None:
    assert str(ROOT) not in render()


def test_sections_begin_at_fields_in_their_order() -> None:
    fields = list(Environment.model_fields)
    positions = [fields.index(name) for name in SECTIONS]
    assert (positions, positions[0]) == (sorted(positions), 0)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_variables_of_a_page_exist(document: Path) -> None:
    named = set(VARIABLE.findall(document.read_text(encoding="utf-8")))
    assert named - variables() - NOT_OF_THE_SERVER == set()
