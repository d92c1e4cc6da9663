"""Signed map addresses: what is asked for, for whom and since when, so that nothing typed by hand is answered."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from govdesk.clock import today
from govdesk.settings import get_settings
from govdesk.storage.secret import read_secret

#: An address is answered on the day it was made and on this many days after.
DAYS = 2

_SALT = "map-address"


class BadAddressError(ValueError):
    """The address was not made here, was changed, or is too old."""


@lru_cache(maxsize=4)
def _serializer(var: Path) -> URLSafeSerializer:
    return URLSafeSerializer(read_secret(var), salt=_SALT)


def sign(payload: dict[str, Any]) -> str:
    """Return `payload` as signed text; the same within a day, so that browsers may keep what it stands for."""
    return str(_serializer(get_settings().var).dumps({**payload, "d": today().isoformat()}))


def unsign(text: str) -> dict[str, Any]:
    """Return what was signed.

    Raises
    ------
    BadAddressError
        When the signature does not fit, or the address is older than `DAYS` days.
    """
    try:
        payload = _serializer(get_settings().var).loads(text)
        made = date.fromisoformat(payload.pop("d"))
    except (BadData, ValueError, KeyError, AttributeError, TypeError) as error:
        raise BadAddressError(text[:20]) from error
    if not 0 <= (today() - made).days <= DAYS:
        raise BadAddressError(made.isoformat())
    found: dict[str, Any] = payload
    return found


def format_versions(versions: Mapping[str, int]) -> str:
    """Return what a map depends on: the versions of places and incidents."""
    return f"{versions.get('places', 0)}.{versions.get('incidents', 0)}"
