"""Adversarial files: each must quickly end in diagnostics.

INVARIANT: no file here harms other software. Harmful input is represented by input just past the limit of the guard against it.
"""

from documents.yaml_errors import MAX_DEPTH
from tests.engine.generated.chance import FULL
from tests.engine.golden import MINIMAL

DEEPER = MAX_DEPTH + 1
NESTED_ALIASES = b"a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
SHARE = 1 if FULL else 20
"""Only a full run uses the maximum file size for the slowest inputs."""


def with_condition(text: str) -> bytes:
    return f"{MINIMAL}conditions:\n  a: {text}\n".encode()


def with_parameter(text: str) -> bytes:
    return MINIMAL.replace("  keep_for:", f"  more: {text}\n  keep_for:").encode()


def chain(of: str, length: int) -> bytes:
    lines = "".join(f"  c{n}: {of.format(n - 1)}\n" for n in range(1, length))
    return f"{MINIMAL}conditions:\n  c0: confirmed\n{lines}".encode()


HOSTILE: dict[str, bytes] = {
    "brackets": b"[" * DEEPER,
    "braces": b"{" * DEEPER,
    "brackets and colons": b"[a: " * DEEPER,
    "questions": b"? " * DEEPER,
    "dashes": b"- " * DEEPER,
    "block depth": b"".join(b" " * n + b"a:\n" for n in range(DEEPER)),
    "open quotes": b"a: '" + b"''" * 100_000,
    "alias of an alias": NESTED_ALIASES,
    "anchors": b"".join(b"a%d: &b%d x\n" % (n, n) for n in range(20_000 // SHARE)),
    "aliases of nothing": b"a: [" + b"*b, " * (50_000 // SHARE),
    "tags": b"".join(b"a%d: !t%d x\n" % (n, n) for n in range(20_000 // SHARE)),
    "duplicate keys": b"a: 1\n" * (100_000 // SHARE),
    "many keys": b"".join(b"key%d: 1\n" % n for n in range(80_000 // SHARE)),
    "many unknown facts": MINIMAL.encode()
    + b"outputs:\n"
    + b"".join(b"  f%d: {}\n" % n for n in range(50_000 // SHARE)),
    "many documents": b"---\na: 1\n" * (50_000 // SHARE),
    "many markers": b"---\n" * (200_000 // SHARE),
    "many enum members": b"facts:\n  a: {enum: ["
    + b", ".join(b"m%d" % n for n in range(80_000 // SHARE))
    + b"]}\n",
    "one member again and again": b"outcomes: [" + b"allow, " * (100_000 // SHARE) + b"deny]\n",
    "many rules": MINIMAL.replace(
        "rules: []", "rules:\n" + "  - {id: a, then: b}\n" * (40_000 // SHARE)
    ).encode(),
    "many rows": with_parameter(
        "{table: {kind: {enum: [aaaa, bbbb]}, most: int}, rows: [" + "[aaab, x], " * (40_000 // SHARE) + "]}"
    ),
    "huge integer": with_parameter("{type: int, value: " + "9" * 5_000 + "}"),
    "huge integer in a condition": with_condition("amount > " + "9" * 1_900),
    "huge exponent": with_parameter("{type: double, value: 1.0e999}"),
    "two megabytes": b"a" * 2_000_000,
    "one long line": b"summary: " + b"a b " * (200_000 // SHARE) + b": c\n",
    "many lines": b"\n" * (900_000 // SHARE) + b"a",
    "comments": b"# " + b"x" * 900_000,
    "Latin-1": "policy: café\n".encode("latin-1"),
    "UTF-16": MINIMAL.encode("utf-16"),
    "random bytes": bytes(range(256)) * 1_000,
    "NUL": MINIMAL.replace("example", "ex\0ample").encode(),
    "NUL by escape": MINIMAL.replace("example", '"ex\\0ample"').encode(),
    "bidi": MINIMAL.replace("example", "ex\u202eample").encode(),
    "bidi by escape": MINIMAL.replace("example", '"ex\\u202Eample"').encode(),
    "lone surrogate by escape": MINIMAL.replace("example", '"\\ud800"').encode(),
    "lone surrogate in bytes": MINIMAL.encode().replace(b"example", b"\xed\xa0\x80"),
    "tabs": MINIMAL.replace("  ", "\t").encode(),
    "unquoted negation": with_condition("!confirmed && confirmed"),
    "boolean no": MINIMAL.replace("type: duration,", "type: duration, show: no,").encode(),
    "half a file": MINIMAL.encode()[: len(MINIMAL) // 2],
    "nothing": b"",
    "round brackets": with_condition('"' + "(" * 1_990 + '"'),
    "negations": with_condition('"' + "!" * 1_990 + 'confirmed"'),
    "ands": with_condition('"' + "&&" * 995 + '"'),
    "quotes in a condition": with_condition('"' + "''" * 990 + '"'),
    "backslashes in a condition": with_condition("'\"" + "\\" * 1_990 + "'"),
    "ternaries": with_condition("'" + "confirmed ? " * 160 + "'"),
    "indexes": with_condition("tags" + "[0]" * 600),
    "selections": with_condition("tags" + ".a" * 900),
    "loops": with_condition("'" + "tags.exists(t, " * 120 + "'"),
    "unknown names": with_condition(" && ".join(f"n{n}" for n in range(280))),
    "pattern bomb": with_condition("'buyer_id.matches(\"" + "(a*)*{1000}" * 30 + "\")'"),
    "pattern too big": with_condition("'buyer_id.matches(\"((a{1000}){1000}){1000}\")'"),
    "long chain": chain("c{0} && confirmed", 900),
    "doubling chain": chain("c{0} && (c{0} || confirmed)", 900),
    "loop chain": chain("tags.exists(t, c{0})", 900),
    "circles": (MINIMAL + "conditions:\n" + "".join(f"  c{n}: c{n}\n" for n in range(900))).encode(),
    "much text": (
        MINIMAL + "conditions:\n" + "".join(f"  c{n}: {'a || ' * 380}a\n" for n in range(400 if FULL else 40))
    ).encode(),
    "braces in a message": MINIMAL.replace("then: deny}", f"then: deny, message: '{'{' * 5_000}'}}").encode(),
}
