"""Published bundles that note each poll of each server process in a file."""

import os
from pathlib import Path

from marketplace.publishing.source import PublishedBundles

POLLS = "NOTED_POLLS"
"""The environment variable with the path of the file."""


class NotedBundles(PublishedBundles):
    def looked(self) -> None:
        super().looked()
        with Path(os.environ[POLLS]).open("a") as polls:  # one write of a short line is never torn
            polls.write(f"{os.getpid()} {self.status().digest}\n")


def polls_after(file: Path, known: int) -> dict[str, list[str]]:
    """The digests after each poll of each process, without the first `known` lines."""
    digests: dict[str, list[str]] = {}
    for line in file.read_text().splitlines()[known:]:
        pid, digest = line.split()
        digests.setdefault(pid, []).append(digest)
    return digests
