"""The report about a bundle: what exactly changes compared with the bundle in force, for those who approve it."""

import hashlib
import json
from pathlib import Path
from typing import Any, Final

from decisions.fields import canonical
from documents.diagnostics import Diagnostic
from engine.bundle import CLAIMS
from engine.claims import claim_words, extra, words
from engine.claims.bundles import compare_policies
from engine.claims.claim import Claim, read_claims
from engine.claims.difference import Difference
from marketplace.publishing.changes import in_words, kind_of_change, removed_claims
from marketplace.publishing.checking import Checked
from marketplace.publishing.files import FOLDER, Texts, unpacked
from marketplace.publishing.models import Publication
from marketplace.publishing.standing import Standing

FORMAT: Final = "comity report 1"


def write_report(publication: Publication, texts: Texts, checked: Checked, base: Standing) -> dict[str, Any]:
    """Takes as long as the solver needs. Raises NotConfirmed."""
    difference = _difference(base, checked)
    removed = removed_claims(_claims(base), checked.proved.claims)
    proofs = checked.proved.proofs
    unproven = [proof for proof in proofs or () if proof.status == "not proven"]
    not_proven = len(unproven) + (
        1 if difference is None else len(difference.not_proven)
    )  # without a solver, nothing is proven
    return {
        "format": FORMAT,
        "bundle": {"id": publication.pk, "digest": publication.digest, "files": publication.files},
        "base": {"id": base.publication and base.publication.pk, "digest": base.bundle.digest},
        "change": "claims" if removed else kind_of_change(base.bundle.policies, checked.bundle.policies),
        "files": _files(base.texts, texts),
        "edits": in_words(base.bundle.policies, checked.bundle.policies),
        "difference": None if difference is None else difference.to_dict(),
        "sentences": _sentences(difference),
        "claims": None if proofs is None else [claim_words.to_dict(proof) for proof in proofs],
        "claims_removed": removed,
        "cases": _cases(checked),
        "warnings": [_plain(warning) for warning in checked.warnings],
        "not_proven": not_proven,
        "authors": sorted(publication.authors.values_list("user_id", flat=True)),
        "authors_without_account": publication.strangers,
    }


def body_of(report: dict[str, Any]) -> tuple[str, str]:
    """Canonical JSON and its digest."""
    body = canonical(report)
    return body, f"sha256:{hashlib.sha256(body.encode()).hexdigest()}"


def _difference(base: Standing, checked: Checked) -> Difference | None:
    if base.bundle.digest == checked.bundle.digest:
        return Difference()
    if not extra.is_installed():
        return None
    return compare_policies(base.bundle.policies, checked.bundle.policies)


def _sentences(difference: Difference | None) -> list[str]:
    if difference is None:
        return [f"the decisions were not compared, since that needs a solver: {extra.INSTALL}"]
    return list(words.lines(difference))


def _claims(base: Standing) -> list[Claim]:
    if CLAIMS not in base.texts:
        return []
    with unpacked(base.texts) as folder:
        return read_claims(folder / FOLDER / CLAIMS, base.bundle.policies)[0]


def _files(old: Texts, new: Texts) -> dict[str, list[str]]:
    """Cases of the folder are not known before the first bundle, so they are not compared with it."""
    return {
        "added": sorted(new.keys() - old.keys()),
        "changed": sorted(name for name in new.keys() & old.keys() if new[name] != old[name]),
        "removed": sorted(old.keys() - new.keys()),
    }


def _cases(checked: Checked) -> dict[str, int]:
    return {
        "passed": sum(result.passed for result in checked.cases),
        "skipped": sum(result.skipped for result in checked.cases),
    }


def _plain(problem: Diagnostic) -> dict[str, Any]:
    return {
        "file": Path(problem.file).as_posix(),
        "line": problem.line,
        "code": problem.code,
        "message": problem.message,
    }


def read_body(body: str) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(body)
    return report
