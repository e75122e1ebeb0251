"""Other values for a policy's parameters: what a case assumes, or what somebody wants to try."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from documents.diagnostics import Diagnostic, did_you_mean
from documents.nodes import Node
from documents.reader import Reader
from engine.policy.key_words import PolicyReader
from engine.policy.model import Parameter, Policy
from engine.policy.parameter_reader import bounds, read_rows, within
from engine.policy.type_reader import read_value
from engine.policy.validated import ValidatedPolicy
from engine.policy.validator import validate


def with_settings(
    policy: Policy, settings: Mapping[str, Node], keys: Mapping[str, Node] | None = None
) -> tuple[Policy, list[Diagnostic]]:
    """The policy with other parameter values; each keeps to the type and the bounds of its parameter.

    `keys` are the places of their names, where a name that is no parameter is reported.
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
    """The same policy with the other parameter values of `policy`; None where an expression cannot do with them.

    Most expressions are typed alike whatever the values are; one that looks up rows relies on those that there are.
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
