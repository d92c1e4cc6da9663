"""A thread beside the server that looks every few seconds whether there is something to do, and never stops it."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

log = logging.getLogger("govdesk.ticking")


@contextmanager
def ticking(look: Callable[[], object], *, name: str, seconds: float, patience: float = 5.0) -> Iterator[None]:
    """Call `look` every so often in a thread of its own until the block ends.

    Parameters
    ----------
    look : callable
        What to do. A fault of it is told to the log once, by its kind alone (its sentence may hold an address or a
        path), until it works again or fails in another way; the next look comes as if nothing had been.
    name : str
        Name of the thread.
    seconds : float
        Seconds between the end of one look and the next; the first comes after as many.
    patience : float
        Seconds that the end of the block waits for a look that is under way.
    """
    ended = threading.Event()
    thread = threading.Thread(target=_run, args=(ended, look, name, seconds), name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(timeout=patience)


def _run(ended: threading.Event, look: Callable[[], object], name: str, seconds: float) -> None:
    last = ""
    while not ended.wait(seconds):
        try:
            look()
            last = ""
        except Exception as error:
            fault = type(error).__name__
            if fault != last:
                log.warning("%s failed and will be tried again: %s", name, fault)
            last = fault
