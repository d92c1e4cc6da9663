"""What ticks beside the server: again and again, in a thread of its own, through faults, until the block ends."""

import threading

import pytest

from govdesk.storage.ticking import ticking


def threads(name: str) -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == name]


class Look:
    """Counts its calls; fails as it is told to, and says when it has been called `wanted` times."""

    def __init__(self, wanted: int, faults: tuple[Exception | None, ...] = ()) -> None:
        self.n, self.wanted, self.faults, self.reached = 0, wanted, faults, threading.Event()

    def __call__(self) -> None:
        self.n += 1
        if self.n >= self.wanted:
            self.reached.set()
        if self.n <= len(self.faults) and (fault := self.faults[self.n - 1]) is not None:
            raise fault


def test_looks_again_and_again_in_a_thread_of_its_own_until_the_block_ends():
    look = Look(3)
    with ticking(look, name="test-tick", seconds=0.001):
        assert [one.daemon for one in threads("test-tick")] == [True]
        assert look.reached.wait(5)
    n = look.n
    assert threads("test-tick") == []
    assert look.n == n


def test_the_thread_ends_though_the_block_fails():
    with pytest.raises(KeyError), ticking(Look(1), name="test-tick", seconds=60):
        raise KeyError
    assert threads("test-tick") == []


def test_the_first_look_comes_after_the_pause():
    look = Look(1)
    with ticking(look, name="test-tick", seconds=60):
        assert not look.reached.wait(0.05)


def test_a_fault_is_told_once_without_its_sentence_and_another_one_anew(caplog):
    look = Look(6, (ValueError("secret"), ValueError("secret"), OSError("secret"), None, OSError("secret")))
    with ticking(look, name="test-tick", seconds=0.001):
        assert look.reached.wait(5)
    told = [one.getMessage().rsplit(": ", 1)[1] for one in caplog.records if one.name == "govdesk.ticking"]
    assert told == ["ValueError", "OSError", "OSError"]
    assert "secret" not in caplog.text
