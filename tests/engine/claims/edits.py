"""Edits of every shipped policy: what each changes, or that it changes nothing."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest

Text = Callable[[str], str]


@dataclass(frozen=True)
class Edit:
    """An edit of a policy's text. `said` has the outcomes that change, as `deny->allow`, and the other kinds of change; it is
    empty if only texts change."""

    policy: str
    edits: tuple[Text, ...]
    said: frozenset[str] = frozenset()
    renamed: Mapping[str, str] = field(default_factory=dict)

    def of(self, text: str) -> str:
        edited = text
        for edit in self.edits:
            edited = edit(edited)
        assert edited != text
        return edited


def put(before: str, after: str) -> Text:
    """Replace a fragment that stands once in the text."""

    def edit(text: str) -> str:
        assert text.count(before) == 1, f"`{before}` stands {text.count(before)} times"
        return text.replace(before, after)

    return edit


def named(before: str, after: str) -> Text:
    """Rename a condition."""

    def edit(text: str) -> str:
        assert re.search(rf"^  {before}: ", text, re.MULTILINE)
        return re.sub(rf"(?<![-\w]){before}(?![-\w])", after, text)

    return edit


def _rule(text: str, id_: str) -> tuple[int, int]:
    start = text.index(f"  - id: {id_} " if f"  - id: {id_} " in text else f"  - id: {id_}\n")
    end = re.compile(r"^(  - id: |\n*otherwise)", re.MULTILINE).search(text, start + 1)
    assert end is not None
    return start, end.start()


def dropped(id_: str) -> Text:
    """Remove a rule."""

    def edit(text: str) -> str:
        start, end = _rule(text, id_)
        return text[:start] + text[end:]

    return edit


def swapped(one: str, other: str) -> Text:
    """Swap a rule with the next one."""

    def edit(text: str) -> str:
        start, middle = _rule(text, one)
        second, end = _rule(text, other)
        assert middle == second
        return text[:start] + text[second:end] + text[start:middle] + text[end:]

    return edit


def then_version(moment: str, before: str, after: str) -> Text:
    """Add a second version."""

    def edit(text: str) -> str:
        second = put(before, after)(text).replace("version: 1\n", "version: 2\n")
        return f"{text}---\n{re.sub('effective_from: .*', f'effective_from: {moment}', second)}"

    return edit


IN_FORCE_BY = re.compile(r"^in_force_by: .*\n", re.MULTILINE)


def by_now(text: str) -> str:
    return IN_FORCE_BY.sub("", text)


def _planted(policy: str, *rows: tuple[Text, str]) -> list[Edit]:
    return [Edit(policy, (edit,), frozenset(said.split())) for edit, said in rows]


def _equal(policy: str, *edits: Text) -> list[Edit]:
    return [Edit(policy, (edit,)) for edit in edits]


PLANTED = [
    *_planted(
        "assistant_session",
        (put("value: 30m", "value: 31m"), "refuse->ephemeral rule outputs.expires_at"),
        (put("now >= last_spoke_at + idle_limit", "now > last_spoke_at + idle_limit"), "refuse->ephemeral rule"),
        (put("+ idle_limit, started_at", "+ idle_limit, started_at + minutes(1)"), "outputs.expires_at"),
        (
            put('when: action == "migrate"', 'when: action == "look"'),
            "refuse->store refuse->ephemeral store->refuse ephemeral->refuse rule status",
        ),
        (put("then: ephemeral", "then: store"), "ephemeral->store"),
        (
            put("when: too_long\n    then: refuse\n    status: conflict", "when: too_long\n    then: refuse"),
            "status",
        ),
    ),
    *_planted(
        "chat",
        (
            put("author_id == buyer_id || author_id == seller_id", "author_id == buyer_id"),
            "allow->deny rule status",
        ),
        (put("locked_at != null\n", "locked_at != null && locked_at <= now\n"), "deny->allow"),
        (put("    status: conflict\n", ""), "status"),
        (put("message: The chat is open.", "message: You can write."), ""),
    ),
    *_planted(
        "confirmation",
        (put("[complete_order, lock_chat]", "[complete_order]"), "obligations"),
        (dropped("own-product"), "deny->allow rule status"),
        (
            put("confirming && pending && other_side_confirmed", "confirming && other_side_confirmed"),
            "deny->allow rule obligations",
        ),
        (swapped("already-confirmed", "first-side"), "rule"),
        (put(' && !withdrawing && order_status != "completed"', " && !withdrawing"), "allow->deny rule status"),
        (by_now, "deny->allow accepted"),
        (put('!(is_buyer && actor_role == "buyer")', "!is_buyer"), "deny->allow rule status"),
    ),
    *_planted(
        "disputes",
        (put("files >= max_files", "files > max_files"), "deny->allow rule"),
        (put("value: 10\n", "value: 11\n"), "deny->allow rule"),
        (put('actor_role == "agent" && !is_party', 'actor_role == "agent"'), "deny->allow rule status"),
        (put('(action == "open" || action == "reopen") && other_open', 'action == "open" && other_open'),
         "deny->allow rule"),
        (dropped("purge-begun"), "deny->allow"),
        (put("bytes: int ", "bytes: {type: int, max: 300000000} "), "allow->deny accepted"),
    ),
    *_planted(
        "inbox_title",
        (put("value: 5,", "value: 6,"), "use_message->use_product use_message->use_default"),
        (put("value: 60,", "value: 61,"), "outputs.max_graphemes"),
        (put("hello, help,", "help,"), "use_product->use_message use_default->use_message"),
        (
            put("w.lowerAscii() in generic_words", "w in generic_words"),
            "use_product->use_message use_default->use_message",
        ),
        (put("graphemes < shortest", "graphemes <= shortest"), "use_message->use_product use_message->use_default"),
        (swapped("first-message", "product-name"), "use_message->use_product"),
    ),
    *_planted(
        "moderation_profiles",
        (put("value: 0.90", "value: 0.85"), "matched"),
        (put("[normal,  sexual,    0.40, 0.80", "[normal,  sexual,    0.40, 0.85"), "block->flag rule matched"),
        (
            put(
                "when: hard_quoted\n    then: flag\n    obligations: [queue_review, hold]",
                "when: hard_quoted\n    then: flag\n    obligations: [queue_review]",
            ),
            "obligations",
        ),
        (dropped("not-english"), "flag->allow rule matched obligations"),
        (put("- [normal,  2,   4]", "- [normal,  2,   5]"), "block->flag matched"),
        (
            put("insult_window: {type: duration, value: 24h", "insult_window: {type: duration, value: 23h"),
            "block->flag block->allow flag->allow rule matched obligations",
        ),
        (
            put("insult_from: {type: double, value: 0.5", "insult_from: {type: double, value: 0.6"),
            "block->flag block->allow flag->allow rule matched obligations outputs.insulting",
        ),
        (put("value: []", "value: [normal]"), "flag->block rule matched outputs.insulting"),
    ),
    *_planted(
        "moderation_queue",
        (swapped("already-resolved", "own-words"), "rule status"),
        (dropped("own-words"), "deny->allow rule status"),
        (put("value: 24h", "value: 25h"), "allow->deny"),
        (swapped("release-by-staff", "release-of-an-old-claim"), "rule"),
        (put("then: deny, status: conflict, message: 'Another", "then: deny, message: 'Another"), "status"),
        (put('state == "claimed" && claimed_by', 'state != "resolved" && claimed_by'), "deny->allow rule status"),
    ),
    *_planted(
        "policy_change",
        (put("value: 1000\n", "value: 999\n"), "allow->deny rule status"),
        (put("approvals < needed.approvals", "approvals <= needed.approvals"), "allow->deny"),
        (put("[claims, 2]", "[claims, 1]"), "deny->allow"),
        (dropped("own-change"), "deny->allow"),
        (put("status: conflict\n    message: Too much", "message: Too much"), "status"),
        (put("message: The change is approved.", "message: Approved."), ""),
    ),
    *_planted(
        "record_retention",
        (put("now >= decided_at", "now > decided_at"), "delete->keep"),
        (put("value: 3650d", "value: 3651d"), "delete->keep"),
        (put("effective_from: 2026", "effective_from: 2025"), "in_force"),
        (then_version("2027-01-01T00:00:00Z", "value: 3650d", "value: 3649d"), "keep->delete"),
        (
            put("owner:", "effective_until: 2030-01-01T00:00:00Z\ngap_because: it ends\nowner:"),
            "in_force",
        ),
    ),
    *_planted(
        "appeals",
        (put("value: 14d", "value: 13d"), "allow->deny outputs.appeal_until"),
        (dropped("same-moderator"), "deny->allow rule status"),
        (put("when: actor_id == author_id || by_reporter", "when: actor_id == author_id"), "deny->allow rule status"),
        (put('fate == "blocked" || fate == "held"', 'fate == "blocked"'), "allow->deny rule"),
        (dropped("held-by-another"), "deny->allow rule status"),
        (swapped("text-gone", "nothing-to-appeal"), "rule"),
        (dropped("reason-not-listed"), "deny->allow"),
        (put('[breaks_none,   harmless, ', '[breaks_none,   harmful, '), "deny->allow allow->deny"),
    ),
    *_planted(
        "strikes",
        (put("value: 3,", "value: 4,"), "refuse->allow"),
        (put("value: 15m", "value: 14m"), "refuse->allow refuse->hold"),
        (put("now < s.at + pause", "now <= s.at + pause"), "allow->refuse hold->refuse"),
        (dropped("held-after-strikes"), "hold->allow"),
        (put("    status: conflict\n", ""), "status"),
    ),
    *_planted(
        "retention",
        (dropped("legal-hold"), "rule"),
        (put("value: 90d", "value: 91d"), "delete->keep rule outputs.delete_after"),
        (put("value: 7d", "value: 6d"), "keep->delete"),
        (put("time_is_up && !legal_hold && ", "time_is_up && "), "outputs.may_reopen"),
        (put("closed ? closed_at + keep_for", "closed && !legal_hold ? closed_at + keep_for"),
         "outputs.delete_after"),
        (by_now, "keep->delete accepted"),
        (put('status == "closed" && closed_at != null', "closed_at != null"),
         "outputs.delete_after outputs.may_reopen"),
    ),
    *_planted(
        "review_eligibility",
        (put("seller_confirmed_this && buyer_confirmed_this", "seller_confirmed_this || buyer_confirmed_this"),
         "deny->allow"),
        (put("    unless: own_product\n", ""), "deny->allow"),
        (swapped("seller-must-confirm", "buyer-must-confirm"), "rule"),
        (swapped("own-product", "already-reviewed"), "rule status"),
        (put("when: already_reviewed\n    then: deny\n    status: conflict", "when: already_reviewed\n    then: deny"),
         "status"),
    ),
]  # fmt: skip

_INSULTS_ADD_UP = """\
  - id: insults-add-up-{mode}
    when: >-
      mode == "{mode}" && insulting && size(earlier_insults.filter(at, now - at <= insult_window)) + 1 >= {number}
    then: flag
    obligations: [queue_review]
    message: Your message was sent. Please leave the insults out of it.
    source: Phase 1 plan, moderation profiles
"""


def unrolled(text: str) -> str:
    """One rule for each row of the table of insults."""
    start, end = _rule(text, "insults-add-up")
    rules = [
        _INSULTS_ADD_UP.format(mode=mode, number=number) for mode, number in (("normal", 2), ("dispute", 3))
    ]
    return text[:start] + "".join(rules) + text[end:]


_NOT_SELLER = 'c.party != "seller" || c.by != seller_id || c.counterparty != buyer_id)'
EQUAL = [
    *_equal(
        "assistant_session",
        put("idle: known && now >= last_spoke_at + idle_limit",
            "idle: '!(!known || now < last_spoke_at + idle_limit)'"),
        put("live: known && !idle && !too_long", "live: known && !(idle || too_long)"),
        put("when: live", "when: known && !idle && !too_long"),
        put("too_long: known && now >= started_at + longest", "too_long: known && now - started_at >= longest"),
        swapped("session-too-long", "logged-out"),
        named("known", "has_times"),
    ),
    *_equal(
        "chat",
        put("author_id == buyer_id || author_id == seller_id",
            "'!(author_id != buyer_id && author_id != seller_id)'"),
        put("is_party && !locked", "is_party"),
        swapped("chat-locked", "participant"),
        put("when: is_party && locked\n", "when: locked_at != null && is_party\n"),
        put("when: is_party && !locked", "when: is_party\n    unless: locked"),
        named("locked", "shut"),
    ),
    *_equal(
        "confirmation",
        put("(is_seller && seller_confirmed) || (is_buyer && buyer_confirmed)",
            "(buyer_confirmed && is_buyer) || (seller_confirmed && is_seller)"),
        put("unless: is_buyer || is_seller", "when: '!is_buyer && !is_seller'"),
        swapped("open-allowed", "sale-complete"),
        swapped("first-side", "nothing-to-withdraw"),
        put("when: withdrawing && pending", 'when: withdrawing && order_status == "pending"'),
        put('!(is_buyer && actor_role == "buyer")', '(!is_buyer || actor_role != "buyer")'),
        put('sold_to_another && !withdrawing && order_status != "completed"',
            "'!(withdrawing || !sold_to_another || order_status == \"completed\")'"),
    ),
    *_equal(
        "disputes",
        put('actor_role == "agent" && !is_party',
            'actor_role == "agent" && actor_id != buyer_id && actor_id != seller_id'),
        put("unless: is_party || is_agent", "when: '!(is_party || is_agent)'"),
        swapped("open-allowed", "dispute-closed"),
        swapped("upload-allowed", "not-closed"),
        put("files >= max_files", "!(files < max_files)"),
        put("bytes > max_bytes", "max_bytes < bytes"),
        put('(action == "open" || action == "reopen") && other_open', 'other_open && action in ["open", "reopen"]'),
        named("is_agent", "agent_of_neither_side"),
    ),
    *_equal(
        "inbox_title",
        put("unless: too_short || generic", "when: '!too_short && !generic'"),
        put("graphemes < shortest", "'!(graphemes >= shortest)'"),
        put("words.all(w, w.lowerAscii() in generic_words)",
            "'!words.exists(w, !(w.lowerAscii() in generic_words))'"),
        put("[a, about,", "[about, a,"),
        put("unless: too_short || generic", "unless: graphemes < shortest || generic"),
        named("generic", "says_nothing"),
    ),
    *_equal(
        "moderation_profiles",
        put("hard_unavailable || score_impossible", "score_impossible || hard_unavailable"),
        put("s.score < 0.0 || s.score > 1.0", "!(s.score >= 0.0 && s.score <= 1.0)"),
        put("when: hard_reported", "when: '!!hard_reported'"),
        put("s.category == row.category && s.score >= tolerated_from",
            "tolerated_from <= s.score && row.category == s.category"),
        put("value: [threat, abuse, hate, violence]", "value: [violence, hate, abuse, threat]"),
        put("when: hard_quoted", "when: signals.exists(s, s.quoted && !s.reported"
            " && s.score >= look_from && s.category in hard_categories)"),
        put("row.flag > 1.0 && row.block > 1.0", "!(row.flag <= 1.0 || row.block <= 1.0)"),
    ),
    Edit("moderation_profiles", (unrolled,), renamed={
        "insults-add-up[normal]": "insults-add-up-normal", "insults-add-up[dispute]": "insults-add-up-dispute",
    }),
    *_equal(
        "moderation_queue",
        put("unless: moderates", 'when: actor_role != "moderator"'),
        swapped("claim-allowed", "claimed-before"),
        swapped("already-claimed", "reason-not-listed"),
        put("now >= claimed_at + claim_lasts", "claimed_at + claim_lasts <= now"),
        put('when: action == "claim" && open', 'when: open && action == "claim"'),
        put("when: own_claim\n", 'when: state == "claimed" && claimed_by != null && claimed_by == actor_id\n'),
        put("when: actor_is_staff", "when: actor_is_staff && moderates"),
    ),
    *_equal(
        "policy_change",
        put('judges: action == "approve" || action == "reject"', 'judges: action in ["approve", "reject"]'),
        put("!owns && !may_approve", "!(owns || may_approve)"),
        swapped("already-active", "already-withdrawn"),
        put("unless: report_is_current", "when: '!report_is_current'"),
        put("not_proven > max_not_proven", "max_not_proven < not_proven"),
        named("owns", "is_owner"),
    ),
    *_equal(
        "record_retention",
        put("now >= decided_at + keep_for", "decided_at + keep_for <= now"),
        put("now >= decided_at + keep_for", "'!(now < decided_at + keep_for)'"),
        put("value: 3650d", "value: 87600h"),
        put("now >= decided_at + keep_for", "now - decided_at >= keep_for"),
        then_version("2027-01-01T00:00:00Z", "value: 3650d", "value: 87600h"),
    ),
    *_equal(
        "appeals",
        put("ruled_by.exists(m, m == actor_id)", "'!ruled_by.all(m, m != actor_id)'"),
        put("value: 14d", "value: 336h"),
        put("now > decided_at + appeal_within", "decided_at + appeal_within < now"),
    ),
    *_equal(
        "strikes",
        put("now < s.at + pause", "s.at + pause > now"),
        put("value: 15m", "value: 900s"),
        put("s.category in counted && now < s.at", "now < s.at + pause && s.category in counted && now < s.at"),
    ),
    *_equal(
        "retention",
        put('status == "closed" && closed_at != null', 'closed_at != null && status == "closed"'),
        put("when: may_go", "when: time_is_up && !legal_hold && !hold_just_lifted"),
        swapped("dispute-open", "dispute-reopened"),
        swapped("closed-recently", "hold-just-lifted"),
        put("may_go: time_is_up && !legal_hold && !hold_just_lifted",
            "may_go: '!(!time_is_up || legal_hold || hold_just_lifted)'"),
        put("value: 90d", "value: 2160h"),
        put("closed && !may_go && !purge_started", "closed && !(may_go || purge_started)"),
    ),
    *_equal(
        "review_eligibility",
        put("!already_reviewed\n    unless: own_product\n", "!already_reviewed && !own_product\n"),
        put('confirmations.exists(c,\n      c.party == "seller" && c.by == seller_id && c.counterparty == buyer_id)',
            f"!confirmations.all(c,\n      {_NOT_SELLER}"),
        put("unless: seller_confirmed\n", "when: '!seller_confirmed'\n"),
        put("seller_confirmed_this && buyer_confirmed_this", "buyer_confirmed_this && seller_confirmed_this"),
        swapped("pair-complete", "own-product"),
    ),
]  # fmt: skip


def mixed(edits: list[Edit]) -> Iterator[Edit]:
    """The first edit of each policy, then the second of each, and so on."""
    by_policy: dict[str, list[Edit]] = {}
    for edit in edits:
        by_policy.setdefault(edit.policy, []).append(edit)
    for together in zip_longest(*by_policy.values()):
        yield from (edit for edit in together if edit is not None)
