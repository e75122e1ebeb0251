"""Keys of policy and case files by other names that people give them, and how each is written."""

from __future__ import annotations

from documents.reader import Reader


class PolicyReader(Reader):
    elsewhere = {
        "when": ("if", "condition", "where", "test"),
        "unless": ("except", "if_not"),
        "otherwise": ("else", "default", "fallback"),
        "outcome": ("then", "decision", "result"),
        "then": ("outcome", "decision", "result", "action", "do"),
        "id": ("name", "rule", "key"),
        "at": ("now", "time", "date", "moment"),
        "given": ("facts", "input", "inputs"),
        "facts": ("given", "input", "inputs", "fields", "data"),
        "parameters": ("params", "constants", "variables", "settings", "knobs"),
        "effective_from": ("from", "since", "valid_from", "start"),
        "expect": ("expected", "expects", "then", "result"),
        "message": ("text", "says"),
        "summary": ("description", "about", "title"),
        "help": ("description", "comment", "about", "note"),
        "value": ("default",),
        "optional": ("nullable", "null"),
        "enum": ("values", "options", "oneof"),
        "table": ("columns", "header"),
        "with": ("parameters", "settings"),
        "rule": ("id", "reason"),
    }
    refused = {
        **dict.fromkeys(("min", "max"), "only facts and parameters have bounds"),
        "default": "a fact has no default: let its type end in `?`, and test it against null",
        "required": "every fact must be given, unless its type ends in `?`",
    }
    examples = {
        "policy": "policy: name_of_the_policy",
        "version": "version: 1",
        "effective_from": "effective_from: 2026-01-01T00:00:00Z",
        "facts": "facts: {amount: int}",
        "outcomes": "outcomes: [allow, deny]",
        "on_error": "on_error: …",
        "rules": "rules: [{id: too-much, when: amount > 100, then: …}]",
        "otherwise": "otherwise: {id: no-rule-applies, then: …}",
        "id": "id: too-much",
        "type": "type: string",
        "at": "at: 2026-03-01T12:00:00Z",
        "name": "name: what the case shows",
        "expect": "expect: {outcome: …, rule: …}",
        "outcome": "outcome: …",
        "rule": "rule: the-id-of-the-rule",
        "rows": "rows: [[…], […]]",
    }
