from hypothesis import given
from hypothesis import strategies as st

from marketplace.tuning.samples import to_hundredths


@given(st.floats(0.0, 1.0), st.integers(0, 100))
def test_every_threshold_of_two_places_judges_the_rounded_score_as_the_exact_one(
    score: float, hundredths: int
) -> None:
    threshold = float(f"{hundredths / 100:.2f}")
    assert (to_hundredths(score) >= threshold) == (score >= threshold)


def test_a_score_of_two_places_stays_as_it_is() -> None:
    assert [to_hundredths(n / 100) for n in range(101)] == [n / 100 for n in range(101)]
