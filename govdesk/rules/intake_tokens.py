"""Tokens of other systems: only their hash is kept, and comparing takes as long whatever is compared; pure.

A token is 32 random bytes, so that a plain SHA-256 is enough: nothing can be guessed that a slow hash would protect.
"""

import hmac
import re
from hashlib import sha256

#: What a source may be called: an audit row is signed ``intake:<code>``.
CODE = re.compile(r"[a-z][a-z0-9_-]{1,29}")
#: Sources of our own, which nobody outside may write into.
RESERVED = frozenset({"register", "loop"})


def hash_token(token: str) -> str:
    """Return what is kept of a token.

    Examples
    --------
    >>> len(hash_token("x"))
    64
    """
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def is_token_of(token_hash: str, kept: str | None) -> bool:
    """Return whether a token's hash is the one that was kept, in constant time; None means there is no token."""
    return hmac.compare_digest(token_hash, kept or "0" * 64) and kept is not None
