"""The memory measurement works, even after something larger."""

from mmap import MAP_ANONYMOUS, MAP_PRIVATE, PAGESIZE, mmap

from tests.memory import growth

MEGABYTE = 2**20


def test_growth_is_noticed_after_a_larger_one() -> None:
    for size in (200, 100):
        # Retried if a thread of another test frees memory meanwhile.
        assert any(size * 0.9 <= megabytes_of(size) <= size * 1.2 for _ in range(3))


def megabytes_of(size: int) -> float:
    """Pages of their own, since the heap may have room for the block that another test left."""
    with growth() as measured, mmap(-1, size * MEGABYTE, MAP_PRIVATE | MAP_ANONYMOUS) as block:
        for page in range(0, len(block), PAGESIZE):
            block[page] = 1
    return measured.bytes / MEGABYTE


def test_nothing_is_no_growth() -> None:
    with growth() as measured:
        pass
    assert measured.bytes < MEGABYTE
