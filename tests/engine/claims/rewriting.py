"""Write a policy in other words that mean the same: De Morgan applied, comparisons turned round or negated."""

import json
import random

from engine.compiled import CompiledPolicy
from engine.expression import syntax as s
from engine.expression.parser import parse

_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


def rewritten(version: CompiledPolicy, chance: random.Random) -> str:
    """The text of the policy with every condition rewritten."""
    policy = version.validated.policy
    text = policy.node.source.text
    edits = []
    for written in [
        *policy.conditions.values(),
        *(t for rule in policy.rules for t in (rule.when, rule.unless) if t is not None),
    ]:
        said = Rewriter(chance, written.text).say(parse(written.text), True)
        start, end = written.node.start, written.node.end
        end = start + len(text[start:end].rstrip())
        edits.append((start, end, json.dumps(said, ensure_ascii=False)))
    for start, end, said in sorted(edits, reverse=True):
        text = text[:start] + said + text[end:]
    return text


class Rewriter:
    def __init__(self, chance: random.Random, text: str) -> None:
        self.chance, self.text = chance, text

    def say(self, node: s.Syntax, wanted: bool) -> str:
        """The condition, or its opposite. Null checks stay before what they guard, so operands keep their order."""
        if isinstance(node, s.Unary) and node.operator == "!":
            return self.say(node.operand, not wanted)
        if isinstance(node, s.Logical):
            return self._logical(node, wanted)
        if isinstance(node, s.Binary) and node.operator in _TURNED and wanted and self.chance.random() < 0.5:
            return f"({self._of(node.right)} {_TURNED[node.operator]} {self._of(node.left)})"
        if isinstance(node, s.Binary) and node.operator in _OPPOSITE and not wanted:
            return f"({self._of(node.left)} {_OPPOSITE[node.operator]} {self._of(node.right)})"
        plain = self._of(node)
        return f"({plain})" if wanted else f"!({plain})"

    def _logical(self, node: s.Logical, wanted: bool) -> str:
        opposite = {"&&": "||", "||": "&&"}[node.operator]
        if self.chance.random() < 0.5:
            within = opposite if wanted else node.operator
            return "!(" + f" {within} ".join(self.say(o, not wanted) for o in node.operands) + ")"
        operator = node.operator if wanted else opposite
        return "(" + f" {operator} ".join(self.say(o, wanted) for o in node.operands) + ")"

    def _of(self, node: s.Syntax) -> str:
        return self.text[slice(*node.span)]
