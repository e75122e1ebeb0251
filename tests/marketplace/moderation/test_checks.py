"""An unreadable lexicon is reported before it causes texts to be blocked."""

from marketplace.moderation.checks import SHIPPED, check_lexicon
from tests.editable_policies import copy_policies


def test_shipped_lexicon_is_good():
    assert check_lexicon() == []


def test_broken_lexicon_is_an_error_with_its_place(tmp_path, settings):
    settings.COMITY_POLICIES_DIR = copy_policies(tmp_path / "policies")
    path = settings.COMITY_POLICIES_DIR / "lexicon" / "spam.yaml"
    path.write_text(path.read_text().replace("category: spam", "category: spm"))
    (error,) = check_lexicon()
    assert error.id == "moderation.E001"
    assert "lexicon/spam.yaml:2:11: error[unknown-value]: `category` must be one of" in error.msg
    assert "hint: did you mean `spam`?" in error.msg


def test_missing_lexicon_is_an_error_only_where_it_is_needed(tmp_path, settings):
    settings.COMITY_POLICIES_DIR = tmp_path
    assert check_lexicon() == []
    settings.MODERATION_PIPELINE = SHIPPED
    (error,) = check_lexicon()
    assert "error[no-lexicon]: there is no lexicon in this folder" in error.msg
