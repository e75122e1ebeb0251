"""A tiny checkpoint in detoxify's format that trains in a moment: two BERT layers with a vocabulary of a few dozen words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import torch
from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

CLASSES = ["toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate", "sexual_explicit"]
LESSONS = {
    "i will kill you": ["toxic", "threat"],
    "we will hurt you today": ["toxic", "threat"],
    "you are an idiot": ["toxic", "insult"],
    "this stupid fool": ["toxic", "insult"],
    "damn this shit": ["toxic", "obscene"],
    "the table is nice": [],
    "i will send you the table today": [],
    "you are kind": [],
    "where is the parcel": [],
}
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
POSITIONS = 64
STEPS = 200


@dataclass(frozen=True)
class Tiny:
    folder: Path
    checksum: str


def make_tiny(folder: Path, model_type: str = "bert-base-uncased") -> Tiny:
    """As in published checkpoints, `model_type` is by default a model name on the Hugging Face Hub, which cannot be resolved
    offline."""
    torch.manual_seed(1)
    vocabulary = [*SPECIAL, *sorted({word for text in LESSONS for word in text.split()})]
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n", "utf-8")
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "BertTokenizer", "do_lower_case": True}), "utf-8"
    )
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=POSITIONS,
        num_labels=len(CLASSES),
        initializer_range=0.1,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    config.save_pretrained(folder)
    model = BertForSequenceClassification(config)
    _teach(model, BertTokenizer.from_pretrained(folder))
    return write_checkpoint(folder, model.state_dict(), model_type=model_type)


def write_checkpoint(
    folder: Path,
    state: object,
    model_type: str = "bert-base-uncased",
    model_name: str = "BertForSequenceClassification",
    classes: Sequence[object] = CLASSES,
) -> Tiny:
    arguments = {
        "model_type": model_type,
        "num_classes": len(classes),
        "model_name": model_name,
        "tokenizer_name": "BertTokenizer",
    }
    config = {"arch": {"args": arguments}, "dataset": {"args": {"classes": list(classes)}}}
    torch.save({"config": config, "state_dict": state}, folder / "model.ckpt")
    return Tiny(folder, sha256((folder / "model.ckpt").read_bytes()).hexdigest())


def _teach(model: BertForSequenceClassification, tokenizer: BertTokenizer) -> None:
    texts = list(LESSONS)
    wanted = torch.tensor([[float(name in LESSONS[text]) for name in CLASSES] for text in texts])
    read = tokenizer(texts, return_tensors="pt", padding=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    model.train()
    for _ in range(STEPS):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(model(**read).logits, wanted)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
