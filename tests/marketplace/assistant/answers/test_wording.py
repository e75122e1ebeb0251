"""Answers format parameters and decision outputs alike."""

from datetime import timedelta

import pytest

from decisions import bundles
from marketplace.assistant.answers.wording import fill
from tests.marketplace.factories import NOW


@pytest.mark.parametrize(
    ("left", "expected"), [(timedelta(hours=60), "60 hours"), (timedelta(days=7), "7 days")]
)
def test_duration_reads_alike_in_outputs_and_parameters(left, expected):
    bundle = bundles.in_force()
    decision = bundle.decide("chat", {}, now=NOW)._replace(outputs={"left": left})
    assert fill("In {outputs.left}.", bundle=bundle, now=NOW, decision=decision) == f"In {expected}."
    assert fill("{retention.keep_for}", bundle=bundle, now=NOW).endswith(" days")
