"""Read published data sets as labelled texts. python -m ml.benchmark.sources FOLDER CSV writes them to one file."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from detectors.labelled import Labelled, Must, read_labelled, write_labelled
from detectors.signal import Category
from ml.benchmark.goemotions import read_goemotions


def read_sources(folder: Path) -> list[Labelled]:
    """Read the known files of a folder, and its CSV files that have our columns."""
    rows: list[Labelled] = []
    for name, read in SOURCES.items():
        if (folder / name).exists():
            rows += read(folder / name)
    for path in sorted(folder.glob("*.csv")):
        if path.name not in SOURCES:
            rows += read_labelled(path)
    return rows


def _openai(path: Path) -> Iterator[Labelled]:
    """The category of a text is its gravest label. A missing label was not judged."""
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        label = next((label for label in OPENAI if row.get(label) == 1), None)
        if label:
            must: Must = "" if OPENAI[label] == "self_harm" else "block"
            yield Labelled(row["prompt"], f"openai {label}", OPENAI[label], must, must)
        else:
            yield Labelled(row["prompt"], "openai none", "", "", "")


OPENAI: dict[str, Category] = {
    "H2": "threat",
    "V2": "violence",
    "V": "violence",
    "SH": "self_harm",
    "H": "hate",
    "HR": "abuse",
    "S3": "sexual",
    "S": "sexual",
}


def _edos(path: Path) -> Iterator[Labelled]:
    for row in _table(path):
        part = row["split"]
        if row["label_category"].startswith("1."):
            yield Labelled(row["text"], "edos threat", "threat", "block", "block", part)
        elif row["label_sexist"] == "sexist":
            yield Labelled(row["text"], "edos sexist", "hate", "block", "block", part)
        else:
            yield Labelled(row["text"], "edos other", "", "", "", part)


def _davidson(path: Path) -> Iterator[Labelled]:
    kinds: dict[str, tuple[str, Category | str, Must, Must]] = {
        "0": ("davidson hate", "hate", "block", "block"),
        "1": ("davidson harsh", "profanity", "block", ""),
        "2": ("davidson neither", "", "", ""),
    }
    for row in _table(path):
        group, category, normal, dispute = kinds[row["class"]]
        yield Labelled(row["tweet"], group, category, normal, dispute)  # type: ignore[arg-type]


def _surge(path: Path) -> Iterator[Labelled]:
    for row in _table(path):
        if row["is_toxic"] == "Toxic":
            yield Labelled(row["text"], "surge toxic", "", "", "")
        else:
            yield Labelled(row["text"], "surge clean", "", "pass", "pass")


def _jigsaw(path: Path) -> Iterator[Labelled]:
    labels: dict[str, tuple[Category, Must]] = {
        "threat": ("threat", "block"),
        "identity_hate": ("hate", "block"),
        "insult": ("insult", ""),
        "obscene": ("profanity", ""),
    }
    for row in _table(path):
        label = next((label for label in labels if row[label] == "1"), None)
        if label:
            category, dispute = labels[label]
            yield Labelled(row["comment_text"], f"jigsaw {label}", category, "block", dispute)
        elif row["toxic"] == "0":
            yield Labelled(row["comment_text"], "jigsaw clean", "", "pass", "pass")


def _uci(path: Path) -> Iterator[Labelled]:
    """Both carriage returns and line feeds end a line here, and some texts are in quotation marks."""
    for line in re.split(r"[\r\n]+", path.read_text("utf-8")):
        text, tab, praise = line.rpartition("\t")
        if tab:
            group = "praise" if praise == "1" else "complaint"
            yield Labelled(
                text.strip().strip('"'), f"{path.stem.replace('_', ' ')} {group}", "", "pass", "pass"
            )


def _disputecheck(path: Path) -> Iterator[Labelled]:
    categories: dict[str, Category | str] = {"harsh": "profanity", "none": "", "selfharm": "self_harm"}
    must: dict[str, Must] = {"0": "pass", "1": "block"}
    for row in _table(path):
        category = categories.get(row["cat"], row["cat"])
        yield Labelled(
            row["text"],
            f"disputecheck {row['sub'].replace('_', ' ')}",
            category,  # type: ignore[arg-type]
            must[row["block_normal"]],
            must[row["block_dispute"]],
        )


def _table(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


SOURCES: dict[str, Callable[[Path], Iterator[Labelled]]] = {
    "openai_moderation.jsonl": _openai,
    "davidson.csv": _davidson,
    "edos.csv": _edos,
    "surge_toxicity_en.csv": _surge,
    "goemotions.tsv": read_goemotions,
    "jigsaw_sample_ibm.csv": _jigsaw,
    "uci_amazon.txt": _uci,
    "uci_yelp.txt": _uci,
    "disputecheck_dev.csv": _disputecheck,
}

if __name__ == "__main__":
    write_labelled(Path(sys.argv[2]), read_sources(Path(sys.argv[1])))
