"""The interface of detectors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from detectors.message import Message
from detectors.signal import Category, Signal


class Detector(Protocol):
    """`categories` are those that the detector judges: without a signal, the message is free of them. `rules` has the category of
    every rule that a signal may name."""

    name: str
    version: str
    categories: frozenset[Category]
    rules: Mapping[str, Category]

    def find(self, message: Message) -> Iterable[Signal]:
        """May raise: the pipeline then treats the detector's categories as not judged by it."""
        ...
