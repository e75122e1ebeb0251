"""Read the lexicon folder and report every problem with file, line and column."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from detectors.field_reader import FieldReader
from detectors.lexicon import Entry, Lexicon, Readings, Rule, digest, known_words, prefix_of
from detectors.patterns import BUILT_IN, Pattern, PatternError, compile_pattern
from detectors.profanity_list import shipped_words
from detectors.signal import CATEGORIES, FOREIGN, Category, Language
from documents.diagnostics import Diagnostic, did_you_mean, in_order
from documents.folders import folders_in, unread_file, unread_files
from documents.nodes import Mapping as Fields
from documents.nodes import Node, Scalar
from documents.reader import read_document

_NAME: Final = re.compile(r"[a-z_]+")
_FILE_KEYS: Final = dict.fromkeys(
    (
        "about",
        "severities",
        "classes",
        "exceptions",
        "readings",
        "category",
        "rules",
        "words",
        "better_profanity",
    ),
    False,
)
_RULE_KEYS: Final = {
    "severity": True,
    "match": True,
    "unless": False,
    "unless_before": False,
    "unless_near": False,
    "only_with": False,
    "reported": False,
    "own": False,
    "opposable": False,
    "must_complain": False,
}
_ENTRY_KEYS: Final = {"severity": True, "words": True, "unless_near": False, "may_be_name": False}
_LIST_KEYS: Final = {"severity": True, "removed": False, "mild": False, "mild_severity": True}
_RESERVED: Final = ("word", "repeated")
"""Names of rules that detectors make themselves."""
_INSULTS: Final = ("insult_noun", "insulting")
_OTHERS: Final = "others"
_ANY: Final[Mapping[Category, float]] = dict.fromkeys(CATEGORIES, 1.0)
"""For a severity with a problem, so that those who name it have none."""
_SCORE_KEYS: Final[dict[str, bool]] = {**dict.fromkeys(CATEGORIES, False), _OTHERS: True}
_READING_KEYS: Final = dict.fromkeys(
    ("report", "report_after", "passed_on", "report_ends", "opposed", "complaint", "idioms"), False
)


_MAY_BE_ELSEWHERE: Final = frozenset(["bad-pattern", "unknown-class", "unknown-value"])
"""Problems to drop if a file cannot be read: they may only be due to its missing classes and severities."""


class LexiconError(ValueError):
    """The lexicon cannot be read; `problems` lists every error by file, line and column."""

    def __init__(self, problems: tuple[Diagnostic, ...]) -> None:
        super().__init__("\n".join(problem.render() for problem in problems))
        self.problems = problems


def read_lexicon(folder: Path) -> Lexicon:
    """Read the English lexicon of a folder and those of other languages below it, which share its severities. Raises
    LexiconError with every problem of every file."""
    lexicon, problems = _read(folder, "english", {})
    foreign: list[Lexicon] = []
    for below in _folders(folder):
        language = next((name for name in FOREIGN if name == below.name), None)
        if language is None:
            message = f"a folder of a lexicon is named after one of the languages {', '.join(FOREIGN)}"
            hint = did_you_mean(below.name, FOREIGN)
            problems.append(Diagnostic(str(below), 1, 1, "unknown-language", message, hint))
            continue
        read, more = _read(below, language, lexicon.severities)
        foreign.append(read)
        # Without severities of the English files, every severity here would be unknown.
        problems += more if lexicon.severities else [p for p in more if p.code not in _MAY_BE_ELSEWHERE]
        problems += map(unread_file, unread_files(below))
    if problems:
        raise LexiconError(in_order(problems))
    return replace(lexicon, foreign=tuple(foreign))


def _folders(folder: Path) -> Iterable[Path]:
    return folders_in(folder) if folder.is_dir() else ()


def _read(folder: Path, language: Language, severities: Severities) -> tuple[Lexicon, list[Diagnostic]]:
    """The lexicon of one language, which is incomplete if there are problems."""
    paths = sorted(folder.glob("*.yaml"))
    problems: list[Diagnostic] = []
    if not paths:
        message = "there is no lexicon in this folder"
        hint = "a lexicon is one or more files that end in `.yaml`"
        problems.append(Diagnostic(str(folder), 1, 1, "no-lexicon", message, hint))
    documents: list[Node] = []
    for path in paths:
        document, errors = read_document(path, str(path), words=True)
        problems += errors
        if document is not None:
            documents.append(document)
    reader = _Reader(language, severities)
    lexicon = reader.lexicon(documents, "" if problems else digest(paths))
    complete = len(documents) == len(paths)
    problems += [p for p in reader.problems if complete or p.code not in _MAY_BE_ELSEWHERE]
    return lexicon, problems


def check_folder(folder: Path) -> tuple[Diagnostic, ...]:
    """The problems of a lexicon, for `comity check`."""
    try:
        read_lexicon(folder)
    except LexiconError as error:
        return error.problems
    return ()


Keys = dict[str, Node]
Severities = Mapping[str, Mapping[Category, float]]


class _Reader(FieldReader):
    """Collect problems and continue with what could be read."""

    def __init__(self, language: Language, severities: Severities) -> None:
        super().__init__()
        self.language = language
        self.english = severities
        self.severities = dict(severities)
        self.classes: dict[str, tuple[str, ...]] = {}
        self.exceptions: dict[str, tuple[Pattern, ...]] = {}
        self.names: dict[tuple[str, str], Scalar] = {}
        self.known: set[str] = set()
        self.prefix = prefix_of(language)

    def lexicon(self, documents: Iterable[Node], version: str) -> Lexicon:
        files: list[tuple[Node, Keys]] = []
        for document in documents:
            keys = self.keys(document, "the file", _FILE_KEYS)
            if keys is not None:
                files.append((document, keys))
                self._read_severities(keys)
                self._read_classes(keys)
        rules: list[Rule] = []
        entries: list[Entry] = []
        readings = Readings()
        for _, keys in files:
            self._read_exceptions(keys)
        for document, keys in files:
            category = self._category(document, keys)
            rules += self._rules(keys, category)
            entries += self._entries(keys, category)
            if fields := self.keys(keys.get("readings"), "`readings`", _READING_KEYS):
                readings = Readings(*(self._patterns(fields, key) for key in _READING_KEYS))
        return Lexicon(
            version,
            tuple(entries),
            tuple(rules),
            readings,
            known_words(self.known),
            frozenset(word for name in _INSULTS for word in self.classes.get(name, ())),
            dict(self.severities),
            self.language,
        )

    def _read_severities(self, keys: Keys) -> None:
        for name, value in self.entries(keys.get("severities"), "`severities`"):
            if name.text in self.english:
                message = f"the severity `{name.text}` is that of the English lexicon"
                self.report(name, "name-taken", message, "choose another name, or delete it")
            self._check_name(name, "a severity")
            self.severities[name.text] = self._scores(value) or _ANY

    def _scores(self, node: Node) -> Mapping[Category, float] | None:
        """One score for every category, or some by category and one for `others`."""
        if not isinstance(node, Fields):
            score = self.share(node)
            return None if score is None else dict.fromkeys(CATEGORIES, score)
        keys = self.keys(node, "a severity", _SCORE_KEYS)
        read = [(name, self.share(value)) for name, value in (keys or {}).items()]
        scores = {name: score for name, score in read if score is not None}
        if _OTHERS not in scores or len(scores) < len(read):
            return None
        return {category: scores.get(category, scores[_OTHERS]) for category in CATEGORIES}

    def _read_classes(self, keys: Keys) -> None:
        for name, value in self.entries(keys.get("classes"), "`classes`"):
            self._check_name(name, "a class", BUILT_IN)
            self.classes[name.text] = tuple(self._members(value))

    def _read_exceptions(self, keys: Keys) -> None:
        for name, value in self.entries(keys.get("exceptions"), "`exceptions`"):
            self._check_name(name, "an exception")
            self.exceptions[name.text] = self._compiled(value, "an exception", ends_here=True)

    def _check_name(self, name: Scalar, what: str, built_in: Collection[str] = ()) -> None:
        """Names of a kind are different in all files of a lexicon."""
        first = self.names.setdefault((what, name.text), name)
        if name.text in built_in:
            self.report(name, "name-taken", f"the name `{name.text}` is built in", "choose another name")
        elif first is not name:
            line, _ = first.source.line_column(first.start)
            message = f"the name `{name.text}` is taken in line {line} of {Path(first.source.file).name}"
            self.report(name, "name-taken", message, "choose another name")
        elif not _NAME.fullmatch(name.text):
            self.report(name, "bad-name", f"`{name.text}` is no name for {what}", "use small letters and `_`")

    def _members(self, value: Node) -> Iterable[str]:
        """Words, including those of classes defined above, such as `{folk}`."""
        for item in self.filled(value, "a class"):
            if isinstance(item, Scalar) and item.text.startswith("{"):
                name = item.text[1:-1]
                if name not in self.classes:
                    hint = did_you_mean(name, self.classes)
                    self.report(item, "unknown-class", f"there is no class `{name}` above", hint)
                yield from self.classes.get(name, ())
            elif (word := self.phrase(item)) is not None:
                yield word

    def _rules(self, keys: Keys, category: Category) -> Iterable[Rule]:
        for name, value in self.entries(keys.get("rules"), "`rules`"):
            self._check_name(name, f"a rule for {category}", _RESERVED)
            fields = self.keys(value, "a rule", _RULE_KEYS)
            if fields is None:
                continue
            yield Rule(
                f"{self.prefix}{category}.{name.text}",
                category,
                self._severity(fields, category),
                self._patterns(fields, "match", trimmed=True),
                (*self._shared(fields), *self._patterns(fields, "unless_before", ends_here=True)),
                self._patterns(fields, "unless_near"),
                self._patterns(fields, "only_with", indexed=False),
                self.flag(fields.get("reported"), "`reported`"),
                self.flag(fields.get("own"), "`own`"),
                self.flag(fields.get("opposable"), "`opposable`"),
                self.flag(fields.get("must_complain"), "`must_complain`"),
            )

    def _shared(self, keys: Keys) -> Iterable[Pattern]:
        """The patterns of the exceptions that `unless` names."""
        for item in self.items(keys.get("unless"), "`unless`"):
            if name := self.one_of(item, item, "an exception", self.exceptions):
                yield from self.exceptions[name]

    def _entries(self, keys: Keys, category: Category) -> Iterable[Entry]:
        for item in self.items(keys.get("words"), "`words`"):
            fields = self.keys(item, "an entry of `words`", _ENTRY_KEYS)
            if fields is None:
                continue
            phrases = self.phrases(fields.get("words"), "`words`")
            self.known.update(word for phrase in phrases for word in phrase.split())
            yield Entry(
                category,
                self._severity(fields, category),
                tuple(phrases),
                self._patterns(fields, "unless_near"),
                self.flag(fields.get("may_be_name"), "`may_be_name`"),
            )
        listed = keys.get("better_profanity")
        fields = self.keys(listed, "`better_profanity`", _LIST_KEYS)
        if listed is not None and fields is not None:
            yield from self._listed(fields, category)

    def _listed(self, keys: Keys, category: Category) -> Iterable[Entry]:
        """The words of better-profanity's list, without those in `removed`."""
        shipped = shipped_words()
        chosen: dict[str, frozenset[str]] = {}
        for key in ("removed", "mild"):
            words = [(item, self.phrase(item)) for item in self.items(keys.get(key), f"`{key}`")]
            for item, word in words:
                if word is not None and word not in shipped:
                    message = f"`{word}` is not in the list of better-profanity"
                    self.report(item, "unknown-value", message, "delete it")
            chosen[key] = frozenset(word for _, word in words if word is not None)
        rest = shipped - chosen["removed"] - chosen["mild"]
        self.known.update(word for phrase in rest | chosen["mild"] for word in phrase.split())
        yield Entry(category, self._severity(keys, category), tuple(sorted(rest)))
        mild = self._severity(keys, category, "mild_severity")
        yield Entry(category, mild, tuple(sorted(chosen["mild"])))

    def _patterns(
        self, keys: Keys, key: str, *, ends_here: bool = False, indexed: bool = True, trimmed: bool = False
    ) -> tuple[Pattern, ...]:
        return self._compiled(
            keys.get(key), f"`{key}`", ends_here=ends_here, indexed=indexed, trimmed=trimmed
        )

    def _compiled(
        self,
        node: Node | None,
        what: str,
        *,
        ends_here: bool = False,
        indexed: bool = True,
        trimmed: bool = False,
    ) -> tuple[Pattern, ...]:
        patterns = []
        for item in self.filled(node, what):
            if not isinstance(item, Scalar):
                self.report(item, "not-text", "a pattern is one line of text", "quote it")
                continue
            try:
                pattern = compile_pattern(
                    item.text, self.classes, ends_here=ends_here, indexed=indexed, trimmed=trimmed
                )
            except PatternError as error:
                self.report(item, "bad-pattern", str(error), error.hint)
                continue
            patterns.append(pattern)
            self.known |= pattern.words
        return tuple(patterns)

    def _category(self, document: Node, keys: Keys) -> Category:
        value = keys.get("category")
        if value is None and not {"rules", "words", "better_profanity"} & keys.keys():
            return "spam"
        named = self.one_of(document, value, "`category`", CATEGORIES)
        return next((category for category in CATEGORIES if category == named), "spam")

    def _severity(self, keys: Keys, category: Category, key: str = "severity") -> float:
        """Any score for a severity with a problem: a missing one is reported already."""
        value = keys.get(key)
        named = value and self.one_of(value, value, f"`{key}`", self.severities)
        return self.severities[named][category] if named else 1.0
