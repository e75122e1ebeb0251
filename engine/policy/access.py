"""How a condition reads a fact, a field of it or an item of it, for hints that move a limit into a rule."""

from __future__ import annotations

from typing import NamedTuple


class Access(NamedTuple):
    """`name` is what to read, such as `x.code`; `before` and `behind` stand around a condition about it."""

    name: str
    before: str = ""
    behind: str = ""

    def test(self, condition: str) -> str:
        return f"{self.before}{condition}{self.behind}"

    def field(self, name: str) -> Access:
        return self._replace(name=f"{self.name}.{name}")

    def item(self) -> Access:
        variable = "y" if "(x, " in self.before else "x"
        return Access(variable, f"{self.before}{self.name}.all({variable}, ", f"){self.behind}")

    def not_null(self) -> Access:
        return self._replace(before=f"{self.before}{self.name} != null && ")
