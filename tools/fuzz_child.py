"""The child of `fuzz_import`: imports one broken file after the other and says what became of each."""

import json
import os
import random
import resource
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from sqlalchemy import Engine, func, select  # noqa: E402

from govdesk.actions.importing import import_records  # noqa: E402
from govdesk.ingest.notes import ImportReport  # noqa: E402
from govdesk.ingest.profiles import Profile, ProfileError  # noqa: E402
from govdesk.ingest.readers import FileRefusedError  # noqa: E402
from govdesk.rules.access import SYSTEM  # noqa: E402
from govdesk.storage.engine import get_engine, read_transaction  # noqa: E402
from govdesk.tables import Base  # noqa: E402
from govdesk.words import LANGUAGES  # noqa: E402
from tests.support import corpus  # noqa: E402
from tools.fuzz_files import break_file, make_tables  # noqa: E402

#: Memory a child may use (bytes), as the operating system counts it.
MOST_MEMORY = 2**30
#: One file of so many is an invented table instead of a broken file of the corpus.
INVENTED = 5
#: What an import may write to.
TABLES = ("incidents", "steps", "mediations", "nil_returns", "import_batches", "row_notes", "audit_events",
          "withdrawn_rows")
#: Headers of the profile `grid`, and words that stand in its columns.
HEADERS = ["编号", "事件类型", "发生时间", "所属乡镇", "村（社区）", "事件描述", "涉及人数", "上报渠道",
           "办结时间", "办理结果"]
WORDS = ["邻里纠纷", "2023.3.5", "3月5日", "45000", "城关镇", "东门社区", "东门村", "同上",
         "合计", "无", "12人", "网格员", "已办结"]


class FaultError(Exception):
    """The import left something that it must not leave."""


def _expect(holds: bool, what: str) -> None:
    if not holds:
        raise FaultError(what)


def count_rows(engine: Engine) -> dict[str, int]:
    """Return the number of rows of everything that an import may write."""
    with read_transaction(engine) as connection:
        return {name: connection.scalar(select(func.count()).select_from(Base.metadata.tables[name])) or 0
                for name in TABLES}


def _say_everything(report: ImportReport) -> None:
    for item in [*report.errors, *report.warnings]:
        for language in LANGUAGES:
            item.message(language)
            item.fix(language)
    json.dumps(report.as_json(), ensure_ascii=False).encode("utf-8")


def _check_written(report: ImportReport, profile: Profile, before: dict[str, int], after: dict[str, int]) -> None:
    added = {name: after[name] - before[name] for name in after}
    total = report.inserted + report.updated + report.unchanged + report.rejected + report.duplicates
    _expect(report.read == total, f"read {report.read}, accounted for {total}")
    if report.batch is None:
        _expect(not any(added.values()), f"no batch, but {added}")
        return
    _expect(added["import_batches"] == 1, f"{added['import_batches']} batches")
    _expect(added[profile.about] == report.inserted, f"{added[profile.about]} rows for {report.inserted} inserted")


def import_twice(engine: Engine, path: Path, profile: Profile) -> tuple[str, int]:
    """Import a file as a dry run and in earnest; return what became of it, and its rows.

    Raises
    ------
    FaultError
        When it left something that it must not leave.
    """
    before = count_rows(engine)
    try:
        dry = import_records(engine, by=SYSTEM, path=path, profile=profile, commit=False)
    except (FileRefusedError, ProfileError) as error:
        _expect(count_rows(engine) == before, "a refused file left something")
        if isinstance(error, ProfileError):
            return "profile", 0
        for language in LANGUAGES:
            error.note.message(language)
        return error.note.code, 0
    _expect(count_rows(engine) == before, "the dry run wrote")
    _say_everything(dry)
    done = import_records(engine, by=SYSTEM, path=path, profile=profile, commit=True)
    _say_everything(done)
    _expect(_counted(dry) == _counted(done), f"promised {_counted(dry)}, done {_counted(done)}")
    _check_written(done, profile, before, count_rows(engine))
    return "imported" if done.inserted or done.updated else "nothing new", done.read


def _counted(report: ImportReport) -> tuple[int, ...]:
    return (report.read, report.inserted, report.updated, report.unchanged, report.rejected, report.duplicates)


def make_files(start: int, first: int, last: int, folder: Path) -> list[tuple[int, Path, str]]:
    """Write the files from `first` up to `last` of the seed `start`; return number, path and profile of each."""
    names = corpus.names()
    invented = make_tables((last - first) // INVENTED + 1, start * 100_003 + first, HEADERS, WORDS)
    made = []
    for number in range(first, last):
        chance = random.Random(f"{start}/{number}")  # noqa: S311 - makes files
        expected = corpus.read_expected(chance.choice(names))
        source = corpus.CORPUS / "files" / expected["file"]
        if number % INVENTED == 0 and invented:
            data, suffix = invented.pop()
            profile = "grid"
        else:
            data, suffix = break_file(source.read_bytes(), source.suffix, chance)
            profile = expected["profile"]
        path = folder / f"{number}_{source.stem}{suffix}"
        path.write_bytes(data)
        made.append((number, path, profile))
    return made


def run_child(start: int, first: int, last: int) -> None:
    """Import the files from `first` up to `last`, and print a line before and after each."""
    engine = get_engine()
    with tempfile.TemporaryDirectory(dir=os.environ["FUZZ_FOLDER"]) as folder:
        for number, path, profile in make_files(start, first, last, Path(folder)):
            print(json.dumps({"file": number, "path": str(path)}), flush=True)
            began, problem, outcome, rows = time.monotonic(), "", "", 0
            try:
                outcome, rows = import_twice(engine, path, corpus.read_profile(profile))
            except Exception:
                problem = traceback.format_exc(limit=-6)
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
            if memory > MOST_MEMORY:
                problem += f"memory {memory / 2**20:.0f} MB"
            seconds = time.monotonic() - began
            print(json.dumps({"file": number, "outcome": outcome, "rows": rows, "problem": problem, "memory": memory,
                              "seconds": seconds, "path": str(path)}), flush=True)
            if problem:
                _keep(path)
            if memory > MOST_MEMORY:
                return


def _keep(path: Path) -> None:
    kept = Path(os.environ["FUZZ_KEPT"])
    kept.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, kept / path.name)


if __name__ == "__main__":
    run_child(*(int(text) for text in sys.argv[1:4]))
