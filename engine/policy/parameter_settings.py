"""Replace the values of a policy's parameters, for a case or a trial."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from documents.diagnostics import Diagnostic, did_you_mean
from documents.nodes import Node
from documents.reader import Reader
from engine.policy.key_words import PolicyReader
from engine.policy.model import Parameter, Policy
from engine.policy.parameter_reader import bounds, read_rows, within
from engine.policy.validated import ValidatedPolicy
from engine.policy.validator import validate
from engine.policy.value_reader import read_value


def with_settings(
    policy: Policy, settings: Mapping[str, Node], keys: Mapping[str, Node] | None = None
) -> tuple[Policy, list[Diagnostic]]:
    """The policy with other parameter values, each checked against the type and bounds of its parameter.

    `keys` are the nodes of their names, where an unknown parameter is reported.
    """
    reader = PolicyReader()
    parameters = dict(policy.parameters)
    for name, node in settings.items():
        if name in parameters:
            parameters[name] = _set(reader, parameters[name], node)
        else:
            place = (keys or {}).get(name, node)
            reader.report(
                place, "unknown-name", f"unknown parameter `{name}`", did_you_mean(name, parameters)
            )
    return replace(policy, parameters=parameters), reader.problems


def with_parameters(
    validated: ValidatedPolicy, policy: Policy
) -> tuple[ValidatedPolicy | None, tuple[Diagnostic, ...]]:
    """The same policy with the parameter values of `policy`; None if an expression is not valid with them.

    The types of most expressions do not depend on the values, but a row look-up depends on the existing rows.
    """
    if validated.relies_on_parameters():
        return validate(policy)
    return replace(validated, policy=policy), ()


def _set(reader: Reader, parameter: Parameter, node: Node) -> Parameter:
    if parameter.table is None:
        value = read_value(reader, node, parameter.type, f"the parameter `{parameter.name}`")
        if value is not None and not within(value, parameter.minimum, parameter.maximum):
            message = f"the parameter `{parameter.name}` cannot have this value"
            reader.report(
                node, "out-of-bounds", message, f"keep to {bounds(parameter)}, or change its bounds"
            )
        return replace(parameter, value=value)
    rows, nodes = read_rows(reader, node, parameter.table.columns)
    return replace(parameter, table=replace(parameter.table, rows=tuple(rows), row_nodes=tuple(nodes)))
