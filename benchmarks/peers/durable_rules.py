"""durable-rules: the policy compiled by the engine's own backend, without the facts check and the decision object."""

from __future__ import annotations

from benchmarks.peers.comity import bare, bundle_of, version_of
from benchmarks.peers.peer import Built
from benchmarks.workloads.workload import Workload
from engine.backends.backend import NotExpressible
from engine.backends.registry import BackendUnavailable, backend


class DurableRules:
    name = "durable-rules"

    def build(self, workload: Workload) -> Built | None:
        try:
            return bare(backend("durable")(version_of(bundle_of(workload)).validated))
        except (NotExpressible, BackendUnavailable):
            return None


PEER = DurableRules()
