#!/bin/bash
# Runs the DMN table and the Cedar, Rego and Cerbos policies of docs/coming_from.md in engines of those languages, with the cases
# of that page. Needs the network and npm. Prints the answer of each engine, and exits non-zero if one differs.
set -eu
cd "$(dirname "$0")/../../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q cedarpy==4.12.2 regopy==1.5.2 pydmnrules==1.4.5
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$folder" @cerbos/cerbos-linux-x64@0.55.0
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import json
import re
import subprocess
import sys
from pathlib import Path
from xml.sax.saxutils import escape

import cedarpy
import pyDMNrules
import regopy

folder = Path(sys.argv[1])
page = Path("docs/coming_from.md").read_text(encoding="utf-8")
text = {kind: body for kind, body in re.findall(r"^```(cedar|rego|yaml cerbos)\n(.*?)^```$", page, re.M | re.S)}


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


INPUTS = {"staff": "boolean", "yours": "boolean", "opened": "boolean", "days": "number", "price": "number"}


def dmn_engine():
    """An engine with the table of the page, written as XML."""
    rows = [row.strip("|").split("|")[1:] for row in re.findall(r"^\| [0-9] \|.*$", page, re.M)]
    inputs = "".join(
        f'<input id="i_{name}"><inputExpression id="e_{name}" typeRef="{kind}"><text>{name}</text></inputExpression></input>'
        for name, kind in INPUTS.items()
    )
    data = "".join(f'<inputData id="d_{n}" name="{n}"><variable name="{n}" typeRef="{k}"/></inputData>' for n, k in INPUTS.items())
    needs = "".join(f'<informationRequirement id="n_{n}"><requiredInput href="#d_{n}"/></informationRequirement>' for n in INPUTS)
    rules = ""
    for number, (*cells, outcome) in enumerate(rows):
        entries = "".join(f'<inputEntry id="c{number}_{n}"><text>{escape(c.strip())}</text></inputEntry>' for n, c in enumerate(cells))
        rules += f'<rule id="r{number}">{entries}<outputEntry id="o{number}"><text>{outcome.strip()}</text></outputEntry></rule>'
    engine = pyDMNrules.DMN()
    status = engine.useXML(
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="all" name="returns" namespace="returns">'
        f'{data}<decision id="outcome" name="outcome"><variable name="outcome" typeRef="string"/>{needs}'
        f'<decisionTable id="table" hitPolicy="FIRST">{inputs}<output id="o" name="outcome" label="outcome" typeRef="string"/>{rules}'
        "</decisionTable></decision></definitions>"
    )
    assert "errors" not in status, status
    return engine


DMN = dmn_engine()


def dmn(who, staff, sale):
    facts = {"staff": staff, "yours": who == sale["buyer"], "opened": sale["opened"]}
    status, decision = DMN.decide({**facts, "days": sale["days"], "price": sale["price"]})
    return decision["Result"]["outcome"] if decision else str(status)


def cerbos():
    """Whether Cerbos's own test command agrees with every case."""
    policies = folder / "cerbos"
    policies.mkdir()
    (policies / "sale.yaml").write_text(text["yaml cerbos"], encoding="utf-8")
    suite = {"name": "returns", "principals": {}, "resources": {}, "tests": []}
    for number, (who, staff, facts, expected) in enumerate(CASES):
        name = f"case{number}"
        suite["principals"][name] = {"id": who, "roles": ["staff" if staff else "user"]}
        suite["resources"][name] = {"id": name, "kind": "sale", "attr": facts}
        actions = {a: "EFFECT_ALLOW" if a == expected else "EFFECT_DENY" for a in ("accept", "review")}
        asked = {"principals": [name], "resources": [name], "actions": list(actions)}
        answer = {"principal": name, "resource": name, "actions": actions}
        suite["tests"].append({"name": name, "input": asked, "expected": [answer]})
    (policies / "sale_test.yaml").write_text(json.dumps(suite), encoding="utf-8")
    program = folder / "node_modules/@cerbos/cerbos-linux-x64/cerbos-linux-x64"
    return subprocess.run([program, "compile", "--color=never", policies]).returncode == 0


wrong = 0 if cerbos() else 1
for who, staff, facts, expected in CASES:
    answers = {engine.__name__: engine(who, staff, facts) for engine in (rego, cedar, dmn)}
    print(who, facts, expected, answers)
    wrong += any(answer != expected for answer in answers.values())
sys.exit(wrong)
PYTHON
