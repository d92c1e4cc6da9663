"""Each week a few unlisted villages by lot, so that what the list misses can be counted without bias; pure."""

from collections.abc import Iterable
from hashlib import sha256

#: Villages drawn each week.
SAMPLE_SIZE = 3


def draw_sample(
    codes: Iterable[str], listed: Iterable[str], *, week: int, seed: str, n: int = SAMPLE_SIZE
) -> list[str]:
    """Return `n` of the villages that are not on the list, the same for everybody who asks in that week.

    A village's lot is the hash of database, week and code: nobody can choose it, no village's lot depends on another's,
    and a village that leaves the list does not change who else is drawn before it.

    Parameters
    ----------
    codes, listed : iterable of str
        All villages, and those on this week's list.
    week : int
        The week (`clock.week_of`).
    seed : str
        What tells this database from others.
    n : int
        How many; all there are, when there are fewer.
    """
    left = set(codes) - set(listed)
    return sorted(left, key=lambda code: (sha256(f"{seed}|{week}|{code}".encode()).digest(), code))[:n]
