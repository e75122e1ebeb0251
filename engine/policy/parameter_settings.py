"""Other values for a policy's parameters: what a case assumes, or what somebody wants to try."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from documents.diagnostics import Diagnostic, did_you_mean
from documents.nodes import Node
from documents.reader import Reader
from engine.policy.model import Parameter, Policy
from engine.policy.parameter_reader import read_rows
from engine.policy.type_reader import read_value


def with_settings(policy: Policy, settings: Mapping[str, Node]) -> tuple[Policy, list[Diagnostic]]:
    """The policy with other parameter values; types are checked, `min` and `max` are not: a case may go beyond them."""
    reader = Reader()
    parameters = dict(policy.parameters)
    for name, node in settings.items():
        if name in parameters:
            parameters[name] = _set(reader, parameters[name], node)
        else:
            reader.report(node, "unknown-name", f"unknown parameter `{name}`", did_you_mean(name, parameters))
    return replace(policy, parameters=parameters), reader.problems


def _set(reader: Reader, parameter: Parameter, node: Node) -> Parameter:
    if parameter.table is None:
        return replace(
            parameter, value=read_value(reader, node, parameter.type, f"the parameter `{parameter.name}`")
        )
    rows, nodes = read_rows(reader, node, parameter.table.columns)
    return replace(parameter, table=replace(parameter.table, rows=tuple(rows), row_nodes=tuple(nodes)))
