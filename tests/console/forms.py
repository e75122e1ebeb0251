"""Reads the forms of a page, to submit them as a browser without JavaScript does."""

from html.parser import HTMLParser


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name")
        if tag == "form":
            self.forms.append({})
        elif tag == "input" and name:
            self.forms[-1][name] = given.get("value") or ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            self.forms[-1][self._select] = given.get("value") or ""


def form_of(page: str, step: str) -> dict[str, str]:
    """The fields of the one form that takes the step."""
    parser = _Forms()
    parser.feed(page)
    [form] = [form for form in parser.forms if form.get("do") == step]
    return form
