"""The policy behind each value of `about`. Free of Django, so that `comity check` can read the topics."""

from collections.abc import Mapping
from typing import Final

POLICIES: Final[Mapping[str, str]] = {
    "review": "review_eligibility",
    "chat": "chat",
    "confirm": "confirmation",
    "withdraw": "confirmation",
    "buy": "confirmation",
    "dispute": "disputes",
    "reopen": "disputes",
    "media": "retention",
    "session": "assistant_session",
}
