"""`manage.py policy`: makes recorded decisions again, and proves that the log is unaltered."""

import json
import re
from argparse import ArgumentParser, ArgumentTypeError
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from random import SystemRandom
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.progress import Progress

from decisions import BundleUnavailable, bundles, conf
from decisions.backtest import Backtest, OtherBacktest, Tally, load_state, save_state
from decisions.backtest_report import Limits, as_data, as_page, as_text, make_report
from decisions.chain import seal_log
from decisions.export import ExportRefused, export
from decisions.outside import last_sent_head, read_last_head
from decisions.pruning import PruneRefused, plan_prune, prune_log
from decisions.replay import Replayed, record_run, replay_since, replay_these, sample
from decisions.signing import own_public_key, read_public_key, write_new_key
from decisions.subcommands import Subcommand, read_moment
from decisions.verifying import Verified, verify_log
from documents.diagnostics import has_errors
from documents.plurals import counted
from engine import Bundle, load_bundle
from engine.claims.difference import NotConfirmed

SHARE = re.compile(r"[0-9]{1,3}(\.[0-9]{1,6})?")


class Command(BaseCommand):
    help = "Replay recorded decisions, and seal, verify, prune and export their log."

    def add_arguments(self, parser: ArgumentParser) -> None:
        self.add_steps(parser.add_subparsers(dest="step", required=True, parser_class=Subcommand))

    def add_steps(self, steps: Any) -> None:
        replaying = steps.add_parser(
            "replay", help="decide again from the stored text and facts, and compare"
        )
        which = replaying.add_mutually_exclusive_group(required=True)
        which.add_argument("id", nargs="?", type=int, help="one record")
        which.add_argument("--since", type=read_moment, metavar="TIME", help="all records since: RFC 3339")
        which.add_argument(
            "--sample", type=read_count, metavar="N", help="N random records, and the newest of each outcome"
        )
        replaying.add_argument(
            "--against", type=Path, metavar="DIR", help="decide with the policies of a folder instead"
        )
        steps.add_parser("seal", help="seal the new records now instead of with the next periodic work")
        verifying = steps.add_parser(
            "verify-log", help="check that no sealed record was altered, added or removed"
        )
        verifying.add_argument("--head", type=Path, metavar="FILE", help="the file that heads were kept in")
        verifying.add_argument(
            "--key", type=Path, metavar="FILE", help="the public key; by default COMITY_LOG_KEY's"
        )
        pruning = steps.add_parser("prune", help="show how many old records `record_retention` lets go")
        pruning.add_argument("--confirm", action="store_true", help="write a checkpoint and delete them")
        making = steps.add_parser("new-key", help="make a key that signs the log, and print its public key")
        making.add_argument("file", type=Path)
        exporting = steps.add_parser("export", help="write recorded decisions to a Parquet file")
        exporting.add_argument("--since", type=read_moment, required=True, metavar="TIME", help="RFC 3339")
        exporting.add_argument("--policy", required=True, help="each policy has columns of its own")
        exporting.add_argument("--out", type=Path, required=True, metavar="FILE")
        self._add_backtest(steps)

    def _add_backtest(self, steps: Any) -> None:
        testing = steps.add_parser(
            "backtest", help="what other policies would have decided about the recorded decisions"
        )
        testing.add_argument("candidate", type=Path, metavar="DIR", help="a folder of policies")
        testing.add_argument(
            "--since", type=read_moment, metavar="TIME", help="by default all records: RFC 3339"
        )
        testing.add_argument(
            "--forbid",
            type=read_pair,
            action="append",
            default=[],
            metavar="OUTCOME->OUTCOME",
            help="fail if a decision changes so",
        )
        testing.add_argument(
            "--max-changed", type=read_share, metavar="SHARE", help="fail if more change, such as 0.5%%"
        )
        testing.add_argument("--format", choices=["text", "json", "html"], default="text")
        testing.add_argument(
            "--state",
            type=Path,
            metavar="FILE",
            help="continue here after an interruption; deleted at the end",
        )
        testing.add_argument(
            "--only-records",
            action="store_true",
            help="leave out the exact difference, which needs the solver",
        )

    def handle(self, *, step: str, **options: Any) -> None:
        try:
            getattr(self, f"do_{step.replace('-', '_')}")(**options)
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from None

    def do_seal(self, **_: Any) -> None:
        self.stdout.write(f"{counted(seal_log(now=timezone.now()), 'record')} sealed")

    def do_verify_log(self, *, head: Path | None, key: Path | None, **_: Any) -> None:
        try:
            public = read_public_key(key) if key else own_public_key()
            outside = read_last_head(head) if head else None
        except ValueError as error:
            raise CommandError(str(error)) from None
        with self._progress() as step:
            verified = verify_log(key=public, outside=outside, step=step)
        for line in describe(verified, kept_outside=outside is not None):
            self.stdout.write(line)
        if verified.problems:
            raise CommandError("\n".join(verified.problems))

    def do_prune(self, *, confirm: bool, **_: Any) -> None:
        now = timezone.now()
        try:
            pruned = prune_log(now=now) if confirm else plan_prune(now=now)
        except (PruneRefused, BundleUnavailable, LookupError) as error:
            raise CommandError(str(error)) from None
        if confirm:
            self.stdout.write(
                f"{counted(pruned.deleted, 'record')} deleted; {pruned.kept:,} stay, since other rows refer to them"
            )
        else:
            self.stdout.write(f"{counted(pruned.covered, 'record')} may go: pass --confirm to delete")

    def do_new_key(self, *, file: Path, **_: Any) -> None:
        try:
            public = write_new_key(file)
        except OSError as error:
            raise CommandError(
                f"`{file}` cannot be written: {(error.strerror or 'unknown error').lower()}"
            ) from None
        self.stdout.write(public.strip())

    def do_export(self, *, since: datetime, policy: str, out: Path, **_: Any) -> None:
        try:
            rows = export(policy, since, out)
        except ExportRefused as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(f"{counted(rows, 'decision')} of `{policy}` in {out}")

    def do_backtest(
        self,
        *,
        candidate: Path,
        since: datetime | None,
        forbid: list[tuple[str, str]],
        max_changed: float | None,
        format: str,
        state: Path | None,
        only_records: bool,
        **_: Any,
    ) -> None:
        bundle = load_folder(candidate)
        try:
            backtest, tally = (
                load_state(state, bundle, since) if state else (Backtest.of(bundle, since), Tally())
            )
            with self._progress(total=backtest.count(tally.last)) as step:
                for read in backtest.run(tally):
                    step(read)
                    if state:
                        save_state(state, backtest, tally)
            report = make_report(
                backtest,
                tally,
                Limits(tuple(forbid), max_changed),
                None if only_records else bundles.in_force(),
            )
        except OtherBacktest:
            raise CommandError(f"`{state}` is of another backtest: delete it, or name another file") from None
        except OSError as error:
            raise CommandError(f"`{state}`: {(error.strerror or 'unknown error').lower()}") from None
        except (BundleUnavailable, NotConfirmed) as error:
            raise CommandError(str(error)) from None
        if state:
            state.unlink(missing_ok=True)
        if format == "json":
            self.stdout.write(json.dumps(as_data(report), indent=2, ensure_ascii=False))
        elif format == "html":
            self.stdout.write(as_page(report), ending="")
        else:
            for line in as_text(report):
                self.stdout.write(line)
        if report.broken:
            raise CommandError("; ".join(report.broken))

    @contextmanager
    def _progress(self, total: int | None = None) -> Iterator[Callable[[int], None]]:
        """On a terminal only."""
        console = Console(stderr=True)
        with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
            task = progress.add_task("records", total=total if console.is_terminal else 0)
            yield lambda count: progress.advance(task, count)

    def do_replay(
        self, *, id: int | None, since: datetime | None, sample: int | None, against: Path | None, **_: Any
    ) -> None:
        other = load_folder(against) if against else None
        counts: Counter[str] = Counter()
        results = self._told(replayed(id, since, sample, other), counts)
        if sample is not None and other is None:
            record_run(results, now=timezone.now())
        else:
            list(results)
        if id is not None and not counts:
            raise CommandError(f"there is no record {id}")
        self.stdout.write(
            ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items())) or "no records"
        )
        if counts["differs"] and other is None:
            raise CommandError(f"not what was recorded: {counted(counts['differs'], 'decision')}")

    def _told(self, results: Iterator[Replayed], counts: Counter[str]) -> Iterator[Replayed]:
        for result in results:
            counts[result.verdict] += 1
            if result.verdict != "same":
                self.stdout.write(
                    f"record {result.record_id}: {result.verdict.replace('-', ' ')}: {result.said}"
                )
            yield result


def describe(verified: Verified, *, kept_outside: bool) -> Iterator[str]:
    yield f"{counted(verified.count, 'record')} sealed, {verified.open:,} not yet"
    if verified.pruned:
        yield f"{verified.pruned} of them are covered by a checkpoint, and may have been pruned"
    if verified.head is not None:
        yield f"head {verified.head.number} {verified.head.link}"
    if not verified.signed:
        yield "nothing is signed: set COMITY_LOG_KEY, so that nobody without the key can forge a head"
    if not kept_outside:
        yield f"without a head kept outside (--head), the last records could be cut off unnoticed: all {verified.unprotected}"
        if conf.log_heads():
            last = last_sent_head()
            yield (
                f"head {last.number} was the last one sent to COMITY_LOG_HEADS"
                if last
                else "no head has been sent to COMITY_LOG_HEADS yet"
            )
    elif verified.unprotected:
        yield f"{counted(verified.unprotected, 'record')} newer than the head kept outside could be cut off unnoticed"


def replayed(
    id: int | None, since: datetime | None, size: int | None, against: Bundle | None
) -> Iterator[Replayed]:
    if since is not None:
        return replay_since(since, against=against)
    if size is None:
        return replay_these([] if id is None else [id], against=against)
    try:
        chosen = sample(size, draw=SystemRandom())
    except BundleUnavailable as error:
        raise CommandError(str(error)) from None
    return replay_these(chosen, against=against)


def load_folder(folder: Path) -> Bundle:
    loaded = load_bundle(folder, released="warning", compile=conf.engine())
    if loaded.bundle is None or has_errors(loaded.diagnostics):
        raise CommandError("\n".join(problem.render() for problem in loaded.diagnostics))
    return loaded.bundle


def read_pair(text: str) -> tuple[str, str]:
    old, arrow, new = (part.strip() for part in text.partition("->"))
    if not (old and arrow and new):
        raise ArgumentTypeError(f"`{text}` does not say what becomes what, such as `deny->allow`")
    return old, new


def read_share(text: str) -> float:
    number = text.removesuffix("%")
    if not SHARE.fullmatch(number) or not text.endswith("%") or float(number) > 100:
        raise ArgumentTypeError(f"`{text}` is not a share from 0% to 100%, such as `0.5%`")
    return float(number) / 100


def read_count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:10]) <= 1_000_000:
        raise ArgumentTypeError(f"`{text}` is not a whole number from 1 to 1,000,000")
    return int(text)
