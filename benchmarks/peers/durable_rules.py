"""durable-rules: the policy compiled for it by the engine's own target, without the facts check and the decision object."""

from __future__ import annotations

from benchmarks.peers.comity import bare, bundle_of, version_of
from benchmarks.peers.peer import Built
from benchmarks.workloads.workload import Workload
from engine.backends import NotExpressible, TargetUnavailable, target


class DurableRules:
    name = "durable-rules"

    def build(self, workload: Workload) -> Built | None:
        try:
            return bare(target("durable")(version_of(bundle_of(workload)).validated))
        except (NotExpressible, TargetUnavailable):
            return None


PEER = DurableRules()
