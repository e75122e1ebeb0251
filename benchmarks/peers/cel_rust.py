"""common-expression-language, the Rust implementation of CEL."""

from __future__ import annotations

from typing import Any

import cel

from benchmarks.peers.asked import asked
from benchmarks.peers.cel_policies import expression, limits
from benchmarks.peers.peer import Built
from benchmarks.workloads.workload import Facts, Workload


class CelRust:
    name = "common-expression-language"

    def build(self, workload: Workload) -> Built:
        execute = cel.compile(expression(workload)).execute
        context = cel.Context(variables={"limits": limits(workload)})

        def with_table(facts: Facts) -> Any:
            """The table is passed once and stays; facts replace those of the previous decision."""
            context.update(facts)
            return execute(context)

        return asked(workload, with_table if workload.rows else execute)


PEER = CelRust()
