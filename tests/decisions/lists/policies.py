"""Policies that between them use everything that a list can ask of the database."""

HEAD = """
policy: sample
version: {version}
effective_from: {since}
{more}
facts:
  owner: string
  kind: {{enum: [plain, gold]}}
  note: {{type: "string?", max_length: 60}}
  flag: bool?
  open: bool
  many: bool
  amount: int?
  count: {{type: int, min: 0, max: 10}}
  score: double?
  began_at: timestamp
  closed_at: timestamp?
  items: {{list: {{owner: string, kind: {{enum: [plain, gold]}}, amount: int?}}, max_items: 5}}
parameters:
  keep_for: {{type: duration, value: 90d, min: 1d, max: 900d}}
  factor: {{type: int, value: 3, min: 1, max: 9}}
  names: {{list: string, value: ["1", "3", "07", "x"]}}
  fees:
    table: {{kind: {{enum: [plain, gold]}}, fee: int, known: bool}}
    key: [kind]
    rows:
      - [plain, 100, false]
      - [gold, 5, true]
"""
FOOT = """
outcomes: [allow, ask, deny]
on_error: {on_error}
hit: {hit}
rules:
{rules}
otherwise: {{id: other, then: {otherwise}, permit_because: a test}}
outputs:
  fresh: {{type: bool, value: '{fresh}'}}
"""
CONDITIONS = {
    "nulls": "flag != null && flag || closed_at == null && !(amount != null && amount > 1)",
    "boundary": "closed_at != null && now >= closed_at + keep_for",
    "not-boundary": "!(closed_at != null && closed_at > now - keep_for)",
    "distance": "closed_at != null && closed_at - began_at > days(7)",
    "order": "closed_at != null && began_at < closed_at",
    "same-moment": "closed_at != null && closed_at == began_at",
    "sum": "amount != null && amount + count > 100",
    "multiple": "amount != null && factor * amount - count <= 15",
    "negative": "amount != null && 7 - amount * 2 < 6",
    "cancels": "amount != null && amount - amount + count == 4",
    "scaled": "count * 3 == 12 || count * 4 != 12 && count * 4 < 10",
    "double": "score != null && score + 0.5 >= 1.0",
    "texts": 'kind == "gold" && owner != "3" || owner == "03"',
    "listed": 'owner in names && kind in ["gold", "plain"]',
    "size": "note != null && size(note) >= 1",
    "smaller": "amount != null && min(amount, count) < 2 || max(count, 4) == 4",
    "branch": "(flag != null ? flag : open) && (open ? count : count + 1) > 5",
    "row": "fees.row(kind).fee > count && fees.row(kind).known",
    "bools": "open == many && !(open != many)",
    "exists": "items.exists(i, i.kind == kind && i.amount != null && i.amount > 0)",
    "all": "items.all(i, i.amount == null || i.amount < 100)",
    "once": 'items.exists_one(i, i.kind == "gold" && i.owner == owner)',
    "counted": "size(items) == 3 || size(items.filter(i, i.owner == owner)) == 2",
    "kept": "items.filter(i, i.amount != null).exists(i, i.owner in names)",
    "empty": 'items.all(i, false) || items.filter(i, i.owner == "1").all(i, i.kind == "gold")',
    "values": "[count, 3].exists(n, n == 4 || n * 2 == 10) && [count, 8].all(n, n > 4)",
    "nested": '[owner, "2"].exists(o, items.exists(i, i.owner == o))',
}


def policy(
    rules: str,
    *,
    version: int = 1,
    since: str = "2020-01-01T00:00:00Z",
    more: str = "",
    on_error: str = "deny",
    hit: str = "first",
    otherwise: str = "allow",
    fresh: str = "open",
) -> str:
    head = HEAD.format(version=version, since=since, more=more)
    return head + FOOT.format(on_error=on_error, hit=hit, rules=rules, otherwise=otherwise, fresh=fresh)


def rule(id_: str, when: str, then: str = "deny", each: str = "") -> str:
    quoted = when.replace("'", "''")
    return f"  - {{id: {id_}, {each}when: '{quoted}', then: {then}, source: a test}}\n"
