"""A bundle of the profiles, their claims and the policy about changes: all that publishing needs."""

import json
from pathlib import Path
from typing import Any

import pytest

from decisions import Denied, bundles, trial
from engine import Bundle
from engine.bundle import Versions
from engine.claims import extra
from engine.compiled import CompiledPolicy
from marketplace.accounts.models import Role, User
from marketplace.errors import Refused
from marketplace.moderation.services import POLICY
from marketplace.publishing.files import BundleRefused
from marketplace.publishing.models import Publication
from marketplace.publishing.people import approvers
from marketplace.publishing.services import activate, judge, make_report, roll_back
from marketplace.publishing.standing import bundle_of
from marketplace.tuning.drafts import Draft, PromiseBroken, publish_draft, write_draft
from tests.engine.policies import shipped
from tests.marketplace.factories import LATER, NOW, make_user
from tests.marketplace.tuning.planted import BAD, GOOD, Values
from tests.marketplace.tuning.profiles_folder import make_folder

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    return make_folder(tmp_path, settings, monkeypatch)


@pytest.fixture
def ann(db: None) -> User:
    return make_user("ann", Role.POLICY_OWNER)


@pytest.fixture
def carl(db: None) -> User:
    user = make_user("carl", Role.MODERATOR)
    user.groups.add(approvers())
    return user


def draft(values: Values) -> Draft:
    return write_draft(values, now=NOW)


def numbers(version: CompiledPolicy) -> dict[str, float | int]:
    with bundles.pinned(Bundle("", {POLICY: Versions((version,))})):
        return {tunable.name: tunable.value for tunable in trial.tunables(POLICY, now=LATER)}


@pytest.mark.full
@pytest.mark.parametrize("name", list(BAD))
def test_a_setting_that_breaks_a_promise_is_refused_with_an_input(name: str, folder: Path) -> None:
    values, claim = BAD[name]
    with pytest.raises(PromiseBroken) as refused:
        draft(values)
    broken = {proof.claim.id: proof for proof in refused.value.proofs}
    assert claim in broken
    for proof in broken.values():
        assert proof.shown
        for shown in proof.shown:
            assert confirmed(values, shown.facts) == (shown.decision.outcome, shown.decision.rule)
    assert not Publication.objects.exists()


def confirmed(values: Values, facts: Any) -> tuple[str, str]:
    """What the engine decides under the shipped policy with these numbers."""
    with bundles.pinned(shipped()):
        bundle = trial.adjusted(POLICY, values, now=NOW)
    decision = bundle.decide(POLICY, json.loads(json.dumps(facts)), now=NOW)
    return decision.outcome, decision.rule


def test_a_draft_goes_into_force_and_back(
    folder: Path, ann: User, carl: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a solver, since the proofs and the exact difference of the profiles take seconds."""
    monkeypatch.setattr(extra, "is_installed", lambda: False)
    _go_there_and_back(GOOD["threats are blocked later"], folder, ann, carl)


@pytest.mark.full
@pytest.mark.parametrize("name", list(GOOD))
def test_a_good_setting_keeps_every_promise_and_goes_into_force_and_back(
    name: str, folder: Path, ann: User, carl: User
) -> None:
    _go_there_and_back(GOOD[name], folder, ann, carl)


def _go_there_and_back(values: Values, folder: Path, ann: User, carl: User) -> None:
    before = trial_numbers()
    first = approved(publish_draft(draft({"hard_limit": 0.94}), actor=ann, now=NOW), ann, carl)
    folder_version = bundle_of(first).version_at(POLICY, NOW)
    (folder / f"{POLICY}.yaml").write_text(folder_version.validated.policy.node.source.text)
    bundles.directory_at(folder).reload()
    published = publish_draft(write_draft(values, now=LATER), actor=ann, now=LATER)
    with pytest.raises(Denied):
        judge_(published, ann)
    approved(published, ann, carl)
    version = bundle_of(published).version_at(POLICY, LATER)
    assert (version.version, folder_version.version) == (3, 2)
    assert numbers(version) == before | {"hard_limit": 0.94} | dict(values)
    roll_back(actor=ann, publication=first, reason="too late", now=LATER)
    assert numbers(bundle_of(first).version_at(POLICY, LATER)) == before | {"hard_limit": 0.94}
    report = published.reports.get()
    assert report.change == "parameters"


def trial_numbers() -> dict[str, float | int]:
    with bundles.pinned(shipped()):
        return {tunable.name: tunable.value for tunable in trial.tunables(POLICY, now=NOW)}


def approved(publication: Publication, owner: User, approver: User) -> Publication:
    judge_(publication, approver)
    activate(actor=owner, publication=publication, now=NOW)
    return publication


def judge_(publication: Publication, by: User) -> None:
    report = make_report(publication=publication, now=NOW)
    judge(
        actor=by,
        publication=publication,
        approves=True,
        bundle_digest=publication.digest,
        report_digest=report.digest,
        now=NOW,
    )


def test_a_draft_is_about_the_profiles_that_decide_here(
    folder: Path, ann: User, carl: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that takes its policies from a folder, beside a bundle in force that says something else."""
    monkeypatch.setattr(extra, "is_installed", lambda: False)
    approved(publish_draft(draft({"hard_limit": 0.94}), actor=ann, now=NOW), ann, carl)
    with pytest.raises(Refused) as refused:
        write_draft({"hard_limit": 0.93}, now=LATER)
    assert refused.value.code == "other-profiles-in-force"


def test_a_number_out_of_bounds_is_told_with_its_place(folder: Path) -> None:
    with pytest.raises(BundleRefused) as refused:
        draft({"hard_limit": 1.5})
    [problem] = refused.value.problems
    assert (problem.file, problem.code) == (f"policies/{POLICY}.yaml", "out-of-bounds")


def test_only_an_owner_publishes_a_draft(folder: Path, carl: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extra, "is_installed", lambda: False)
    with pytest.raises(Denied, match="not-a-publisher"):
        publish_draft(draft({"hard_limit": 0.94}), actor=carl, now=NOW)
    assert not Publication.objects.exists()


def test_without_a_solver_nothing_is_called_proven(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extra, "is_installed", lambda: False)
    values, _ = next(iter(BAD.values()))
    assert not draft(values).proved
