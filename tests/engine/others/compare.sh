#!/bin/bash
# Runs the Cedar and Rego policies of docs/coming_from.md in their own engines, with the cases of that page.
# Needs the network. Prints the answer of each engine, and exits non-zero if one differs.
set -eu
cd "$(dirname "$0")/../../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q cedarpy==4.12.2 regopy==1.5.2
"$folder/venv/bin/python" - <<'PYTHON'
import json
import re
import sys
from pathlib import Path

import cedarpy
import regopy

page = Path("docs/coming_from.md").read_text(encoding="utf-8")
text = {kind: body for kind, body in re.findall(r"^```(cedar|rego)\n(.*?)^```$", page, re.M | re.S)}


def sale(days, price, opened=False):
    return {"buyer": "bea", "opened": opened, "days": days, "price": price}


CASES = [
    ("bea", False, sale(30, 500.00), "accept"),
    ("bea", False, sale(30, 500.01), "review"),
    ("bea", False, sale(31, 10.00), "refuse"),
    ("bea", False, sale(1, 10.00, True), "refuse"),
    ("sam", False, sale(30, 500.00), "refuse"),
    ("eve", True, sale(1, 10.00, True), "accept"),
]


def rego(who, staff, sale):
    engine = regopy.Interpreter()
    engine.add_module("returns", text["rego"])
    engine.set_input({"who": {"id": who, "staff": staff}, "sale": sale})
    output = engine.query("data.returns.outcome")
    return json.loads(str(output))["expressions"][0]


def cedar(who, staff, sale):
    def user(name):
        return {"type": "User", "id": name}

    attributes = {
        "buyer": {"__entity": user(sale["buyer"])},
        "opened": sale["opened"],
        "days": sale["days"],
        "cents": round(sale["price"] * 100),
    }
    entities = [
        {"uid": user(who), "attrs": {"staff": staff}, "parents": []},
        {"uid": {"type": "Sale", "id": "1"}, "attrs": attributes, "parents": []},
    ]
    for action in ("accept", "review"):
        request = {
            "principal": f'User::"{who}"',
            "action": f'Action::"{action}"',
            "resource": 'Sale::"1"',
            "context": {},
        }
        if cedarpy.is_authorized(request, text["cedar"], entities).decision.value == "Allow":
            return action
    return "refuse"


wrong = 0
for who, staff, facts, expected in CASES:
    answers = {"rego": rego(who, staff, facts), "cedar": cedar(who, staff, facts)}
    print(who, facts, expected, answers)
    wrong += any(answer != expected for answer in answers.values())
sys.exit(wrong)
PYTHON
