"""The plot: one bar per engine, as long as the logarithm of its ratio."""

from xml.etree import ElementTree

from benchmarks.plot import LEFT, RIGHT, WIDTH, draw
from benchmarks.result import Cell

SVG = "{http://www.w3.org/2000/svg}"


def bars_of(text):
    return [(r.get("class"), float(r.get("width"))) for r in ElementTree.fromstring(text).iter(f"{SVG}rect")]


def words_of(text):
    return [t.text for t in ElementTree.fromstring(text).iter(f"{SVG}text")]


def cell(peer, ratio, column="retention"):
    return Cell("bare", peer, column, ratio)


def test_bars_grow_with_the_logarithm_and_the_fastest_is_on_top():
    decade = (WIDTH - LEFT - RIGHT) / 2
    drawn = draw([cell("slow", 100.0), cell("comity", 10.0), cell("hand-written", 1.0)])
    assert bars_of(drawn) == [("peer", 2.0), ("comity", decade), ("peer", 2 * decade)]


def test_both_measures_of_comity_are_marked():
    drawn = bars_of(draw([cell("comity", 1.0), cell("comity, facts to decision", 5.0), cell("other", 9.0)]))
    assert [kind for kind, _ in drawn] == ["comity", "comity", "peer"]


def test_contender_ahead_of_the_base_has_a_bar_too():
    assert bars_of(draw([cell("ahead", 0.5), cell("behind", 10.0)]))[0] == ("peer", 2.0)


def test_every_policy_is_named_and_numbers_are_shown():
    words = words_of(draw([cell("a", 1.0), cell("b", 1234.0), cell("a", 3.456, "moderation")]))
    assert [w for w in words if w in {"retention", "moderation"}] == ["retention", "moderation"]
    assert [w for w in words if w in {"1.00×", "1,234×", "3.46×"}] == ["1.00×", "1,234×", "3.46×"]
    assert words[1:7] == ["1×", "10×", "100×", "1,000×", "10,000×", "logarithmic; shorter is faster"]


def test_names_cannot_break_the_picture():
    assert "<b>&" in words_of(draw([cell("<b>&", 2.0)]))
