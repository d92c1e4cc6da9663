"""One backup is one file: a ZIP of the database and the work folder's files, with a manifest of what is in it.

What is read back is believed only where it fits the manifest: every name is one that this program writes, every file
has the size and the SHA-256 that stand there, and nothing else is in it. A name that leads outside, a link, a file
named twice or one that unpacks to more than it says is refused before anything is written.
"""

import hashlib
import json
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO

FORMAT = 1
MANIFEST = "manifest.json"
#: The database, as SQLite keeps it or as ``pg_dump --format=custom`` writes it.
SQLITE, POSTGRES = "database.sqlite", "database.pgdump"
#: What lies in the work folder stands under this name, one folder deep at most.
FILES = "files/"
_NAME = re.compile(r"(?:database\.sqlite|database\.pgdump|files/(?:photos/)?[A-Za-z0-9_][A-Za-z0-9_.-]{0,150})")
#: Bytes of a manifest: a hundred thousand photos take 15 MB.
_LONGEST_MANIFEST = 64 * 2**20
_PIECE = 2**20
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, KeyError, OSError)


class BackupError(RuntimeError):
    """A backup cannot be made, read or restored; `args[0]` is a sentence that says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a backup: its name, bytes, and SHA-256."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds.

    Attributes
    ----------
    made_at : datetime
        Instant of the snapshot (UTC).
    program : str
        Version of the program that made it.
    schema : str
        Revision of the tables.
    kind, zone : str
        ``sample`` or ``real``, and the IANA zone of the database's days: both are kept by a restore.
    counts : dict of str to int
        Rows of each table.
    files : tuple of Entry
        The database first, then the files of the work folder.
    """

    made_at: datetime
    program: str
    schema: str
    kind: str
    zone: str
    counts: dict[str, int]
    files: tuple[Entry, ...] = ()
    format: int = field(default=FORMAT)

    @property
    def database(self) -> Entry:
        """The file that holds the database."""
        return self.files[0]

    @property
    def n_bytes(self) -> int:
        """Bytes of everything, unpacked."""
        return sum(entry.size for entry in self.files)

    def as_json(self) -> dict[str, object]:
        """Return the manifest as it is written."""
        return {**asdict(self), "made_at": self.made_at.isoformat(), "files": [asdict(one) for one in self.files]}


class Writer:
    """Writes a backup into a file that must not exist; readable by its owner alone."""

    def __init__(self, path: Path) -> None:
        self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")
        # The quickest level: a third of the time of the usual one, for a file a fifth larger.
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED, compresslevel=1)

    def add(self, name: str, source: Path, *, compress: bool) -> Entry:
        """Copy one file in; what was written is what its SHA-256 is of, even if the file changes meanwhile."""
        info = name if compress else _name_stored(name)
        found, size = hashlib.sha256(), 0
        with source.open("rb") as taken, self._zip.open(info, "w", force_zip64=True) as kept:
            while piece := taken.read(_PIECE):
                found.update(piece)
                kept.write(piece)
                size += len(piece)
        return Entry(name, size, found.hexdigest())

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest and see to it that everything is on the disk."""
        self._zip.writestr(_name_stored(MANIFEST), json.dumps(manifest.as_json(), ensure_ascii=False, indent=1))
        self._zip.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def abandon(self) -> None:
        """Let go of a file that will not be finished."""
        self._file.close()


def _name_stored(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFREG | 0o600) << 16
    return info


class Archive:
    """A backup that is open for reading; its names and sizes have been checked."""

    def __init__(self, opened: zipfile.ZipFile, manifest: Manifest) -> None:
        self._zip = opened
        self.manifest = manifest

    def check(self, entry: Entry) -> None:
        """Read one file through.

        Raises
        ------
        BackupError
            When it is not what the manifest says.
        """
        self._read(entry, len)

    def extract(self, entry: Entry, target: Path) -> None:
        """Write one file to `target`, which must not exist; on the disk when this returns.

        Raises
        ------
        BackupError
            When it is not what the manifest says; `target` may then hold a part of it.
        """
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            self._read(entry, file.write)
            file.flush()
            os.fsync(file.fileno())

    def _read(self, entry: Entry, take: Callable[[bytes], object]) -> None:
        found, size = hashlib.sha256(), 0
        try:
            with self._zip.open(entry.name) as packed:
                while size <= entry.size and (piece := packed.read(_PIECE)):
                    found.update(piece)
                    size += len(piece)
                    if size <= entry.size:
                        _take(take, piece)
        except _BROKEN as error:
            raise BackupError(f"{entry.name} in the backup cannot be read: {_shorten(error)}") from error
        if size != entry.size or found.hexdigest() != entry.sha256:
            raise BackupError(f"{entry.name} in the backup is not what was backed up: its SHA-256 differs")


def _take(take: Callable[[bytes], object], piece: bytes) -> None:
    """Hand a piece on; a full disk is a matter of the disk, not of the backup."""
    try:
        take(piece)
    except OSError as error:
        raise BackupError(f"cannot be written: {error.strerror or error}") from error


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Open a backup and check all its names and sizes.

    Raises
    ------
    BackupError
        When it is no whole backup of this program, or holds what no backup holds.
    """
    try:
        opened = zipfile.ZipFile(path)
    except FileNotFoundError as error:
        raise BackupError(f"{path} is not there") from error
    except _BROKEN as error:
        raise BackupError(f"{path.name} is no whole backup: {_shorten(error)}") from error
    with opened:
        _check_members(opened)
        manifest = _read_manifest(opened)
        _compare(opened, manifest)
        yield Archive(opened, manifest)


def _check_members(opened: zipfile.ZipFile) -> None:
    """Refuse names that lead elsewhere, links, what is locked, and whatever stands there twice."""
    seen: set[str] = set()
    for info in opened.infolist():
        kind = stat.S_IFMT(info.external_attr >> 16)
        is_known = info.filename == MANIFEST or _NAME.fullmatch(info.filename) is not None
        # The zip library cuts a name at a NUL; what stood there before is looked at, too.
        if not is_known or info.orig_filename != info.filename or kind not in (0, stat.S_IFREG) or info.flag_bits & 1:
            raise BackupError(f"the backup holds {info.filename[:80]!r}, which no backup of this program holds")
        if info.filename in seen:
            raise BackupError(f"the backup holds {info.filename} twice")
        seen.add(info.filename)


def _read_manifest(opened: zipfile.ZipFile) -> Manifest:
    try:
        info = opened.getinfo(MANIFEST)
        with _open_small(opened, info) as file:
            said = json.loads(file.read(_LONGEST_MANIFEST + 1))
        if said["format"] != FORMAT:
            raise BackupError(f"the backup is of format {said['format']!r}, this program reads format {FORMAT}")
        manifest = Manifest(
            made_at=datetime.fromisoformat(said["made_at"]), program=str(said["program"]), schema=str(said["schema"]),
            kind=str(said["kind"]), zone=str(said["zone"]),
            counts={str(name): int(n) for name, n in said["counts"].items()},
            files=tuple(Entry(str(one["name"]), int(one["size"]), str(one["sha256"])) for one in said["files"]))
    except BackupError:
        raise
    except (*_BROKEN, TypeError, AttributeError, RecursionError) as error:
        raise BackupError(f"the manifest of the backup cannot be read: {_shorten(error)}") from error
    if not manifest.files or manifest.database.name not in (SQLITE, POSTGRES) or manifest.made_at.tzinfo is None:
        raise BackupError("the manifest names no database")
    return manifest


def _open_small(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    if info.file_size > _LONGEST_MANIFEST:
        message = f"{info.file_size} bytes"
        raise ValueError(message)
    return opened.open(info)


def _compare(opened: zipfile.ZipFile, manifest: Manifest) -> None:
    sizes = {info.filename: info.file_size for info in opened.infolist() if info.filename != MANIFEST}
    told = {entry.name: entry.size for entry in manifest.files}
    if sizes != told or len(told) != len(manifest.files):
        differing = sorted(set(sizes.items()) ^ set(told.items()))[0][0] if sizes != told else "a file"
        raise BackupError(f"the backup and its manifest differ: {differing}")


def _shorten(error: BaseException) -> str:
    return (str(error) or type(error).__name__)[:200]
