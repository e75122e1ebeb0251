"""Versions of policies for tests of proofs."""

from textwrap import dedent

from documents.source import Source
from engine.bundle import Versions, load_sources
from engine.claims.difference import Difference, compare
from engine.compiled import CompiledPolicy
from tests.engine.policies import shipped


def versions(text: str) -> Versions:
    loaded = load_sources([Source("policy.yaml", dedent(text))])
    assert loaded.bundle is not None, "\n".join(d.render() for d in loaded.diagnostics)
    [found] = loaded.bundle.policies.values()
    return found


def version(text: str) -> CompiledPolicy:
    return versions(text).all[-1]


def text_of(policy: str) -> str:
    return shipped().policies[policy].all[0].validated.policy.node.source.text


def edited(policy: str, *edits: tuple[str, str]) -> CompiledPolicy:
    """A shipped policy with other words."""
    text = text_of(policy)
    for before, after in edits:
        assert text.count(before) == 1, f"`{before}` stands {text.count(before)} times in {policy}"
        text = text.replace(before, after)
    return version(text)


def difference(policy: str, *edits: tuple[str, str]) -> Difference:
    return compare(shipped().policies[policy].all[-1], edited(policy, *edits))
