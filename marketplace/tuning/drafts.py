"""Changes of the moderation profiles as drafts. The claims about the policy are the guard rails: a change that breaks one is
refused with an input that shows it. Otherwise it is published as a bundle, which takes the way of every other."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from decisions import bundles, conf
from documents.source import Source
from engine import load_sources
from engine.bundle import CLAIMS, Versions
from engine.claims import claim_words, extra
from engine.claims.claim import read_claims
from engine.claims.proof import Proof, prove
from engine.compiled import CompiledPolicy
from marketplace.accounts.models import User
from marketplace.errors import Refused
from marketplace.moderation.services import POLICY
from marketplace.publishing import services
from marketplace.publishing.files import FOLDER, BundleRefused, Texts, unpacked
from marketplace.publishing.models import Publication
from marketplace.publishing.standing import find_base, folder_texts, texts_of
from marketplace.tuning.writing import Number, add_version


class PromiseBroken(Exception):
    """The change breaks claims. Nothing was stored."""

    def __init__(self, proofs: tuple[Proof, ...]) -> None:
        super().__init__(f"the change breaks {len(proofs)} claims")
        self.proofs = proofs


@dataclass(frozen=True, slots=True)
class Draft:
    """The files of a bundle with a new version of the profiles. `proved` is False without a solver. `not_proven` says of which
    claims nothing is known."""

    texts: Texts
    version: CompiledPolicy
    proved: bool
    not_proven: tuple[str, ...]


def write_draft(values: Mapping[str, Number], *, now: datetime) -> Draft:
    """The policies in force, with these numbers from now on. Raises PromiseBroken, BundleRefused, NotConfirmed, Refused or
    TextUnavailable."""
    base = find_base()
    texts = dict(texts_of(base.publication) if base.publication else folder_texts())
    versions = base.bundle.policies[POLICY]
    before = versions.at(now)
    if before.digest != bundles.current().version_at(POLICY, now).digest:
        message = (
            "This server takes its policies from a folder whose profiles differ from those of the published bundle in force. "
            "Publish the folder first."
        )
        raise Refused("other-profiles-in-force", message)
    file = Path(before.validated.policy.node.source.file).name
    if texts.get(file) != before.validated.policy.node.source.text:
        raise Refused("policies-just-edited", "The policies were edited a moment ago. Please try again.")
    number = max(version.version for version in versions.all) + 1
    texts[file] = add_version(before, values, number=number, effective_from=now)
    loaded = load_sources([Source(f"{FOLDER}/{file}", texts[file])], compile=conf.engine())
    if loaded.bundle is None:
        raise BundleRefused(tuple(d for d in loaded.diagnostics if d.severity == "error"))
    added = loaded.bundle.policies[POLICY]
    version = added.by_number[number]
    proofs = _prove(texts, {**base.bundle.policies, POLICY: added}, version)
    if broken := tuple(proof for proof in proofs if proof.status in ("broken", "vacuous")):
        raise PromiseBroken(broken)
    return Draft(
        texts, version, bool(proofs), tuple(claim_words.told(p) for p in proofs if p.status == "not proven")
    )


def _prove(texts: Texts, policies: Mapping[str, Versions], version: CompiledPolicy) -> list[Proof]:
    """The claims of the bundle about this version alone. None without a solver: then publishing proves nothing either."""
    if CLAIMS not in texts or not extra.is_installed():
        return []
    with unpacked(texts) as folder:
        claims, _ = read_claims(folder / FOLDER / CLAIMS, policies)
    alone = Versions((version,))
    return [proof for claim in claims if claim.policy == POLICY for proof in prove(claim, alone)]


def publish_draft(draft: Draft, *, actor: User, now: datetime) -> Publication:
    """Takes as long as all cases and proofs of the bundle. Raises BundleRefused, Denied or Refused."""
    return services.publish(actor=actor, texts=draft.texts, now=now)
