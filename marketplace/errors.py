"""Raised by services when a database constraint, not the policy, refuses a write."""


class Refused(Exception):
    """A database guard refused what the policy permits: the rule was loosened, or the state changed twice in between. Nothing
    was written. `code` is stable, `message` is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
