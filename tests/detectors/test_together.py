"""Both networks score a text, and a threat's score is that of both."""

import pytest

from detectors.encoder import Encoder
from detectors.together import THREAT, Together
from detectors.toxlstm import Toxlstm
from tests.detectors.texts import MODELS


@pytest.mark.parametrize("text", ["I will kill you", "The table is lovely.", ""])
def test_threat_is_the_weighted_sum_of_what_both_say(text):
    [scores] = Together(MODELS).score([text])
    parts = Toxlstm(MODELS / "toxlstm").score([text])[0] | dict(Encoder(MODELS / "encoder").score([text])[0])
    assert scores["both.threat"] == pytest.approx(sum(part * parts[head] for head, part in THREAT.items()))
    others = scores.keys() - {"both.threat"}
    assert {head: scores[head] for head in others} == {head: parts[head] for head in others}


def test_every_head_has_a_category_and_a_score():
    [scores] = Together(MODELS).score(["hello"])
    assert scores.keys() == Together.heads.keys()


def test_version_names_both_networks_and_their_heads():
    version = Together(MODELS).version
    assert version.startswith("toxlstm-0.1.2+heads-") and "+minilm-0.1.2+encoder-" in version
