"""Request bodies from a source that returns what has been sent so far and blocks for the rest."""

from collections.abc import Callable

import pytest

from api import incoming
from api.incoming import DRAINED, BodyRefused, Incoming
from marketplace.waiting import TooManyWaiting, place, serving


class Source:
    """Returns what it has; `coming` may advance the clock before each call."""

    def __init__(self, content: bytes, coming: Callable[[], None] = lambda: None) -> None:
        self.content = memoryview(content)  # what is cut off is not copied
        self.asked: list[int] = []
        self._coming = coming

    def read(self, size: int) -> bytes:
        self._coming()
        self.asked.append(size)
        piece, self.content = self.content[:size], self.content[size:]
        return bytes(piece)


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000.0
        monkeypatch.setattr(incoming.time, "monotonic", lambda: self.now)

    def passes(self, seconds: float) -> Callable[[], None]:
        def pass_by() -> None:
            self.now += seconds

        return pass_by


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.mark.parametrize("length", [0, 1, 16, 200, DRAINED, 1_000_000])
@pytest.mark.parametrize("known", [True, False])
def test_body_that_is_here_is_read_whole(length: int, known: bool) -> None:
    sent = bytes(index % 251 for index in range(length))
    body = Incoming(Source(sent), length=length if known else None)

    assert body.read() == sent
    assert body.read() == b""
    assert body.finish()


def test_body_that_is_here_takes_few_reads() -> None:
    source = Source(b"x" * 1_000_000)
    Incoming(source, length=1_000_000).read()

    assert len(source.asked) < 40


def test_body_is_read_by_size() -> None:
    body = Incoming(Source(b"abcdefghij"), length=10)

    assert [body.read(4), body.read(4), body.read(4), body.read(4)] == [b"abcd", b"efgh", b"ij", b""]


def test_nothing_behind_the_body_is_asked_for() -> None:
    source = Source(b"body and the next request")
    assert Incoming(source, length=4).read() == b"body"
    assert source.content == b" and the next request"


def test_body_that_breaks_off_ends() -> None:
    body = Incoming(Source(b"ab"), length=10)

    assert body.read() == b"ab"
    assert body.read() == b""


def test_slow_body_is_asked_for_byte_by_byte_and_refused_in_the_end(clock: Clock) -> None:
    source = Source(b"x" * 1_000, clock.passes(1))
    body = Incoming(source, length=1_000)
    with pytest.raises(BodyRefused, match="took too long to arrive"):
        body.read()

    assert set(source.asked) == {1}
    assert len(source.asked) == incoming.GRACE_SECONDS + 1
    assert body.refusal is incoming.TOO_SLOW
    assert not body.finish()
    with pytest.raises(BodyRefused):
        body.read()


def test_large_body_may_take_as_long_as_its_bytes(clock: Clock) -> None:
    """Packets at 50 KB per second, a hundred seconds in all, and not read byte by byte."""
    source = Source(b"x" * 5_000_000)
    began = clock.now

    def wait_for_packets() -> None:
        clock.now = max(clock.now, began + 0.028 * ((5_000_000 - len(source.content)) // 1_400 + 1))

    source._coming = wait_for_packets
    body = Incoming(source, length=5_000_000)

    assert len(body.read()) == 5_000_000
    assert len(source.asked) < 5_000_000 / 50
    assert clock.now - began > 5 * incoming.GRACE_SECONDS


@pytest.mark.parametrize("length", [1, DRAINED])
def test_rest_of_a_short_body_is_read_away(length: int) -> None:
    source = Source(b"x" * length)

    assert Incoming(source, length=length).finish()
    assert source.content == b""


@pytest.mark.parametrize("length", [DRAINED + 1, 50_000_000])
def test_long_body_is_left_and_the_connection_closed(length: int) -> None:
    source = Source(b"x" * 100)

    assert not Incoming(source, length=length).finish()
    assert source.asked == []


@pytest.mark.parametrize(("sent", "usable"), [(DRAINED - 1, True), (DRAINED + 1, False)])
def test_body_in_chunks_is_read_away_up_to_a_bound(sent: int, usable: bool) -> None:
    assert Incoming(Source(b"x" * sent), length=None).finish() is usable


def test_body_that_is_held_back_until_it_is_asked_for_is_not_asked_for() -> None:
    source = Source(b"x")

    assert not Incoming(source, length=1, awaits_word=True).finish()
    assert source.asked == []


def slow_bodies(*senders: str) -> list[Incoming]:
    """Each has begun to read and is not finished."""
    bodies = []
    for sender in senders:
        body = Incoming(Source(b"x" * 10), length=10)
        body.sender = sender
        body.read(1)
        bodies.append(body)
    return bodies


def test_bodies_hold_all_threads_but_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "MOMENT", 0)
    with serving():
        held = slow_bodies("a", "b", "c")
        with pytest.raises(BodyRefused, match="Too many slow requests"):
            slow_bodies("d")
        with pytest.raises(TooManyWaiting), place():
            pass
        assert held.pop().read() == b"x" * 9  # a finished one frees its slot
        held += slow_bodies("d")
        for body in held:
            body.finish()


def test_bodies_of_one_sender_hold_half_of_the_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "MOMENT", 0)
    with serving():
        held = slow_bodies("a", "a")
        with pytest.raises(BodyRefused, match="Too many slow requests"):
            slow_bodies("a")
        held += slow_bodies("b")
        for body in held:
            body.finish()


def test_one_thread_at_most_reads_away_what_nobody_read() -> None:
    def another() -> None:
        others.append(Incoming(Source(b"y"), length=1).finish())

    others: list[bool] = []
    with serving():
        assert Incoming(Source(b"x", another), length=1).finish()
    assert others == [False]


def test_more_threads_take_more_bodies(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.COMITY_THREADS = 16
    monkeypatch.setattr(incoming, "MOMENT", 0)
    with serving():
        held = slow_bodies(*"abcdefghijklmno")
        with pytest.raises(BodyRefused):
            slow_bodies("p")
        for body in held:
            body.finish()
