"""The file beside the database to which each new seal is added: whoever cuts the end off the table is found by it.

One line a block: its number, its last event, its seal. Whoever may write both the database and the work folder can
also change this file: a copy kept elsewhere is compared by ``audit-verify --anchor``.
"""

import fcntl
import os
from collections.abc import Iterable
from pathlib import Path

from govdesk.rules.audit_seal import AnchorLine, Block

NAME = "audit_anchor"


def read_anchor(path: Path) -> list[AnchorLine] | None:
    """Return the lines of an anchor, or None where there is none; a line that a crash cut off does not count.

    Raises
    ------
    ValueError
        When a whole line is none of ours.
    """
    try:
        text = path.read_text(encoding="ascii")
    except FileNotFoundError:
        return None
    return [_parse(line) for line in text[: text.rfind("\n") + 1].splitlines()]


def add_to_anchor(path: Path, blocks: Iterable[Block]) -> None:
    """Add the blocks that are newer than the last line, in order, and wait until they are on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        path.chmod(0o600)
        fcntl.flock(file, fcntl.LOCK_EX)  # a command may seal beside the server
        file.seek(0)
        content = file.read()
        whole = content[: content.rfind(b"\n") + 1]
        if len(whole) < len(content):
            file.truncate(len(whole))
        last = _parse(whole.splitlines()[-1].decode("ascii")).block if whole else 0
        for block in blocks:
            if block.id > last:
                file.write(f"{block.id} {block.last_event} {block.seal}\n".encode("ascii"))
        file.flush()
        os.fsync(file.fileno())


def find_last_block(path: Path) -> int:
    """Return the number of the last block that stands in the anchor; 0 where there is none."""
    lines = read_anchor(path)
    return lines[-1].block if lines else 0


def set_aside(path: Path) -> None:
    """Rename an anchor whose database is no more, so that a new one begins with its own."""
    if path.exists():
        n = 1
        while (other := path.with_name(f"{NAME}.{n}")).exists():
            n += 1
        path.rename(other)


def _parse(line: str) -> AnchorLine:
    parts = line.split(" ")
    if len(parts) != 3 or len(parts[2]) != 64:
        message = f"not a line of an audit anchor: {line[:40]!r}"
        raise ValueError(message)
    return AnchorLine(int(parts[0]), int(parts[1]), parts[2])
