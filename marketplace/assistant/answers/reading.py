"""Reads topics from YAML. Every problem is reported with its location."""

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final

from documents.diagnostics import Diagnostic, in_order
from documents.nodes import Node, Scalar
from documents.reader import RULE_ID, Reader, read_document
from marketplace.assistant.answers.matching import read_phrase
from marketplace.assistant.answers.policies import POLICIES
from marketplace.assistant.answers.topics import FixedReply, Phrase, Topic, Topics, Wording

FILE_KEYS: Final = {"greeting": True, "topics": True, "follow_ups": True, "unknown": True}
TOPIC_KEYS: Final = {
    "asks": True,
    "about": False,
    "general": True,
    "log_in": False,
    "none": False,
    "rules": False,
    "next": False,
}
OPENING_KEYS: Final = {"text": True, "next": False}

Read = tuple[Topics | None, tuple[Diagnostic, ...]]


def read_topics(
    path: Path, *, explainable: Collection[str] = frozenset(POLICIES), name: str | None = None
) -> Read:
    """`explainable`: values that `about` may have. `name`: the file name in messages. Topics are None if there is a problem."""
    document, problems = read_document(path, name or f"{path.parent.name}/{path.name}")
    if document is None:
        return None, in_order(problems)
    reader = Reader()
    topics = _topics(reader, document, explainable)
    return (None if reader.problems else topics), in_order(reader.problems)


def check_folder(folder: Path) -> tuple[Diagnostic, ...]:
    """Problems in the topics of an `assistant` folder, for `comity check`."""
    path = folder / "topics.yaml"
    return read_topics(path, name=str(path))[1]


def _topics(reader: Reader, node: Node, explainable: Collection[str]) -> Topics | None:
    keys = reader.keys(node, "the file", FILE_KEYS) or {}
    read = [
        _topic(reader, name, value, explainable)
        for name, value in _entries(reader, keys.get("topics"), "`topics`")
    ]
    follow_ups = _phrases(reader, keys.get("follow_ups"), "`follow_ups`")
    greeting = _fixed_reply(reader, keys.get("greeting"), "`greeting`")
    unknown = _fixed_reply(reader, keys.get("unknown"), "`unknown`")
    if greeting is None or unknown is None:
        return None
    return Topics({topic.id: topic for topic in read if topic}, follow_ups, greeting, unknown)


def _fixed_reply(reader: Reader, node: Node | None, what: str) -> FixedReply | None:
    keys = reader.keys(node, what, OPENING_KEYS) or {}
    wording = _wording(reader, keys.get("text"), "`text`")
    following = reader.words(keys.get("next"), "`next`")
    return FixedReply(wording, following) if wording else None


def _topic(reader: Reader, name: str, node: Node, explainable: Collection[str]) -> Topic | None:
    keys = reader.keys(node, f"the topic `{name}`", TOPIC_KEYS)
    if keys is None:
        return None
    about = reader.choice(keys.get("about"), "something that a decision can be explained about", explainable)
    general = _wording(reader, keys.get("general"), "`general`")
    rules = {
        rule: wording
        for rule, value in _entries(reader, keys.get("rules"), "`rules`")
        if (wording := _wording(reader, value, f"the wording of `{rule}`"))
    }
    if about is None and rules and "about" not in keys:
        reader.report(
            keys["rules"], "rules-about-nothing", "`rules` needs `about`, which says whose they are"
        )
    if general is None:
        return None
    return Topic(
        id=name,
        asks=_phrases(reader, keys.get("asks"), "`asks`"),
        about=about or "",
        general=general,
        log_in=_wording(reader, keys.get("log_in"), "`log_in`"),
        none=_wording(reader, keys.get("none"), "`none`"),
        rules=rules,
        next=reader.words(keys.get("next"), "`next`"),
    )


def _entries(reader: Reader, node: Node | None, what: str) -> list[tuple[str, Node]]:
    """Keys are codes, such as `chat-locked`."""
    if node is None:
        return []
    entries = getattr(node, "entries", None)
    if entries is None:
        reader.report(node, "not-a-mapping", f"{what} must be a mapping of codes to values")
        return []
    for key, _ in entries:
        if not RULE_ID.fullmatch(key.text):
            hint = "codes are lower-case words joined by `-`"
            reader.report(key, "bad-code", f"`{key.text[:40]}` is not a code", hint)
    return [(key.text, value) for key, value in entries]


def _phrases(reader: Reader, node: Node | None, what: str) -> tuple[Phrase, ...]:
    return tuple(_all_phrases(reader, reader.items(node, what), what))


def _all_phrases(reader: Reader, items: Iterable[Node], what: str) -> Iterable[Phrase]:
    for item in items:
        text = reader.text(item, f"each item of {what}")
        phrase = read_phrase(text) if text else ()
        if text and not phrase:
            reader.report(item, "no-words", f"`{text[:40]}` has no words to look for")
        elif phrase:
            yield phrase


def _wording(reader: Reader, node: Node | None, what: str) -> Wording | None:
    text = reader.text(node, what)
    return Wording(text.strip(), node) if text and isinstance(node, Scalar) else None
