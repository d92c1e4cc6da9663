"""Passwords as argon2id hashes; one at a time, for each takes 64 MB."""

from functools import cache
from threading import Semaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from govdesk.rules.sign_in import LONGEST, normalise

#: Parameters of the library's default: the second recommended choice of RFC 9106 (64 MiB, 3 passes).
_hasher = PasswordHasher()
#: A flood of attempts must not take the machine's memory: the others wait.
_turns = Semaphore(2)


def hash_password(password: str) -> str:
    """Return the hash to be kept."""
    with _turns:
        return _hasher.hash(normalise(password))


def is_right(kept: str | None, password: str) -> bool:
    """Return whether a password is the one that was hashed.

    Without a hash as much time is spent as with one: who does not exist is not told by the clock.
    """
    with _turns:
        try:
            _hasher.verify(_nobodys() if kept is None else kept, normalise(password[: LONGEST + 1]))
        except (VerificationError, InvalidHashError):
            return False
    return kept is not None


@cache
def _nobodys() -> str:
    return _hasher.hash("nobody has this password, and nobody is let in by it")
