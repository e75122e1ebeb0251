"""The work on adversarial texts grows only linearly with their length, up to the maximum length."""

import pytest

from detectors.normalizer import MAX_LENGTH
from tests.detectors.shipped import pipeline
from tests.sampling import sample
from tests.work import TIMES, expect_linear

TEXTS = (
    "you are a stupid ", "a", "*", "f*", "f*ck ", "k i l l ", "a b c d ", "\"'", '"i will kill you" ',
    "he said i will kill you. ",
    "i would never kill you. ", "i will kill you ", "k\u0336\u0337", "уоu аrе ", "> kill you\n", "k1ll y0u ", "kiiiill youuuu ",
    "aaabbbccc", "f.u.c.k.", "fu ck ", "!", "a@b.c", "0151-2345-6789 ", "muslims are the ", "kill, ", "kill\n", "nigger ",
    "hope you all ", "he said: kill you ", "he said to kill you ", '"kill you ', "xq zv ", "1", "a1", "-", "é", "包",
    "threat threatened me to kill you with a knife or ", "all muslims are are very ", "if unless or else i will kill you him ",
)  # fmt: skip


@pytest.mark.parametrize("text", sample(TEXTS, every=3))
def test_a_hostile_text_takes_time_in_proportion(text):
    longest = (text * (MAX_LENGTH // len(text) + 1))[:MAX_LENGTH]
    shorter = longest[: MAX_LENGTH // TIMES]
    expect_linear(lambda: pipeline().examine(shorter), lambda: pipeline().examine(longest))
