"""What a comparison of two versions of the detectors says, for a terminal."""

from collections import Counter
from collections.abc import Iterable, Iterator

from documents.plurals import counted
from marketplace.tuning.comparing import Comparison, Translation
from marketplace.tuning.intervals import Ratio
from marketplace.tuning.thresholds import Change


def told(comparison: Comparison) -> Iterator[str]:
    """Line by line."""
    yield f"{counted(len(comparison.old.texts.samples), 'text')}, examined by both"
    yield "thresholds that keep the recall on labelled texts:"
    for each in comparison.translations:
        yield f"  {_translation(each)}"
    if not comparison.translations:
        yield "  none: no text has a label"
    yield "if the thresholds stay:"
    yield from _changes(comparison.changes)
    yield "with translated thresholds:"
    yield from _changes(comparison.changes_translated)


def _translation(each: Translation) -> str:
    moves = f"{each.old:.2f} -> {each.new:.2f}" if each.new != each.old else f"{each.old:.2f} stays"
    said = f"{each.name}: {moves}; recall {_of(each.before)}, {_of(each.untranslated)} if it stays"
    if each.new != each.old:
        said += f", {_of(each.after)} translated"
    return said + (" (no threshold keeps the recall)" if each.is_worse else "")


def _of(ratio: Ratio) -> str:
    return f"{ratio.hits}/{ratio.of}"


def _changes(changes: Iterable[Change]) -> Iterator[str]:
    counts = Counter((bool(each.sample.labels), each.before, each.after) for each in changes)
    for (is_labelled, before, after), texts in sorted(counts.items()):
        yield f"  {texts} {'labelled' if is_labelled else 'harmless'}: {before} -> {after}"
    if not counts:
        yield "  no text changes sides"
