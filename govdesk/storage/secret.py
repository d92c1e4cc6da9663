"""The secret that signs map addresses: made once, kept in the work folder, readable by its owner only."""

import os
import secrets
from pathlib import Path

_NAME = "secret_key"
_BYTES = 32


def read_secret(var: Path) -> bytes:
    """Return the secret of a work folder; made on first use, with mode 0600."""
    path = var / _NAME
    try:
        return _read(path)
    except FileNotFoundError:
        var.mkdir(parents=True, exist_ok=True)
    mine = var / f"{_NAME}.{os.getpid()}.{secrets.token_hex(4)}"
    descriptor = os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(_BYTES))
    try:
        os.link(mine, path)  # whoever comes first wins; a half-written secret is never seen
    except FileExistsError:
        pass
    finally:
        mine.unlink()
    return _read(path)


def _read(path: Path) -> bytes:
    found = path.read_bytes()
    if len(found) < _BYTES:
        message = f"{path} is no secret of this program: remove it, a new one is made"
        raise ValueError(message)
    return found
