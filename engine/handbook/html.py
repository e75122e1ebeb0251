"""The handbook: every policy as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import assert_never
from xml.etree import ElementTree

from engine.explain.sentences import Given, Name, Note, Piece, Sentence
from engine.handbook.page import PolicyPage, RuleShown, TableShown, about, plain, told

Element = ElementTree.Element
Content = Element | str

STYLE = """
:root { color-scheme: light dark; --soft: #5a6472; --line: #ddd; }
@media (prefers-color-scheme: dark) { :root { --soft: #a5aebb; --line: #444; } }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3 { line-height: 1.25; } h2 { margin-top: 4rem; } h4 { margin: 1.5rem 0 .25rem; color: var(--soft); }
a { color: inherit; text-decoration: underline dotted; }
ul { margin: .25rem 0; padding-left: 1.3rem; }
blockquote { margin: .5rem 0; padding-left: .8rem; border-left: .25rem solid var(--line); }
.hint, dt { color: var(--soft); font-size: .875rem; } dd { margin: 0 0 .75rem; }
.never { opacity: .6; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); }
@media print { h2 { break-before: page; } a { text-decoration: none; } }
"""


def write_handbook(pages: Iterable[PolicyPage], title: str) -> str:
    """In the order given."""
    known = list(pages)
    links = [_h("li", _h("a", page.title, href=f"#{page.name}"), f": {page.summary}") for page in known]
    body = [_h("h1", title), _h("ul", *links), *(part for page in known for part in _policy(page))]
    head = [_h("meta", charset="utf-8"), _h("title", title), _h("style", STYLE)]
    head.append(_h("meta", name="viewport", content="width=device-width, initial-scale=1"))
    document = _h("html", _h("head", *head), _h("body", *body), lang="en")
    return "<!doctype html>\n" + ElementTree.tostring(document, encoding="unicode", method="html") + "\n"


def _h(tag: str, *content: Content, **attributes: str) -> Element:
    """An element; `class_` is its class."""
    element = Element(tag, {name.rstrip("_"): value for name, value in attributes.items()})
    last: Element | None = None
    for part in content:
        if not isinstance(part, str):
            element.append(part)
            last = part
        elif last is None:
            element.text = (element.text or "") + part
        else:
            last.tail = (last.tail or "") + part
    return element


def _policy(page: PolicyPage) -> Iterator[Element]:
    yield _h("h2", page.title, id=page.name)
    yield _h("p", page.summary)
    yield _defined(about(page))
    yield _h("h3", "Rules")
    yield _h("p", page.how, class_="hint")
    for rule in (*page.rules, page.otherwise):
        yield from _rule(page, rule)
    if page.named:
        yield _h("h3", "What the words mean")
        for sentence in page.named:
            name = next(piece.name for piece in sentence.pieces if isinstance(piece, Name))
            yield _h("div", *_sentence(page, sentence), id=f"{page.name}-named-{name}")
    if page.outputs:
        yield _h("h3", "What comes with the decision")
        for _, output in page.outputs:
            yield _h("div", *_sentence(page, output))
    for table in page.tables:
        yield from _table(page, table)
    if page.parameters:
        yield _h("h3", "Numbers and lists that the owner sets")
        for parameter in page.parameters:
            value = f"{parameter.value} {parameter.bounds}".strip()
            terms = {_spaced(parameter.name): told(value, parameter.help)}
            yield _defined(terms, f"{page.name}-parameter-{parameter.name}")
    if page.claims:
        yield _h("h3", "What must hold for all facts")
        for claim in page.claims:
            yield _h("h4", _spaced(claim.id), id=f"{page.name}-claim-{claim.id}")
            for sentence in claim.sentences:
                yield _h("div", *_sentence(page, sentence))
            yield _h("p", claim.because, class_="hint")
    yield _h("h3", "Facts it asks for")
    for fact in page.facts:
        terms = {_spaced(fact.name): told("; ".join([_spaced(fact.type), *fact.marks]), fact.help)}
        yield _defined(terms, f"{page.name}-fact-{fact.name}")


def _rule(page: PolicyPage, rule: RuleShown) -> Iterator[Element]:
    yield _h("h4", _spaced(rule.id), id=f"{page.name}-rule-{rule.id}")
    css = {"class_": "never"} if rule.never else {}
    for sentence in rule.sentences:
        yield _h("div", *_sentence(page, sentence), **css)
    if rule.message:
        yield _h("blockquote", *_pieces(page, rule.message))
    if rule.never:
        yield _h("p", plain(rule.never), class_="hint")
    if rule.notes:
        yield _h("p", " ".join(map(plain, rule.notes)), class_="hint")
    if rule.cases:
        yield _h("p", "Examples: " + "; ".join(case.name for case in rule.cases) + ".", class_="hint")


def _table(page: PolicyPage, table: TableShown) -> Iterator[Element]:
    yield _h("h3", _spaced(table.name).capitalize(), id=f"{page.name}-parameter-{table.name}")
    yield _h("p", plain(table.help), class_="hint")
    head = _h("tr", *(_h("th", _spaced(column)) for column in table.columns))
    rows = []
    for row in table.rows:
        css = {"class_": "never", "title": plain(row.never)} if row.never else {}
        rows.append(_h("tr", *(_h("td", _spaced(cell)) for cell in row.cells), **css))
    yield _h("div", _h("table", _h("thead", head), _h("tbody", *rows)), class_="scroll")


def _defined(terms: dict[str, str], id_: str | None = None) -> Element:
    parts = [part for term, words in terms.items() for part in (_h("dt", term), _h("dd", words))]
    return _h("dl", *parts, **({"id": id_} if id_ else {}))


def _sentence(page: PolicyPage, sentence: Sentence) -> Iterator[Content]:
    yield from _pieces(page, sentence.pieces)
    if sentence.items:
        yield _h("ul", *(_h("li", *_sentence(page, item)) for item in sentence.items))


def _pieces(page: PolicyPage, pieces: Iterable[Piece]) -> Iterator[Content]:
    for piece in pieces:
        match piece:
            case str():
                yield piece
            case Name(kind="variable" | "field"):
                yield _h("span", piece.text)
            case Name(kind=kind, name=name):
                yield _h("a", piece.text, href=f"#{page.name}-{kind}-{name}")
            case Given(text=text):
                yield _h("b", text)
            case Note(text=text):
                yield _h("span", text, class_="hint")
            case _:
                assert_never(piece)


def _spaced(name: str) -> str:
    return name.replace("_", " ")
