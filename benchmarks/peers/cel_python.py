"""cel-python, the implementation of CEL in Python."""

from __future__ import annotations

from typing import Any

import celpy
from celpy.adapter import json_to_cel

from benchmarks.peers.asked import asked
from benchmarks.peers.cel_policies import expression, limits
from benchmarks.peers.peer import Built
from benchmarks.workloads.workload import Facts, Workload


class CelPython:
    name = "cel-python"

    def build(self, workload: Workload) -> Built:
        environment = celpy.Environment()
        evaluate = environment.program(environment.compile(expression(workload))).evaluate
        table: dict[str, Any] = {"limits": json_to_cel(limits(workload))} if workload.rows else {}

        def plain(facts: Facts) -> Any:
            return evaluate({**{name: json_to_cel(value) for name, value in facts.items()}, **table})

        return asked(workload, plain)


PEER = CelPython()
