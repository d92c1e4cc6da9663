"""Dry runs and commits of uploads, one after the other in a thread of this process.

A job belongs to its upload, not to a session: leaving the page, another tab or a rerun changes nothing. What a job
found is kept with the upload in the database; a process that stops in the middle leaves the upload as it was.
"""

import logging
import traceback
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from queue import Queue
from threading import Event, Lock, Thread

from sqlalchemy import Engine

from govdesk.actions.importing import DataChangedError, PlacesChangedError, import_records
from govdesk.actions.uploads import UploadRefusedError, keep_report, path_of
from govdesk.ingest.kept_report import read_report, write_report
from govdesk.ingest.notes import ImportReport, Note
from govdesk.ingest.profiles import Profile, ProfileError, parse_profile
from govdesk.ingest.readers import FileRefusedError
from govdesk.queries.uploads import UploadRow, get_upload
from govdesk.rules.access import RefusedError, Scope, require
from govdesk.storage.engine import read_transaction
from govdesk.storage.properties import WrongDatabaseError
from govdesk.storage.versions import read_versions
from govdesk.terms import Role, UploadStatus

log = logging.getLogger("govdesk.imports")

#: Finished jobs that are remembered with all their notes.
JOBS_KEPT = 4


class ImportCancelledError(Exception):
    """Somebody stopped the job: the transaction is rolled back."""


@dataclass(slots=True)
class Job:
    """One dry run or commit.

    Attributes
    ----------
    number : int
        The upload.
    by : Scope
        Who asked.
    commit : bool
        Write, or only say what would be written.
    state : str
        ``queued``, ``running``, ``done``, ``failed`` or ``cancelled``.
    stage, done, total
        As `import_records` tells them; 0 in all: unknown.
    report : ImportReport or None
        What was found, with all notes.
    note : Note or None
        Why the file was refused as a whole.
    failure : str
        Key of another reason: ``profile``, ``gone``, ``refused``, ``unexpected``; empty where there is none.
    detail : str
        What the profile's checker said.
    """

    number: int
    by: Scope
    commit: bool
    state: str = "queued"
    stage: str = ""
    done: int = 0
    total: int = 0
    report: ImportReport | None = None
    note: Note | None = None
    failure: str = ""
    detail: str = ""
    ended: Event = field(default_factory=Event)
    is_stopped: bool = False

    @property
    def is_busy(self) -> bool:
        """Whether it waits or runs."""
        return self.state in ("queued", "running")

    def tell(self, stage: str, done: int, total: int) -> None:
        """Take the progress of the import, and end it where that was asked for.

        Raises
        ------
        ImportCancelledError
            When somebody stopped the job.
        """
        self.stage, self.done, self.total = stage, done, total
        if self.is_stopped:
            raise ImportCancelledError


class ImportJobs:
    """The queue of a process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._jobs: OrderedDict[tuple[str, int], Job] = OrderedDict()
        self._queue: Queue[tuple[Engine, Job]] = Queue()
        self._thread: Thread | None = None

    def start(self, engine: Engine, *, by: Scope, number: int, commit: bool) -> Job:
        """Put a job into the queue; while the upload has one under way, that one is returned.

        Raises
        ------
        RefusedError
            When the caller may not import, or the upload is not the caller's.
        UploadRefusedError
            When its rows are committed already.
        """
        upload = _read_upload(engine, by, number)
        if upload.status == UploadStatus.COMMITTED:
            raise UploadRefusedError("committed")
        with self._lock:
            busy = self._jobs.get(_key(engine, number))
            if busy is not None and busy.is_busy:
                return busy
            job = Job(number, by, commit)
            self._jobs[_key(engine, number)] = job
            self._jobs.move_to_end(_key(engine, number))
            self._forget()
            self._queue.put((engine, job))
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._work, name="imports", daemon=True)
                self._thread.start()
        return job

    def find(self, engine: Engine, number: int) -> Job | None:
        """Return the last job of an upload, if it is remembered."""
        with self._lock:
            return self._jobs.get(_key(engine, number))

    def forget(self, engine: Engine, number: int) -> None:
        """Forget a finished job: what it said does not hold for a changed mapping."""
        with self._lock:
            job = self._jobs.get(_key(engine, number))
            if job is not None and not job.is_busy:
                del self._jobs[_key(engine, number)]

    def count_before(self, job: Job) -> int:
        """Return how many jobs run or wait before this one."""
        with self._lock:
            queued = [waiting for _, waiting in list(self._queue.queue) if waiting.is_busy]
            running = any(one.state == "running" for one in self._jobs.values())
        return (queued.index(job) if job in queued else 0) + int(running and job.state == "queued")

    def stop(self, engine: Engine, *, by: Scope, number: int) -> None:
        """Ask a job to end; what it wrote so far is rolled back, what is committed stays.

        Raises
        ------
        RefusedError
            When the job is somebody else's.
        """
        job = self.find(engine, number)
        if job is None:
            return
        if by.account != job.by.account and by.role != Role.ADMIN:
            message = f"{by.account} did not start this import"
            raise RefusedError(message)
        job.is_stopped = True

    def _forget(self) -> None:
        finished = [key for key, job in self._jobs.items() if not job.is_busy]
        for key in finished[:max(len(finished) - JOBS_KEPT, 0)]:
            del self._jobs[key]

    def _work(self) -> None:
        while True:
            engine, job = self._queue.get()
            _run_job(engine, job)


#: The queue of this process.
JOBS = ImportJobs()


def _key(engine: Engine, number: int) -> tuple[str, int]:
    return engine.url.render_as_string(hide_password=False), number


def _read_upload(engine: Engine, by: Scope, number: int) -> UploadRow:
    require(by, "import_records")
    with read_transaction(engine) as connection:
        upload = get_upload(connection, by, number)
    if upload is None:
        message = f"{by.account} has no upload {number}"
        raise RefusedError(message)
    return upload


def _run_job(engine: Engine, job: Job) -> None:
    """Run one job to its end; whatever happens becomes its state."""
    try:
        if job.is_stopped:
            raise ImportCancelledError
        job.state = "running"
        _run(engine, job)
        job.state = "done"
    except ImportCancelledError:
        job.state = "cancelled"
    except FileRefusedError as error:
        job.note, job.state = error.note, "failed"
    except (ProfileError, WrongDatabaseError) as error:
        job.failure, job.detail, job.state = "profile", str(error), "failed"
    except UploadRefusedError as error:
        job.failure, job.state = error.key, "failed"
    except RefusedError:
        job.failure, job.state = "refused", "failed"
    except BaseException as error:
        # The message may quote what stands in the file: only where it happened is logged.
        log.error("an import failed: %s\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))
        job.failure, job.state = "unexpected", "failed"
    finally:
        job.ended.set()


def _run(engine: Engine, job: Job) -> None:
    upload = _read_upload(engine, job.by, job.number)
    if upload.status == UploadStatus.COMMITTED:
        raise UploadRefusedError("committed")
    profile = parse_profile(upload.profile_text or "", upload.file_name)
    before = read_report(upload.report)
    expected = before.versions if before is not None else None
    is_again = job.commit and expected is None
    versions = _versions(engine, profile)
    if job.commit and not is_again:
        try:
            job.report = _import(engine, job, upload, profile, commit=True, expected=expected)
        except (DataChangedError, PlacesChangedError):
            is_again = True
            versions = _versions(engine, profile)
    if job.report is None:
        job.report = _import(engine, job, upload, profile, commit=False)
    keep_report(engine, by=job.by, number=job.number, report=write_report(job.report, versions, is_again=is_again),
                is_committed=job.report.committed, batch=job.report.batch)


def _import(engine: Engine, job: Job, upload: UploadRow, profile: Profile, *, commit: bool,
            expected: Mapping[str, int] | None = None) -> ImportReport:
    return import_records(engine, by=job.by, path=path_of(upload.stored_as), profile=profile, commit=commit,
                          told=job.tell, file_name=upload.file_name, expected=expected)


def _versions(engine: Engine, profile: Profile) -> dict[str, int]:
    with read_transaction(engine) as connection:
        versions = read_versions(connection)
    return {subject: versions[subject] for subject in {"places", profile.kind.subject}}
