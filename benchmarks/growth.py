"""Scaling: lists over tables of any length, counterfactual searches over any facts, and reloads of any folder should not get
slower.

Run as a module, it fills its own database with the given number of rows and prints how long each list takes.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.clock import Pass, cpu_times, over, ratio
from benchmarks.django_process import run_in_django
from benchmarks.result import Effort, Findings, Result
from benchmarks.workloads.workload import FROZEN, NOW
from documents.source import Source
from engine import Budget, Bundle, load_bundle, load_sources
from engine.bundle import Kept

SIZES = (10_000, 1_000_000)
MOST_GROWTH = 2.0
MOST_MILLISECONDS = 50.0
ROWS = (10, 10_000)
RULES = 1_000
MOST_MILLISECONDS_RULES = 15.0
POLICIES = 1_000
MOST_RELOAD = 1.0
BEST_OF = 5
RECORDS = "/admin/decisions/decisionrecord/"
QUEUE = "/api/v1/moderation/queue"
LISTS = {
    "decision records": RECORDS,
    "decision records, page 5": f"{RECORDS}?p=5",
    "decision records of a policy and outcome": f"{RECORDS}?policy=retention&outcome=delete",
    "decision records, search": f"{RECORDS}?q=77",
    "queue": QUEUE,
    "queue, open": f"{QUEUE}?state=open",
    "queue, half way": f"{QUEUE}?cursor=HALF",
}


def measure(effort: Effort) -> Findings:
    return [*_lists(), *_searches(), *_rows_without_key(effort.rounds), *_many_rules(), *_reload()]


def _best(work: Callable[[], object]) -> float:
    """Milliseconds of CPU of the fastest of several runs."""
    taken = []
    for _ in range(BEST_OF):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return 1_000 * min(taken)


def _lists() -> Findings:
    small, large = (_measure_lists(size) for size in SIZES)
    section = f"lists, CPU time, {SIZES[0]:,} → {SIZES[1]:,} rows"
    findings: Findings = []
    for name in LISTS:
        findings.append(Result(section, f"{name}, short table", small[name], "{:,.0f} ms"))
        findings.append(
            Result(section, f"{name}, long / short", large[name] / small[name], "{:.2f}×", MOST_GROWTH)
        )
    return findings


def _measure_lists(size: int) -> dict[str, float]:
    quiet = {"COMITY_LOG_LEVEL": "WARNING", "COMITY_THROTTLE_READ": "100000/s"}
    return run_in_django("benchmarks.growth", str(size), in_memory=False, **quiet)


def _list_times(size: int) -> dict[str, float]:
    import django

    django.setup()
    from django.core.management import call_command
    from django.core.signing import Signer
    from django.test import Client

    from marketplace.accounts.models import User

    call_command("migrate", verbosity=0)
    client = Client()
    staff = User.objects.create_superuser("staff", role="moderator")
    author = User.objects.create_user("author")
    client.force_login(staff)
    _fill(size, judge=staff.pk, author=author.pk)
    half = Signer(salt=f"api.cursor:{QUEUE}").sign_object([False, size // 2])

    def get(path: str) -> None:
        response = client.get(path)
        if response.status_code != 200:
            raise RuntimeError(f"{path} answers {response.status_code}: {response.text[:300]}")

    times = {}
    for name, path in LISTS.items():
        path = path.replace("HALF", half)
        get(path)
        times[name] = _best(lambda path=path: get(path))  # type: ignore[misc]
    return times


def _fill(size: int, *, judge: int, author: int) -> None:
    """Creates equal numbers of decisions and queue items. A tenth of the items are open, a twentieth urgent."""
    from django.db import connection

    rows = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {size}) INSERT INTO"
    at = "datetime('2026-01-01', '+' || i || ' seconds')"
    done = "i % 10 > 0"
    with connection.cursor() as cursor:
        cursor.execute(
            f"{rows} decisions_decisionrecord (policy, version, revision, digest, outcome, rule, subject_kind, subject_id,"
            " actor_id, facts, duration_us, request_id, decided_at)"
            " SELECT CASE i % 3 WHEN 0 THEN 'retention' WHEN 1 THEN 'chat' ELSE 'disputes' END, 1, 0,"
            " hex(randomblob(32)), CASE i % 4 WHEN 0 THEN 'delete' ELSE 'allow' END, 'rule', 'product', i, 1,"
            f' \'{{"buyer_id": "1"}}\', 5, hex(randomblob(16)), {at} FROM n'
        )
        cursor.execute(
            f"{rows} moderation_queueitem (kind, thread_kind, thread_id, author_id, decision_id, flagged_for, message_shown,"
            " support, urgent, held, language, signals, created_at, state, claimed_by_id, claimed_at, verdict, reason,"
            " resolved_by_id, resolved_at)"
            f" SELECT 'review', 'product', 1, {author}, i, 'x', '', '', i % 20 = 0, 0,"
            f" 'english', '[]', {at}, CASE WHEN {done} THEN 'resolved' ELSE 'open' END,"
            f" CASE WHEN {done} THEN {judge} END, CASE WHEN {done} THEN {at} END,"
            f" CASE WHEN {done} THEN 'uphold' ELSE '' END, CASE WHEN {done} THEN 'seen' ELSE '' END,"
            f" CASE WHEN {done} THEN {judge} END, CASE WHEN {done} THEN {at} END FROM n"
        )


def _searches() -> Findings:
    """Counterfactuals of the shipped policies with list facts, over lists of increasing length."""
    bundle = load_bundle(FROZEN).bundle
    assert bundle is not None
    findings: Findings = []
    for policy, facts_of in (("review_eligibility", _sales), ("moderation_profiles", _signals)):
        for count in (10, 100, 1_000):
            facts = facts_of(count)
            took = _best(lambda f=facts, p=policy: bundle.decide(p, f, now=NOW, counterfactuals=Budget()))  # type: ignore[misc]
            what = f"{policy}, a list of {count:,}"
            findings.append(
                Result("search for counterfactuals, CPU time", what, took, "{:.1f} ms", MOST_MILLISECONDS)
            )
    return findings


def _rows_without_key(rounds: int) -> Findings:
    """Tables without key columns, whose rows are found by a band or by an equality: the longest relative to the shortest."""
    conditions = {
        "bands": (
            "row.low <= amount && amount < row.high",
            "{low: int, high: int}",
            lambda i: (10 * i, 10 * i + 10),
        ),
        "an equality": ("row.kind == kind", "{kind: int, mark: int}", lambda i: (i, 1)),
    }
    findings: Findings = []
    for name, (condition, columns, row) in conditions.items():
        for hit in ("first", "worst"):
            short, long = (_by_rows(size, hit, condition, columns, row) for size in ROWS)
            grown = ratio(cpu_times({"short": short, "long": long}, rounds), "long", "short")
            what = f"{name}, hit: {hit}, {ROWS[0]:,} → {ROWS[1]:,} rows"
            findings.append(Result("tables without key, CPU time", what, grown, "{:.2f}×", MOST_GROWTH))
    return findings


def _by_rows(
    size: int, hit: str, condition: str, columns: str, row: Callable[[int], tuple[int, int]]
) -> Pass:
    rows = [list(row(i)) for i in range(size)]
    bundle = _bundle_of(
        f"facts: {{amount: int, kind: int}}\nparameters: {{t: {{table: {columns}, rows: {rows}}}}}\nhit: {hit}\n"
        f"rules: [{{id: r, for_each: {{row: t}}, when: '{condition}', then: deny}}]"
    )
    bundle.policies["made"].newest.fuse()
    asked = [({"amount": 10 * size * i // 100, "kind": size * i // 100},) for i in range(100)]
    return over(partial(bundle.decide, "made", now=NOW), asked * 50)


def _many_rules() -> Findings:
    rules = "\n".join(
        f"  - {{id: r-{i}, when: 'amount > {i} && kind == \"k{i}\"', then: deny}}" for i in range(RULES)
    )
    bundle = _bundle_of(f"facts: {{kind: string, amount: int}}\nrules:\n{rules}")

    def work() -> None:
        bundle.decide("made", {"kind": "k3", "amount": 9}, now=NOW, explain=True, counterfactuals=Budget())

    what = f"{RULES:,} rules, with counterfactuals"
    return [Result("explanation, CPU time", what, _best(work), "{:.1f} ms", MOST_MILLISECONDS_RULES)]


def _bundle_of(text: str) -> Bundle:
    head = "policy: made\nversion: 1\neffective_from: 2026-01-01T00:00:00Z\noutcomes: [allow, deny]\non_error: deny\n"
    tail = "\notherwise: {id: none, then: allow, permit_because: a benchmark}\n"
    loaded = load_sources([Source("made.yaml", head + text + tail)])
    if loaded.bundle is None:
        raise RuntimeError("\n".join(d.render() for d in loaded.diagnostics))
    return loaded.bundle


def _sales(count: int) -> dict[str, Any]:
    sold = [{"party": "seller", "by": "s", "counterparty": "b", "product_id": f"{i}"} for i in range(count)]
    asked = {"buyer_id": "b", "seller_id": "s", "product_id": "p", "already_reviewed": False}
    return {**asked, "confirmations": sold}


def _signals(count: int) -> dict[str, Any]:
    own = {"detector": "lexicon", "reported": False, "quoted": False}
    named = ("threat", "insult", "spam", "hate")
    signals = [{**own, "category": named[i % 4], "score": i % 10 / 10} for i in range(count)]
    return {
        "mode": "normal",
        "language": "english",
        "signals": signals,
        "unavailable": [],
        "earlier_insults": [],
    }


def _reload() -> Findings:
    text = (FROZEN / "review_eligibility.yaml").read_text()
    with tempfile.TemporaryDirectory() as name:
        folder, kept = Path(name), Kept()
        for number in range(POLICIES):
            renamed = text.replace("policy: review_eligibility", f"policy: review_eligibility_{number}")
            (folder / f"policy_{number}.yaml").write_text(renamed)
        begun = time.perf_counter()
        whole = load_bundle(folder, kept=kept)
        first = time.perf_counter() - begun
        edited = folder / "policy_7.yaml"
        edited.write_text(edited.read_text() + "# edited\n")
        begun = time.perf_counter()
        again = load_bundle(folder, kept=kept)
        second = time.perf_counter() - begun
    if whole.bundle is None or again.bundle is None:
        raise RuntimeError("the policies do not load: see comity check")
    section = f"a folder of {POLICIES:,} policies"
    return [
        Result(section, "loaded", first, "{:.2f} s"),
        Result(section, "loaded again after one edit", second, "{:.2f} s", MOST_RELOAD),
    ]


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(_list_times(int(sys.argv[2]))))
