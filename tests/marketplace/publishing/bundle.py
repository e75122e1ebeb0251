"""A small bundle, how tests edit it, and the way of an edit into force."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marketplace.accounts.models import User
from marketplace.publishing.files import read_folder
from marketplace.publishing.models import Activation, Publication, Report, Verdict
from marketplace.publishing.services import activate, judge, make_report, publish
from tests.marketplace.factories import NOW

ROOT = Path(__file__).parents[3]
FEES = """\
policy: fees
version: 1
effective_from: 2026-01-01T00:00:00Z
source: test
facts: {amount: {type: int, min: 0, max: 1000}}
parameters:
  limit: {type: int, value: 100, min: 1, max: 500, show: true, help: What is free.}
outcomes: [free, fee]
on_error: fee
rules:
  - {id: small, when: amount <= limit, then: free, message: "Up to {limit} is free."}
otherwise: {id: large, then: fee, message: A fee is due.}
"""
CASES = """\
policy: fees
at: 2026-03-01T00:00:00Z
cases:
  - {name: small, facts: {amount: 1}, expect: {outcome: free, rule: small}}
  - {name: large, facts: {amount: 1000}, expect: {outcome: fee, rule: large}}
"""
CLAIMS = """\
claims:
  - {id: small-is-free, policy: fees, because: test, never: 'outcome == "fee" && amount < 2'}
"""


def write_folder(policies: Path) -> Path:
    policies.mkdir(parents=True)
    (policies / "fees.yaml").write_text(FEES)
    (policies / "claims.yaml").write_text(CLAIMS)
    shutil.copy(ROOT / "policies" / "policy_change.yaml", policies)
    cases = policies.parent / "cases"
    cases.mkdir()
    (cases / "fees.yaml").write_text(CASES)
    return policies


@dataclass
class Bundles:
    """Publishes, reports, approves and activates as Ann and Carl, unless somebody else is named."""

    folder: Path
    author: User
    approver: User

    def edit(self, before: str, after: str, file: str = "policies/fees.yaml") -> None:
        path = self.folder / file
        text = path.read_text()
        assert before in text
        path.write_text(text.replace(before, after))

    def texts(self) -> dict[str, str]:
        return read_folder(self.folder / "policies", self.folder / "cases")

    def publish(self, by: User | None = None, **options: Any) -> Publication:
        return publish(actor=by or self.author, texts=self.texts(), now=NOW, **options)

    def report(self, publication: Publication) -> Report:
        return make_report(publication=publication, now=NOW)

    def approve(
        self, publication: Publication, report: Report, by: User | None = None, *, approves: bool = True
    ) -> Verdict:
        return judge(
            actor=by or self.approver,
            publication=publication,
            approves=approves,
            bundle_digest=publication.digest,
            report_digest=report.digest,
            now=NOW,
        )

    def approved(self, by: User | None = None) -> Publication:
        publication = self.publish(by)
        self.approve(publication, self.report(publication))
        return publication

    def activate(self, publication: Publication, by: User | None = None, **options: Any) -> Activation:
        return activate(actor=by or self.author, publication=publication, **{"now": NOW} | options)

    def put_in_force(self) -> Publication:
        publication = self.approved()
        self.activate(publication)
        return publication
