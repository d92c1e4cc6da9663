"""Rules of coming in and staying in: passwords, waiting after failures, limits of a sign-in, where to go afterwards."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from govdesk.terms import Role
from govdesk.words import say

#: Shortest password that is used alone. SOURCE: NIST SP 800-63B-4 (2025), 3.1.1.2: 15 characters.
SHORTEST = 15
#: Longest that is looked at. SOURCE: the same: at least 64 must be allowed; longer ones cost only time.
LONGEST = 256
#: Failures in a row that cost nothing: everybody mistypes.
FREE_FAILURES = 3
#: Longest that one must wait after a failure, in seconds. SOURCE: NIST SP 800-63B-4, 3.2.2: at most 100 failures in a
#: row; with 15 minutes each that would take a day, and each is in the audit.
LONGEST_WAIT = 900

#: Of what others use, or what this product would suggest; compared without case and blanks. Long enough to pass alone.
_COMMON = frozenset({
    "123456789012345", "1234567890123456", "12345678901234567890", "111111111111111", "000000000000000",
    "888888888888888", "666666666666666", "abcdefghijklmno", "qwertyuiopasdfg", "qwertyuiopasdfgh", "1q2w3e4r5t6y7u8i",
    "passwordpassword", "administrator123", "woaizhongguo1949", "woaini1314woaini1314", "zhonghuarenmingongheguo",
    "govdeskgovdeskgovdesk",
})
_OWN_WORDS = ("govdesk", "zongzhizhongxin", "password", "admin")
#: A path of this site, and nothing that a browser takes for another host.
_OWN_PATH = re.compile(r"^/(?![/\\])[A-Za-z0-9_./?&=%,:+~-]{0,400}\Z")


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a sign-in lasts: without use, and at all."""

    idle: timedelta
    absolute: timedelta


#: A wall hangs for years and nobody stands before it at night: used every few seconds, it stays in.
WALL_LIMITS = Limits(idle=timedelta(days=400), absolute=timedelta(days=3_650))


def normalise(password: str) -> str:
    """Return a password as it is hashed: the same typed on another keyboard is the same (NFKC, NIST 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def check_password(password: str, account: str) -> str | None:
    """Return why a new password is not taken (a key of ``sign_in.password_*``), or None.

    No rules of composition and no expiry: length and a list of what everybody tries, as NIST SP 800-63B-4 asks.

    Parameters
    ----------
    password : str
        As typed.
    account : str
        Code of the account it is for.
    """
    plain = normalise(password)
    if len(plain) < SHORTEST:
        return "short"
    if len(plain) > LONGEST:
        return "long"
    bare = re.sub(r"[\s_.-]", "", plain).casefold()
    left = bare
    for word in (account.casefold().replace("_", ""), say("frame.desk", "zh"), *_OWN_WORDS):
        left = left.replace(word, "")
    if bare in _COMMON or len(left) < SHORTEST // 2 or len(set(bare)) < 5:
        return "common"
    return None


def wait_after(n_failures: int) -> timedelta:
    """Return how long to wait after so many failures in a row: nothing at first, then twice as long each time."""
    if n_failures <= FREE_FAILURES:
        return timedelta(0)
    return timedelta(seconds=min(LONGEST_WAIT, 2 ** min(n_failures - FREE_FAILURES, 20)))


def is_over(now: datetime, seen_at: datetime, ends_at: datetime, limits: Limits) -> str | None:
    """Return why a sign-in is over: ``"idle"``, ``"absolute"``, ``"clock"``, or None while it holds.

    A computer whose clock ran ahead and was put right has sign-ins of the future: one that would outlast a fresh one by
    more than the idle limit does not hold, so that nobody stays in for the year that the clock was wrong. An hour
    (another zone, summer time) ends nothing.
    """
    if now >= ends_at:
        return "absolute"
    if now - seen_at >= limits.idle:
        return "idle"
    if seen_at - now >= limits.idle or ends_at - now >= limits.absolute + limits.idle:
        return "clock"
    return None


def limits_of(role: Role, usual: Limits) -> Limits:
    """Return the limits of an account's sign-ins."""
    return WALL_LIMITS if role is Role.WALL else usual


def own_path(text: str | None) -> str:
    """Return `text` if it is a path of this site, else ``/``: what a link says about where to go is not believed."""
    if text is None or not _OWN_PATH.match(text) or ".." in text or text.startswith(("/login", "/logout")):
        return "/"
    return text


def is_within(address: str, ranges: str | None) -> bool:
    """Return whether an address lies in one of the ranges (CIDR, separated by commas); None means anywhere."""
    if not ranges:
        return True
    try:
        here = ip_address(address)
    except ValueError:
        return False
    return any(here in ip_network(part.strip(), strict=False) for part in ranges.split(",") if part.strip())
