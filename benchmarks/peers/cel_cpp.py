"""cel-expr-python, Google's C++ implementation of CEL."""

from __future__ import annotations

from typing import Any

from cel_expr_python import cel

from benchmarks.peers.asked import asked
from benchmarks.peers.cel_policies import expression, limits
from benchmarks.peers.peer import Built
from benchmarks.workloads.workload import Facts, Workload

_TYPES = {
    **dict.fromkeys(("buyer_id", "seller_id", "product_id", "status", "mode", "kind", "region"), "string"),
    **dict.fromkeys(("already_reviewed", "legal_hold", "purge_started"), "bool"),
    **dict.fromkeys(("closed_at", "hold_released_at"), "dyn"),
    **dict.fromkeys(("confirmations", "signals"), "list<map<string, dyn>>"),
    **dict.fromkeys(("amount", "now"), "int"),
    "limits": "map<string, map<string, list<int>>>",
}


class CelCpp:
    name = "cel-expr-python"

    def build(self, workload: Workload) -> Built:
        environment = cel.NewEnv(variables={name: cel.Type(type_) for name, type_ in _TYPES.items()})
        evaluate = environment.compile(expression(workload)).eval
        table = limits(workload)

        def plain(facts: Facts) -> Any:
            return evaluate(data=facts).plain_value()

        def with_table(facts: Facts) -> Any:
            return evaluate(data={**facts, "limits": table}).plain_value()

        return asked(workload, with_table if workload.rows else plain)


PEER = CelCpp()
