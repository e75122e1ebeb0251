"""System check: the lexicon can be read; without it, no text passes."""

from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Error

from detectors.lexicon_reader import check_folder

SHIPPED: Final = "marketplace.moderation.assembly.assemble"


def check_lexicon(**_: Any) -> list[CheckMessage]:
    """Custom detectors need no lexicon."""
    folder = Path(settings.COMITY_POLICIES_DIR) / "lexicon"
    if settings.MODERATION_PIPELINE != SHIPPED and not folder.is_dir():
        return []
    return [Error(problem.render(), id="moderation.E001") for problem in check_folder(folder)]
