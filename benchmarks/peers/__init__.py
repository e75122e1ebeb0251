"""Who is measured, one file each; the first is what the others are compared with."""

from benchmarks.peers.comity import Comity
from benchmarks.peers.handwritten import Handwritten
from benchmarks.peers.peer import Peer

PEERS: tuple[Peer, ...] = (Handwritten(), Comity())
