"""A responder that cannot be used is reported at startup."""

import pytest

from marketplace.assistant.checks import check_responder


def test_shipped_responder_passes_the_check():
    assert check_responder() == []


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("nowhere.Responder", "The responder `nowhere.Responder` cannot be imported."),
        ("", "The responder `` cannot be imported."),
        ("pathlib.Path", "`pathlib.Path` has no `respond`."),
    ],
)
def test_path_that_names_no_responder_is_an_error(settings, path, message):
    settings.ASSISTANT_RESPONDER = path
    assert [(error.id, error.msg) for error in check_responder()] == [("assistant.E002", message)]
