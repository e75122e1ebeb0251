"""The default responder. Deterministic: the same question, facts and policies give the same answer."""

from collections.abc import Iterable

from decisions import bundles
from marketplace.assistant.answers.explanations import EXPLAINERS, Explained
from marketplace.assistant.answers.matching import find_topic
from marketplace.assistant.answers.reply import Basis, Context, Reply
from marketplace.assistant.answers.store import configured
from marketplace.assistant.answers.topics import Topic, Wording
from marketplace.assistant.answers.wording import fill

UNKNOWN = "unknown"
ALONE = "{message}"


class PolicyResponder:
    def respond(self, context: Context) -> Reply:
        topics = configured().topics()
        topic = find_topic(topics, context.text, context.turns)
        if topic is None:
            return Reply(_fill(topics.unknown.text, context), UNKNOWN, None, topics.unknown.next)
        if context.user is None:
            return _general(topic, [topic.general, topic.log_in], context)
        if topic.about not in EXPLAINERS:
            return _general(topic, [topic.general], context)
        explain = EXPLAINERS[topic.about]
        explained = explain(context, context.user)
        if explained is None:
            return _general(topic, [topic.none, topic.general], context)
        return _explained(topic, explained, context)


def _general(topic: Topic, wordings: Iterable[Wording | None], context: Context) -> Reply:
    text = " ".join(wording.text for wording in wordings if wording)
    return Reply(_fill(text, context), topic.id, None, topic.next)


def _explained(topic: Topic, explained: Explained, context: Context) -> Reply:
    """If the topics do not know the deciding rule, use the policy's own message."""
    decision = explained.decision
    wording = topic.rules.get(decision.rule)
    text = fill(
        wording.text if wording else ALONE, bundle=bundles.current(), now=context.now, decision=decision
    )
    what = f"{explained.what}: " if explained.what else ""
    return Reply(what + text, topic.id, Basis.of(decision), topic.next)


def _fill(text: str, context: Context) -> str:
    return fill(text, bundle=bundles.current(), now=context.now)
