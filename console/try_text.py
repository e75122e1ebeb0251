"""The page where moderators try out a text: what the detectors report, and what each mode decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from console.access import for_moderators
from console.board import Board, Table, read_board
from console.findings import highest, merged, strongest
from console.highlight import cut
from console.verdict import Verdict
from decisions import bundles, trial
from detectors.signal import Findings
from engine import Budget, Bundle
from marketplace.accounts.models import User
from marketplace.moderation import detection
from marketplace.moderation.facts import Mode
from marketplace.moderation.preview import preview
from marketplace.moderation.services import POLICY
from marketplace.tuning.orders import find_misplaced

MAX_TEXT: Final = 4_000
MODES: Final[tuple[Mode, ...]] = ("normal", "dispute")


@dataclass(frozen=True, slots=True)
class Column:
    """One mode: its decision and its own parameters."""

    mode: Mode
    verdict: Verdict
    tables: list[Table]


def show(request: HttpRequest, moderator: User) -> HttpResponse:
    now = timezone.now()
    posted = {name: value for name, value in request.POST.items() if isinstance(value, str)}
    board = read_board(trial.tunables(POLICY, now=now), {} if "reset" in posted else posted)
    text = posted.get("text", "").replace("\r\n", "\n")
    context: dict[str, Any] = {
        "text": text,
        "max_text": MAX_TEXT,
        "error": _misfit(text) if request.method == "POST" else "",
        "problems": detection.problems(),
        "counterfactuals": "counterfactuals" in posted,
    }
    if request.method == "POST" and not context["error"]:
        budget = Budget() if context["counterfactuals"] else None
        context |= _examine(text, board, moderator, now, budget)
    status = 422 if context["error"] or board.has_errors else 200
    return render(request, "console/moderation_try.html", context, status=status)


try_text = require_http_methods(["GET", "HEAD", "POST"])(for_moderators(show))


def _misfit(text: str) -> str:
    if not text.strip():
        return "Enter a text first."
    return f"A text has at most {MAX_TEXT:,} characters." if len(text) > MAX_TEXT else ""


def _examine(
    text: str, board: Board, moderator: User, now: datetime, budget: Budget | None
) -> dict[str, Any]:
    findings = detection.examine(text).findings
    shown = strongest(findings.signals)
    tried = trial.adjusted(POLICY, board.edited, now=now) if board.edited else bundles.current()
    verdicts = _decide(findings, tried, moderator, now, budget)
    scores = highest(findings.signals)
    columns = [Column(mode, verdict, board.tables(mode, scores)) for mode, verdict in verdicts.items()]
    return {
        "findings": findings,
        "pieces": cut(text, shown),
        "signals": merged(text, shown),
        "left_out": len(findings.signals) - len(shown),
        "columns": columns,
        "board": board,
        "misplaced": find_misplaced(tried.version_at(POLICY, now)),
        "shared_tables": board.tables(None, scores),
    }


def _decide(
    findings: Findings, tried: Bundle, moderator: User, now: datetime, budget: Budget | None
) -> Mapping[Mode, Verdict]:
    """Decide with the parameters in force, and again with those to try, which affect only this page."""
    ask = partial(preview, findings, modes=MODES, moderator=moderator, now=now)
    if tried is bundles.current():
        found = in_force = ask(budget=budget)
    else:
        in_force = ask()
        with bundles.pinned(tried):
            found = ask(budget=budget)
    return {mode: Verdict(mode, found[mode], in_force[mode]) for mode in MODES}
