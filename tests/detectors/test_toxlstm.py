"""The converted network gives the numbers that its author published, and the model built on it works."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from detectors import toxlstm
from detectors.model import ModelMissing
from detectors.toxlstm import LABELS, Network, Toxlstm
from detectors.words import split_words
from tests.detectors.texts import MODELS

FOLDER = MODELS / "toxlstm"

# The lowest and highest score of each label; the published numbers are rescaled from this range.
LOWEST = (0.002116, 0.000011, 0.000347, 0.000040, 0.000373, 0.000074)
HIGHEST = (0.999858, 0.648682, 0.997533, 0.918887, 0.986303, 0.901117)

PUBLISHED = {
    "Good morning my friend, I hope you're having a fantastic day!": (
        0.05347811430692673,
        0.0006274021579883993,
        0.004466842859983444,
        0.009578478522598743,
        0.00757843442261219,
        0.002106667961925268,
    ),
    "I will kill you, you fucking idiot!": (
        0.9998679757118225,
        0.7870362997055054,
        0.9885633587837219,
        0.8483908176422119,
        0.9883397221565247,
        0.171059250831604,
    ),
    "I do strongly disagree with the fascist views of this joke that calls itself a political party.": (
        0.026190076023340225,
        7.185135473264381e-05,
        0.0009493605466559529,
        0.00012321282702032477,
        0.0029190618079155684,
        0.0022098885383456945,
    ),
}


@pytest.fixture(scope="module")
def network() -> Network:
    return Network(FOLDER)


@pytest.fixture(scope="module")
def model() -> Toxlstm:
    return Toxlstm(FOLDER)


@pytest.mark.parametrize("text", PUBLISHED)
def test_scores_are_the_published_ones(network: Network, text: str) -> None:
    scores, _ = network.run([tuple(split_words(text))])
    stretched = [
        abs((float(score) - low) / (high - low))
        for score, low, high in zip(scores[0], LOWEST, HIGHEST, strict=True)
    ]
    assert stretched == pytest.approx(PUBLISHED[text], abs=5e-5)


def test_features_end_with_the_log_odds_of_the_scores(network: Network) -> None:
    scores, features = network.run([("you", "idiot")])
    assert 1 / (1 + 2.718281828 ** -features[0, -len(LABELS) :]) == pytest.approx(scores[0], rel=1e-4)


def test_long_text_scores_as_its_worst_window(model: Toxlstm) -> None:
    calm = "the parcel came on time and all is well with it " * 30
    threat = "I will kill you, you fucking idiot!"
    [buried, alone] = model.score([calm + threat + calm, calm])
    assert buried["toxlstm.threat"] > alone["toxlstm.threat"] + 3


def test_scores_do_not_depend_on_what_else_is_asked(model: Toxlstm) -> None:
    texts = ["I will kill you", "", "the table is nice"]
    together = model.score(texts)
    for text, scores in zip(texts, together, strict=True):
        assert model.score([text])[0] == pytest.approx(scores, abs=1e-4)


def test_threads_share_one_network(monkeypatch: pytest.MonkeyPatch) -> None:
    loads = []

    class SlowNetwork(Network):
        def __init__(self, folder: Path) -> None:
            loads.append(folder)
            time.sleep(0.05)  # so that the others ask meanwhile
            super().__init__(folder)

    monkeypatch.setattr(toxlstm, "Network", SlowNetwork)
    model = Toxlstm(FOLDER)
    with ThreadPoolExecutor(4) as pool:
        networks = list(pool.map(lambda _: id(model.network), range(8)))
        scores = list(pool.map(lambda _: model.score(["I will kill you"])[0], range(50)))
    assert set(networks) == {id(model.network)}
    assert loads == [FOLDER]
    assert all(some == scores[0] for some in scores)


def test_missing_file_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing) as missing:
        Toxlstm(tmp_path).score(["text"])
    assert str(missing.value) == f"`{tmp_path / 'model.onnx'}` is missing; `make models` makes it"


def test_changed_file_is_refused(tmp_path: Path) -> None:
    for file in FOLDER.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "vocabulary.json").write_bytes(b'["the"]')
    with pytest.raises(ModelMissing, match=r"vocabulary\.json` is not the pinned file"):
        Toxlstm(tmp_path).score(["text"])
