"""Run durable-rules: load a ruleset in its C module, then start, read and delete sessions under a lock.

Its `Host` class is not used because it crashed in our runs. The C module holds the GIL during every call, so our own lock costs
no time, and a ruleset never has two concurrent sessions.
"""

from __future__ import annotations

import json
import os
import secrets
import threading
import weakref
from collections.abc import Iterator

import durable_rules_engine as durable_rules

from engine.backends.durable.ruleset import ALWAYS_THERE, CATCH_ALL, Ruleset
from engine.backends.durable.terms import Unfaithful

Answer = tuple[int | None, int]
"""What the rule stands for, and the position of the fact that it matched."""


class DurableRulesFailed(Exception):
    """durable-rules rejected a fact, although the limits on policies should have prevented that."""


class Sessions:
    """Sessions of one ruleset. A forked process creates its own ruleset, since an inherited one may stay locked forever."""

    def __init__(self, ruleset: Ruleset) -> None:
        self.ruleset = ruleset
        self._opened = _Opened(ruleset)

    def ask(self, facts: list[str], *, only_first: bool = False) -> list[Answer]:
        """The matches in rule order, up to the first match that is not the catch-all rule."""
        if self._opened.process != os.getpid():
            self._opened = _Opened(self.ruleset)
        return self._opened.ask(facts, only_first)


class _Opened:
    def __init__(self, ruleset: Ruleset) -> None:
        self.process = os.getpid()
        self.answers = ruleset.answers
        try:
            self.handle = durable_rules.create_ruleset("comity", ruleset.text)
        except durable_rules.error as error:
            raise Unfaithful(f"a ruleset that is refused ({error})") from None
        self._lock = threading.Lock()
        weakref.finalize(self, durable_rules.delete_ruleset, self.handle).atexit = False

    def ask(self, facts: list[str], only_first: bool) -> list[Answer]:
        """`facts` are properties as JSON that begins with a comma. Each fact gets a unique id, since durable-rules treats facts
        as identical if the hashes of their ids, or of their contents without an id, are equal."""
        session = secrets.token_hex(8)
        written = (
            f'{{"id":"{position}","sid":"{session}","{ALWAYS_THERE}":1{properties}}}'
            for position, properties in enumerate(facts)
        )
        with self._lock:
            code, state = durable_rules.assert_facts(self.handle, f"[{','.join(written)}]")
            if code:
                raise DurableRulesFailed(f"durable-rules answers {code} to facts")
            # INVARIANT: begin an action before deleting a session; otherwise durable-rules is not safe.
            begun = durable_rules.start_action_for_state(self.handle, state)
            try:
                return list(self._fired(begun[1], state, len(facts), only_first))
            finally:
                durable_rules.delete_state(self.handle, session)

    def _fired(self, message: str | None, state: int, facts: int, only_first: bool) -> Iterator[Answer]:
        """INVARIANT: hold the lock until the end. A rule reports all its facts at once, in no particular order."""
        while message is not None:
            name = message[2 : message.index('"', 2)]
            answer = self.answers[name]
            if facts == 1:
                yield answer, 0
            else:
                yield from ((answer, int(match["m"]["id"])) for match in json.loads(message)[name])
            if only_first or name == CATCH_ALL:
                return
            message = durable_rules.complete_and_start_action(self.handle, state)
