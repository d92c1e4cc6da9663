"""How often somebody may ask; counted in the memory of this one process, and forgotten when it stops."""

from collections import OrderedDict
from threading import Lock

from govdesk.clock import moment

#: Most callers that are remembered; beyond it the one heard of longest ago is forgotten.
_MOST = 10_000
_MINUTE = 60.0


class RateLimit:
    """A bucket for each caller: it holds a minute's requests, and fills again as fast.

    The dashboard is one process, so that one memory sees every request; a restart begins with full buckets.
    """

    def __init__(self) -> None:
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def ask(self, caller: str, per_minute: int, at: float | None = None) -> int | None:
        """Take one request out of a caller's bucket; return None, or after how many seconds to ask again.

        Parameters
        ----------
        caller : str
            A source, or an address.
        per_minute : int
            What the bucket holds, and what flows into it in a minute.
        at : float, optional
            Seconds of a clock that only goes forward; default: this process's.
        """
        seconds = moment() if at is None else at
        with self._lock:
            left, last = self._buckets.pop(caller, (float(per_minute), seconds))
            left = min(float(per_minute), left + (seconds - last) * per_minute / _MINUTE)
            wait = None if left >= 1 else int((1 - left) * _MINUTE / per_minute) + 1
            self._buckets[caller] = (left - 1 if wait is None else left, seconds)
            while len(self._buckets) > _MOST:
                self._buckets.popitem(last=False)
        return wait
