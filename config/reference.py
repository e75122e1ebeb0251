"""Generates docs/settings.md from the settings class: `python -m config.reference > docs/settings.md`."""

import sys
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from types import NoneType
from typing import Any, Final, Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from config.environment import BASE_DIR, Environment, Names, Rate, Secrets, embedded_database, variable_of

INTRODUCTION: Final = """\
# Settings

The server and `manage.py` read their settings from environment variables when they start. A value that does not fit is refused
with a sentence that names its variable. `manage.py check --deploy` looks for settings that fit and are still unwise.

This page is made from `config/environment.py` by `python -m config.reference > docs/settings.md`. A Django project that installs
only the package has other settings: [Comity in your own Django project](embedding.md).
"""

# The first field of each section, in the order of the class.
SECTIONS: Final[Mapping[str, str]] = {
    "debug": "Security",
    "host": "Serving",
    "database_url": "Database and cache",
    "metrics_token": "Watching it",
    "due_seconds": "Duties and policies",
    "throttle_login": "Rates",
    "email_host": "Mail",
    "erasure_journal": "Records of decisions",
    "evidence_dir": "Evidence",
    "moderation_lexicon": "Moderation",
    "assistant_responder": "The assistant",
}
_HEAD: Final = "| variable | value | default | meaning |\n|---|---|---|---|"
_PLAIN: Final[Mapping[Any, str]] = {
    bool: "`true` or `false`",
    str: "text",
    Path: "a path",
    SecretStr: "a secret",
    date: "a day",
    int: "a whole number",
    float: "a number",
}


def render() -> str:
    return INTRODUCTION + "".join(_lines())


def _lines() -> Iterator[str]:
    for name, field in Environment.model_fields.items():
        if name in SECTIONS:
            yield f"\n## {SECTIONS[name]}\n\n{_HEAD}\n"
        cells = (
            f"`{variable_of(name, field)}`",
            _values(name, field),
            _default(field),
            field.description or "",
        )
        yield "| " + " | ".join(cells) + " |\n"


def _values(name: str, field: FieldInfo) -> str:
    """The accepted values, in words."""
    declared = Environment.__annotations__[name]
    if declared is Names:
        return "names, separated by commas"
    if declared is Secrets:
        return "secrets, separated by commas"
    if declared is Rate:
        return "a rate: `s`, `min` or `hour`"
    [kind] = [part for part in _alternatives(field.annotation) if part is not NoneType]
    if get_origin(kind) is Literal:
        return ", ".join(f"`{choice}`" for choice in get_args(kind) if choice)
    least = [m.ge for m in field.metadata if hasattr(m, "ge")]
    most = [m.le for m in field.metadata if hasattr(m, "le")]
    if least and most:
        return f"{least[0]:,} to {most[0]:,}"
    return f"{least[0]:,} or more" if least else _PLAIN[kind]


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    is_plain = isinstance(annotation, type) or get_origin(annotation) is Literal
    return (annotation,) if is_plain else get_args(annotation)


def _default(field: FieldInfo) -> str:
    """Without the path of this installation."""
    if field.default_factory is embedded_database:
        return "`var/comity.sqlite3`"
    default = field.default
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, Path):
        return f"`{default.relative_to(BASE_DIR)}`"
    if isinstance(default, SecretStr) or (not default and default != 0):
        return ""
    return f"`{default}`"


if __name__ == "__main__":
    sys.stdout.write(render())
