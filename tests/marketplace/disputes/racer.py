"""One of several processes that act at the same moment: `python -m tests.marketplace.disputes.racer`.

Reads one job [act, actor id, dispute id, moment] per line, runs it immediately, and answers one line of JSON. With the argument
`mortal` a child process runs each job. Its process id is printed first, so that it can be killed; the answer is then "".
"""

import json
import os
import sys
import time
from datetime import datetime
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.db import connection  # noqa: E402

from decisions import Denied, bundles  # noqa: E402
from marketplace.accounts.models import User  # noqa: E402
from marketplace.disputes.holds import place_hold  # noqa: E402
from marketplace.disputes.models import Dispute, Hold, Media  # noqa: E402
from marketplace.disputes.retention.sweeping import begin_purge  # noqa: E402
from marketplace.disputes.services import reopen_dispute  # noqa: E402
from marketplace.errors import Refused  # noqa: E402
from tests.marketplace.disputes.factories import add_media  # noqa: E402
from tests.marketplace.disputes.sweeps import sweep_at  # noqa: E402
from tests.marketplace.racer import HESITATION  # noqa: E402


def purge(actor_id: int, dispute_id: int, now: datetime) -> str:
    return "purging" if begin_purge(dispute_id, at=now) else "spared"


def reopen(actor_id: int, dispute_id: int, now: datetime) -> str:
    actor = User.objects.get(pk=actor_id)
    return reopen_dispute(actor=actor, dispute_id=dispute_id, reason="Again.", now=now).status


def hold(actor_id: int, dispute_id: int, now: datetime) -> str:
    place_hold(actor=User.objects.get(pk=actor_id), dispute_id=dispute_id, reason="Court.", now=now)
    return "held"


def sweep(actor_id: int, dispute_id: int, now: datetime) -> str:
    """Returns how many seconds it took."""
    start = time.perf_counter()
    sweep_at(now)
    return str(time.perf_counter() - start)


def upload(actor_id: int, dispute_id: int, now: datetime) -> str:
    """One file after another, until killed."""
    dispute, actor = Dispute.objects.get(pk=dispute_id), User.objects.get(pk=actor_id)
    while True:
        add_media(dispute, actor, now=now)


def purge_naively(actor_id: int, dispute_id: int, now: datetime) -> str:
    """The naive twins that must lose: read, set a flag, save."""
    held = Hold.objects.filter(released_at=None).values("dispute")
    dispute = Dispute.objects.filter(pk=dispute_id, status="closed").exclude(pk__in=held).first()
    if dispute is None:
        return "spared"
    time.sleep(HESITATION)
    dispute.purge_started_at = now
    dispute.save()
    Media.objects.filter(dispute=dispute).update(state="doomed", doom_rule="time-is-up")
    return "purging"


def reopen_naively(actor_id: int, dispute_id: int, now: datetime) -> str:
    dispute = Dispute.objects.get(pk=dispute_id)
    if dispute.purge_started_at is not None:
        return "media-gone"
    time.sleep(HESITATION)
    dispute.status, dispute.closed_at, dispute.retain_until = "reopened", None, None
    dispute.retain_policy = dispute.retain_digest = ""
    dispute.save()
    return "reopened"


def hold_naively(actor_id: int, dispute_id: int, now: datetime) -> str:
    if Dispute.objects.get(pk=dispute_id).purge_started_at is not None:
        return "purge-begun"
    time.sleep(HESITATION)
    Hold.objects.create(dispute_id=dispute_id, placed_by_id=actor_id, reason="Court.", placed_at=now)
    return "held"


ACTS = {
    act.__name__: act
    for act in (purge, reopen, hold, sweep, upload, purge_naively, reopen_naively, hold_naively)
}


def answer(act: str, actor_id: int, dispute_id: int, moment: str) -> str:
    try:
        return ACTS[act](actor_id, dispute_id, datetime.fromisoformat(moment))
    except Denied as denied:
        return denied.decision.rule
    except Refused as refused:
        return refused.code
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def answer_in_a_child(*job: Any) -> str:
    """Nobody waits for the child: as a zombie it keeps its id, so that a late kill cannot hit another process."""
    connection.close()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        connection.ensure_connection()
        say(str(os.getpid()))
        os.write(writer, answer(*job).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        return pipe.read()


def main() -> None:
    connection.ensure_connection()
    bundles.in_force()
    say("ready")
    work = answer_in_a_child if sys.argv[1:] == ["mortal"] else answer
    for line in sys.stdin:
        say(json.dumps(work(*json.loads(line))))


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
