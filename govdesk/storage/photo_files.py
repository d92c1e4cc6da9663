"""Where the pixels of photos lie: in the work folder, under random names, readable by this program's user alone."""

import os
import re
import secrets
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path

from govdesk.settings import get_settings

#: A file without a row is somebody's photo that is just being written, or it is left over.
_BEING_WRITTEN = timedelta(hours=1)
_STAMP = "%Y%m%d%H%M%S"
_NAME = re.compile(r"\d{14}-[0-9a-f]{32}\.jpg")


def photos_folder() -> Path:
    """Return the folder of the photos, made when it is not there."""
    folder = get_settings().var / "photos"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def write_photo(content: bytes, at: datetime) -> str:
    """Write a photo and return its name; the name says when (UTC), and nothing else."""
    name = f"{at.astimezone(UTC):{_STAMP}}-{secrets.token_hex(16)}.jpg"
    path = photos_folder() / name
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return name


def read_photo_file(name: str) -> bytes | None:
    """Return the bytes of a photo; None where the file is not there any more."""
    if not _NAME.fullmatch(name):
        return None
    try:
        return (photos_folder() / name).read_bytes()
    except OSError:
        return None


def remove_photo_file(name: str) -> None:
    """Delete the file of a photo; nothing happens where there is none."""
    if _NAME.fullmatch(name):
        (photos_folder() / name).unlink(missing_ok=True)


def list_left_over(kept: Collection[str], now: datetime) -> list[str]:
    """Return the files that no row knows and that nobody is writing any more."""
    return sorted(path.name for path in photos_folder().iterdir()
                  if path.name not in kept and _NAME.fullmatch(path.name) and _began(path.name) + _BEING_WRITTEN <= now)


def _began(name: str) -> datetime:
    try:
        return datetime.strptime(name.partition("-")[0], _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return datetime(1970, 1, 1, tzinfo=UTC)
