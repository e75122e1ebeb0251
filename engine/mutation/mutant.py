"""One mutation of a policy: its description, and the resulting text."""

from __future__ import annotations

from dataclasses import dataclass

from documents.diagnostics import Diagnostic
from documents.nodes import Node
from documents.source import Source

_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Mutant:
    """Characters `start` to `end` are the change as shown to people, and `summary` describes it. `edit` is the actual edit."""

    source: Source
    start: int
    end: int
    summary: str
    edit: tuple[int, int, str]

    @property
    def before(self) -> str:
        return self.source.text[self.start : self.end]

    def mutated(self) -> Source:
        start, end, text = self.edit
        return Source(self.source.file, self.source.text[:start] + text + self.source.text[end:])

    def diagnostic(self) -> Diagnostic:
        message = f"no case notices when {self.summary}"
        hint = "write a case that this would break, or say why it changes nothing: `# mutant: equivalent, because …`"
        return self.source.diagnostic(
            self.start, "survived", message, hint, length=max(1, self.end - self.start)
        )


def replacing(node: Node, after: str, summary: str | None = None) -> Mutant:
    """Replace the node's text."""
    source, start, end = node.source, node.start, content_end(node)
    return Mutant(source, start, end, summary or change(source.text[start:end], after), (start, end, after))


def content_end(node: Node) -> int:
    """The end of a node, without trailing spaces and line breaks."""
    return node.start + len(node.source.text[node.start : node.end].rstrip())


def change(before: str, after: str) -> str:
    return f"`{clip(before)}` becomes `{clip(after)}`"


def clip(text: str) -> str:
    joined = " ".join(text.split())
    return joined if len(joined) <= _LONGEST else joined[: _LONGEST - 1] + "…"
