"""The real detoxify on a tiny checkpoint: loaded safely and offline, with our heads and limits."""

from __future__ import annotations

import os
import shutil
import socket
import threading
from hashlib import sha256
from pathlib import Path

import detoxify
import pytest
import torch

from detectors.classifier import load_detoxify
from detectors.detoxify_model import DetoxifyModel, TooSlow
from detectors.message import Message
from detectors.model import ModelMissing
from tests.detoxify.conftest import NetworkTouched
from tests.detoxify.tiny_checkpoint import POSITIONS, Tiny, write_checkpoint


@pytest.fixture(scope="module")
def model(tiny: Tiny) -> DetoxifyModel:
    return DetoxifyModel(tiny.folder, tiny.checksum, limit=30)


def copied(tiny: Tiny, folder: Path) -> Path:
    shutil.copytree(tiny.folder, folder, dirs_exist_ok=True)
    return folder


def probability(log_odds: float) -> float:
    return float(torch.sigmoid(torch.tensor(log_odds)))


def test_guard_fails_whoever_touches_the_network() -> None:
    with pytest.raises(NetworkTouched):
        socket.create_connection(("localhost", 9))
    with socket.socket() as other, pytest.raises(NetworkTouched):
        other.connect(("127.0.0.1", 9))


def test_detoxify_without_our_loader_asks_the_network(tiny: Tiny) -> None:
    """The naive twin: given the same checkpoint directly, detoxify tries to reach the Hugging Face Hub."""
    with pytest.raises((NetworkTouched, OSError)):
        detoxify.Detoxify(checkpoint=str(tiny.folder / "model.ckpt"))


def test_heads_are_those_that_the_checkpoint_has(model: DetoxifyModel) -> None:
    assert model.heads == {
        "detoxify.obscene": "profanity",
        "detoxify.threat": "threat",
        "detoxify.insult": "insult",
        "detoxify.identity_attack": "hate",
        "detoxify.sexual_explicit": "sexual",
    }


def test_scores_are_those_of_the_real_class(model: DetoxifyModel, tiny: Tiny, tmp_path: Path) -> None:
    folder = copied(tiny, tmp_path)
    state = torch.load(folder / "model.ckpt", weights_only=True)["state_dict"]
    write_checkpoint(folder, state, model_type=str(folder))
    real = detoxify.Detoxify(checkpoint=str(folder / "model.ckpt"))
    for text in ("i will kill you", "the table is nice", "you are an idiot"):
        scores, expected = model.score([text])[0], real.predict(text)
        for head, raw in scores.items():
            assert probability(raw) == pytest.approx(expected[head.removeprefix("detoxify.")], abs=1e-5)


def test_what_was_learned_is_found(tiny: Tiny) -> None:
    classifier = load_detoxify(tiny.folder, tiny.checksum, None)
    text = "i will kill you"
    signals = list(classifier.find(Message(text, text, tuple(range(len(text) + 1)))))
    scores = {signal.category: signal.score for signal in signals}
    assert scores["threat"] > 0.8
    assert max((score for category, score in scores.items() if category != "threat"), default=0.0) < 0.2
    assert {signal.version for signal in signals} == {f"detoxify-{tiny.checksum[:8]}@uncalibrated"}


def test_one_thread_of_torch_is_used(model: DetoxifyModel) -> None:
    assert model._pool.submit(torch.get_num_threads).result() == 1


def test_threat_behind_a_long_text_is_found(model: DetoxifyModel) -> None:
    """Ten times longer than the network's input."""
    text = " ".join(["the table is nice"] * (10 * POSITIONS // 4))
    threat = " ".join(["i will kill you"] * POSITIONS)
    calm, hidden = model.score([text, f"{text} {threat}"])
    assert hidden["detoxify.threat"] > calm["detoxify.threat"] + 2


def test_empty_text_is_scored(model: DetoxifyModel) -> None:
    assert model.score([""])[0].keys() == model.heads.keys()


def test_answer_that_takes_too_long_is_given_up(tiny: Tiny) -> None:
    model = DetoxifyModel(tiny.folder, tiny.checksum, limit=0.05)
    goes_on = threading.Event()
    busy = model._pool.submit(goes_on.wait, 600)
    with pytest.raises(TooSlow):
        model.score(["i will kill you"])
    assert not busy.done()
    goes_on.set()
    assert busy.result()


def test_wrong_checksum_is_refused(tiny: Tiny) -> None:
    with pytest.raises(ModelMissing) as refused:
        DetoxifyModel(tiny.folder, "0" * 64)
    assert str(refused.value) == (
        f"`{tiny.folder / 'model.ckpt'}` has the SHA-256 `{tiny.checksum}`, not `{'0' * 64}`"
    )


def test_missing_checkpoint_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"model\.ckpt` is missing; put the checkpoint there"):
        DetoxifyModel(tmp_path, "0" * 64)


def test_missing_configuration_is_reported(tiny: Tiny, tmp_path: Path) -> None:
    folder = copied(tiny, tmp_path)
    (folder / "config.json").unlink()
    with pytest.raises(ModelMissing, match=r"config\.json` is missing"):
        DetoxifyModel(folder, tiny.checksum)


class Command:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("echo broken out",)


def test_checkpoint_that_runs_a_command_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    made = write_checkpoint(tmp_path, Command())
    with pytest.raises(ModelMissing, match="holds more than weights, and is not loaded"):
        DetoxifyModel(tmp_path, made.checksum)
    assert "broken out" not in capfd.readouterr().out


def test_checkpoint_that_asks_for_another_class_is_refused(tmp_path: Path) -> None:
    made = write_checkpoint(tmp_path, {}, model_name="AutoModel")
    with pytest.raises(ModelMissing, match="asks for `AutoModel` and `BertTokenizer`"):
        DetoxifyModel(tmp_path, made.checksum)


def test_file_that_is_no_checkpoint_of_detoxify_is_refused(tmp_path: Path) -> None:
    torch.save({"weights": torch.zeros(1)}, tmp_path / "model.ckpt")
    checksum = sha256((tmp_path / "model.ckpt").read_bytes()).hexdigest()
    with pytest.raises(ModelMissing, match="is no checkpoint of detoxify's"):
        DetoxifyModel(tmp_path, checksum)
