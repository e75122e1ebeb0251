"""The memory measurement works, even after something larger."""

from tests.memory import growth

MEGABYTE = 2**20


def test_growth_is_noticed_after_a_larger_one() -> None:
    for size in (200, 100):
        # Retried if a thread of another test frees memory meanwhile.
        assert any(size * 0.9 <= megabytes_of(size) <= size * 1.2 for _ in range(3))


def megabytes_of(size: int) -> float:
    with growth() as measured:
        del (block := bytearray(b"x" * (size // 2 * MEGABYTE)))[:1]  # made of a copy of itself
        del block
    return measured.bytes / MEGABYTE


def test_nothing_is_no_growth() -> None:
    with growth() as measured:
        pass
    assert measured.bytes < MEGABYTE
