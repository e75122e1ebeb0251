"""What a service raises when the database, not the policy, has the last word."""


class Refused(Exception):
    """A guard in the database refused what the policy in force permits: the rule was loosened, or the state
    changed twice in between. Nothing was written. `code` is stable, `message` is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
