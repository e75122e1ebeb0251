"""The memory measurement works, even after something larger."""

from tests.memory import growth

MEGABYTE = 2**20


def test_growth_is_noticed_after_a_larger_one() -> None:
    for size in (200, 100):
        measured: list[float] = []
        # Repeated if a thread of another test, or the system, frees memory meanwhile.
        while len(measured) < 9 and not (measured and size * 0.9 <= measured[-1] <= size * 1.2):
            measured.append(megabytes_of(size))
        assert size * 0.9 <= measured[-1] <= size * 1.2, measured


def megabytes_of(size: int) -> float:
    with growth() as measured:
        del (block := bytearray(b"x" * (size // 2 * MEGABYTE)))[:1]  # made of a copy of itself
        del block
    return measured.bytes / MEGABYTE


def test_nothing_is_no_growth() -> None:
    with growth() as measured:
        pass
    assert measured.bytes < MEGABYTE
