"""YAML as editors read it: YAML 1.2 core schema, no duplicate keys."""

from __future__ import annotations

import re
from typing import Any

import yaml


class CoreLoader(yaml.CSafeLoader):
    yaml_implicit_resolvers: dict[str, Any] = {}


for tag, pattern, first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", "true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        list("-+.0123456789"),
    ),
):
    CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"(?:{pattern})\\Z"), first)


def _mapping(loader: CoreLoader, node: yaml.MappingNode) -> Any:
    keys = [key.value for key, _ in node.value]
    if len(keys) != len(set(keys)):
        raise yaml.constructor.ConstructorError(None, None, "a key is given twice", node.start_mark)
    return loader.construct_mapping(node, deep=True)


CoreLoader.add_constructor("tag:yaml.org,2002:map", _mapping)


def read_core(text: str) -> Any:
    """The only document of a text. Raises yaml.YAMLError."""
    return yaml.load(text, CoreLoader)


def read_all_core(text: str) -> list[Any]:
    return list(yaml.load_all(text, CoreLoader))
