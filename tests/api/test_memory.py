"""The measure of other tests notices what it should, also after something larger."""

from tests.api.memory import growth

MEGABYTE = 2**20


def test_growth_is_noticed_after_a_larger_one() -> None:
    for size in (200, 100):
        with growth() as measured:
            del (block := bytearray(b"x" * (size // 2 * MEGABYTE)))[:1]  # made of a copy of itself
            del block
        assert size * 0.9 <= measured.bytes / MEGABYTE <= size * 1.2


def test_nothing_is_no_growth() -> None:
    with growth() as measured:
        pass
    assert measured.bytes < MEGABYTE
