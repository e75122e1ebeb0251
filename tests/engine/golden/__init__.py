"""Golden diagnostics: each YAML file below contains a mistake, and the text next to it is the expected report.

Files in `source` or `yaml` are used unchanged. To a file in another folder, `MINIMAL` adds what a complete policy needs, unless
the file has several documents. `«U+202E»` and `«0xE9»` stand for a character and a byte that editors do not show. `«40 * x»`
stands for repeated text, in which `#` is the number of the repetition and `⟦9 * x⟧` is a nested repetition.
"""

import re
from pathlib import Path

from documents.source import decode_source
from engine.bundle import load_sources

FOLDER = Path(__file__).parent
AS_IT_IS = {"source", "yaml"}
MINIMAL = """\
policy: example
version: 1
effective_from: 2026-01-01T00:00:00Z
facts:
  buyer_id: string
  seller_id: string
  status: {enum: [open, closed]}
  amount: int
  ratio: double
  closed_at: timestamp?
  grace: duration
  confirmed: bool
  tags: {list: string}
  lines:
    list:
      party: {enum: [seller, buyer]}
      by: string
      sent_at: timestamp?
parameters:
  keep_for: {type: duration, value: 90d}
  limits: {table: {kind: string, most: int}, rows: [[a, 1], [b, 2]]}
outcomes: [allow, deny]
on_error: deny
rules: []
otherwise: {id: otherwise, then: deny}
"""
BLOCKS = {
    block.partition(":")[0]: block for block in re.split(r"^(?=\S)", MINIMAL, flags=re.MULTILINE) if block
}


def diagnostics_of(path: Path) -> str:
    """The diagnostics of a golden file, as `comity check` prints them."""
    source, problems = decode_source(content_of(path), f"{path.parent.name}/{path.name}")
    loaded = load_sources([source] if source and not problems else [], problems)
    return "\n".join(d.render() for d in loaded.diagnostics) + "\n"


def content_of(path: Path) -> bytes:
    text = path.read_text(encoding="utf-8")
    if path.parent.name not in AS_IT_IS and "\n---\n" not in text:
        text = completed(text)
    for opening, closing in ("⟦⟧", "«»"):
        text = re.sub(f"{opening}([0-9]+) \\* ([^{closing}]*){closing}", repeated, text)
    text = re.sub("«U\\+([0-9A-F]+)»", lambda m: chr(int(m[1], 16)), text)
    parts = re.split("«0x([0-9A-F]{2})»", text)
    return b"".join(bytes([int(p, 16)]) if n % 2 else p.encode() for n, p in enumerate(parts))


def completed(text: str) -> str:
    """The partial policy first, so that its line numbers do not change, followed by what a complete policy needs."""
    if text.startswith("- "):
        return text
    return text + "".join(
        block for key, block in BLOCKS.items() if not re.search(f"^{key}:", text, re.MULTILINE)
    )


def repeated(match: re.Match[str]) -> str:
    piece = match[2].replace("\\n", "\n")
    return "".join(piece.replace("#", str(number)) for number in range(int(match[1])))
