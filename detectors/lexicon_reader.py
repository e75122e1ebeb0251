"""Reads the lexicon folder, and tells everything that is wrong in it with file, line and column."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from detectors.field_reader import FieldReader, Value
from detectors.lexicon import Entry, Lexicon, Readings, Rule, digest, known_words
from detectors.patterns import Pattern, PatternError, compile_pattern
from detectors.profanity_list import shipped_words
from detectors.signal import CATEGORIES, Category
from detectors.yaml_document import Fields, Items, LexiconError, Problem, Text, read_document

_CLASS: Final = re.compile(r"[a-z_]+")
_FILE_KEYS: Final = (
    "about",
    "severities",
    "classes",
    "readings",
    "category",
    "rules",
    "words",
    "better_profanity",
)
_RULE_KEYS: Final = ("severity", "match", "unless_before", "unless_near", "reported")
_ENTRY_KEYS: Final = ("severity", "words", "unless_near", "may_be_name")
_LIST_KEYS: Final = ("severity", "removed", "mild", "mild_severity")
_INSULTS: Final = ("insult_noun", "insulting")
_READING_KEYS: Final = ("report", "report_after", "report_ends")


def read_lexicon(folder: Path) -> Lexicon:
    """Raises LexiconError with every problem of every file."""
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise LexiconError([Problem(str(folder), 1, 1, "there is no lexicon in this folder")])
    documents: list[tuple[Path, Fields]] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            documents.append((path, read_document(path)))
        except LexiconError as error:
            problems += error.problems
    reader = _Reader(problems)
    lexicon = reader.lexicon(documents, digest(paths))
    if problems:
        raise LexiconError(problems)
    return lexicon


class _Reader(FieldReader):
    """Collects problems and goes on with what could be read."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems)
        self.severities: dict[str, float] = {}
        self.classes: dict[str, tuple[str, ...]] = {}
        self.known: set[str] = set()

    def lexicon(self, documents: list[tuple[Path, Fields]], version: str) -> Lexicon:
        for path, document in documents:
            self.file = str(path)
            self.check_keys(document, _FILE_KEYS)
            self._read_severities(document)
            self._read_classes(document)
        rules: list[Rule] = []
        entries: list[Entry] = []
        readings = Readings()
        for path, document in documents:
            self.file = str(path)
            category = self._category(document)
            rules += self._rules(document, category)
            entries += self._entries(document, category)
            if fields := self.fields(document, "readings", _READING_KEYS):
                readings = Readings(*(self._patterns(fields, key) for key in _READING_KEYS))
        return Lexicon(
            version,
            tuple(entries),
            tuple(rules),
            readings,
            known_words(self.known),
            frozenset(word for name in _INSULTS for word in self.classes.get(name, ())),
            dict(self.severities),
        )

    def _read_severities(self, document: Fields) -> None:
        for name, value in self.named(document, "severities"):
            if (score := self.share(value)) is not None:
                self.severities[name.value] = score

    def _read_classes(self, document: Fields) -> None:
        for name, value in self.named(document, "classes"):
            if not _CLASS.fullmatch(name.value) or name.value in (*self.classes, "name"):
                self.problem(
                    name, f"`{name.value}` is taken, or no name for a class: use small letters and `_`"
                )
            self.classes[name.value] = tuple(self._members(value))

    def _members(self, value: Value) -> Iterable[str]:
        """Words, and the words of classes above: `{folk}`."""
        if not isinstance(value, Items):
            self.problem(value, "words are a list")
            return
        for item in value.values:
            if isinstance(item, Text) and item.value.startswith("{"):
                if item.value[1:-1] not in self.classes:
                    self.problem(item, f"there is no class `{item.value[1:-1]}` above")
                yield from self.classes.get(item.value[1:-1], ())
            else:
                yield from (word.value for word in self.words(Items(item.line, item.column, (item,))))

    def _rules(self, document: Fields, category: Category) -> Iterable[Rule]:
        for name, value in self.named(document, "rules"):
            if not isinstance(value, Fields):
                self.problem(value, "a rule is a mapping")
                continue
            self.check_keys(value, _RULE_KEYS)
            match = self._patterns(value, "match", required=True)
            yield Rule(
                f"{category}.{name.value}",
                category,
                self._severity(value),
                match,
                self._patterns(value, "unless_before", ends_here=True),
                self._patterns(value, "unless_near"),
                self.flag(value, "reported"),
            )

    def _entries(self, document: Fields, category: Category) -> Iterable[Entry]:
        for item in self.items(document, "words"):
            if not isinstance(item, Fields):
                self.problem(item, "an entry is a mapping with `severity` and `words`")
                continue
            self.check_keys(item, _ENTRY_KEYS)
            phrases = self.words(item.values.get("words", Items(item.line, item.column, ())))
            self.known.update(word for phrase in phrases for word in phrase.value.split())
            yield Entry(
                category,
                self._severity(item),
                tuple(phrase.value for phrase in phrases),
                self._patterns(item, "unless_near"),
                self.flag(item, "may_be_name"),
            )
        if listed := self.fields(document, "better_profanity", _LIST_KEYS):
            yield from self._listed(listed, category)

    def _listed(self, fields: Fields, category: Category) -> Iterable[Entry]:
        """The list of better-profanity, without what is removed from it."""
        shipped = shipped_words()
        chosen: dict[str, frozenset[str]] = {}
        for key in ("removed", "mild"):
            words = self.words(fields.values.get(key, Items(fields.line, fields.column, ())))
            for word in words:
                if word.value not in shipped:
                    self.problem(word, f"`{word.value}` is not in the list of better-profanity")
            chosen[key] = frozenset(word.value for word in words)
        rest = shipped - chosen["removed"] - chosen["mild"]
        self.known.update(word for phrase in rest | chosen["mild"] for word in phrase.split())
        yield Entry(category, self._severity(fields), tuple(sorted(rest)))
        yield Entry(category, self._severity(fields, "mild_severity"), tuple(sorted(chosen["mild"])))

    def _patterns(
        self, fields: Fields, key: str, *, required: bool = False, ends_here: bool = False
    ) -> tuple[Pattern, ...]:
        patterns = []
        items = self.items(fields, key, required=required)
        for item in items:
            if not isinstance(item, Text):
                self.problem(item, "a pattern is one line of text")
                continue
            try:
                pattern = compile_pattern(item.value, self.classes, ends_here=ends_here)
            except PatternError as error:
                self.problem(item, str(error))
                continue
            patterns.append(pattern)
            self.known |= pattern.words
        return tuple(patterns)

    def _category(self, document: Fields) -> Category:
        value = document.values.get("category")
        if isinstance(value, Text) and value.value in CATEGORIES:
            return value.value
        if value is not None or {"rules", "words", "better_profanity"} & document.keys.keys():
            self.problem(value or document, f"`category` must be one of {', '.join(CATEGORIES)}")
        return "spam"

    def _severity(self, fields: Fields, key: str = "severity") -> float:
        value = fields.values.get(key)
        if isinstance(value, Text) and value.value in self.severities:
            return self.severities[value.value]
        self.problem(
            value or fields, f"`{key}` must be one of {', '.join(self.severities) or 'the severities'}"
        )
        return 1.0
