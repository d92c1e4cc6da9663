"""Runs one file of `tests/corpus` and says everything in which the product does not do what the file's maker expects."""

import json
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, select

from govdesk.actions.importing import import_records
from govdesk.actions.places import import_places
from govdesk.ingest.notes import ImportReport, Note
from govdesk.ingest.profiles import Profile, parse_profile
from govdesk.ingest.readers import FileRefusedError
from govdesk.rules.access import SYSTEM
from govdesk.storage.engine import read_transaction
from govdesk.storage.properties import Properties
from govdesk.storage.schema import create_database
from govdesk.tables import Incident, Mediation, NilReturn
from govdesk.terms import DataKind
from tests.support.ready import built_once

CORPUS = Path(__file__).parents[1] / "corpus"
ZONE = ZoneInfo("Asia/Shanghai")
TABLES = {"incidents": Incident, "mediations": Mediation, "nil_returns": NilReturn}
#: Keys of an expected row that say where it stands, not what it is.
WHERE = {"sheet", "row", "column"}


@dataclass
class Outcome:
    """What became of one file."""

    name: str
    problems: list[str] = field(default_factory=list)
    n_good: int = 0
    n_good_in: int = 0
    n_bad: int = 0
    n_bad_named: int = 0
    n_doubled: int = 0


def names() -> list[str]:
    """Return the files of the corpus."""
    return sorted(path.name.removesuffix(".toml") for path in (CORPUS / "expected").glob("*.toml"))


def read_expected(name: str) -> dict:
    """Return what must happen to a file."""
    return tomllib.loads((CORPUS / "expected" / f"{name}.toml").read_text(encoding="utf-8"))


def read_profile(name: str) -> Profile:
    """Return a profile of the corpus."""
    return parse_profile((CORPUS / "profiles" / f"{name}.toml").read_text(encoding="utf-8"), name)


@built_once
def build(engine: Engine) -> None:
    """Make the database that every file meets: the register, and eight clean events."""
    create_database(engine, Properties(DataKind.REAL, "Asia/Shanghai", title_zh="示例县", title_en="Example"))
    import_places(engine, by=SYSTEM, csv_path=CORPUS / "places.csv", commit=True)
    done = import_records(engine, by=SYSTEM, path=CORPUS / "before.csv", profile=read_profile("before"), commit=True)
    assert done.inserted == 8


def _run(engine: Engine, expected: dict) -> ImportReport:
    return import_records(engine, by=SYSTEM, path=CORPUS / "files" / expected["file"],
                          profile=read_profile(expected["profile"]), commit=True)


def _rows(engine: Engine, profile: Profile) -> list[dict]:
    table = TABLES[profile.about]
    with read_transaction(engine) as connection:
        found = [dict(row) for row in connection.execute(select(table.__table__).where(table.source == profile.source)).mappings()]
        refs = {row.id: row.source_ref for row in connection.execute(select(Incident.id, Incident.source_ref))}
    for row in found:
        if profile.about == "mediations":
            row["incident_ref"] = refs[row["incident_id"]]
        if row.get("closed_at"):
            row["closed_on"] = row["closed_at"].astimezone(ZONE).date()
        if profile.about == "incidents":
            row["reported_at"] = f"{row['reported_at'].astimezone(ZONE):%Y-%m-%d %H:%M}"
    return found


def _fits(row: dict, wanted: dict) -> list[str]:
    wrong = []
    for key, value in wanted.items():
        if key in WHERE:
            continue
        got = row.get(key)
        same = value in (got or "") if key == "summary" else str(got) == str(value)
        if not same:
            wrong.append(f"{key} is {got!r} instead of {value!r}")
    return wrong


def _find(rows: list[dict], wanted: dict) -> list[dict]:
    if "source_ref" in wanted:
        return [row for row in rows if row.get("source_ref") == wanted["source_ref"]]
    return [row for row in rows if wanted["summary"] in (row.get("summary") or "")]


def _place(item: dict) -> str:
    return f"{item['sheet']}!{item['row']}" if "sheet" in item else f"line {item['row']}"


def _at(note: Note, item: dict) -> bool:
    return note.line == item["row"] and ("sheet" not in item or note.sheet in (None, item["sheet"]))


def _flat(text: str | None) -> str:
    return "".join((text or "").split()).replace("(", "（").replace(")", "）")


def _named(notes: list[Note], item: dict) -> bool:
    return any(_at(n, item) and (item["column"] == "*" or _flat(item["column"]) in _flat(n.column)) for n in notes)


def _said(notes: list[Note], item: dict) -> str:
    return "; ".join(f"{n.code} at {n.column}" for n in notes if _at(n, item)) or "nothing"


class _Check:
    """Compares what happened with what must happen."""

    def __init__(self, expected: dict, report: ImportReport, rows: list[dict]) -> None:
        self.expected, self.report, self.rows = expected, report, rows
        self.out = Outcome(expected["file"])
        self.taken: list[int] = []

    def say(self, text: str) -> None:
        self.out.problems.append(text)

    def good(self) -> None:
        for item in self.expected.get("good", []):
            self.out.n_good += 1
            found = _find(self.rows, item)
            alike = len(_find(self.expected["good"], item))
            if len(found) != alike:
                self.out.n_doubled += len(found) > alike
                said = _said([*self.report.errors, *self.report.warnings], item)
                self.say(f"good {_place(item)} is {len(found)} times in the database (said there: {said})")
                continue
            self.taken += [row["id"] for row in found]
            wrong = _fits(found[0], item)
            self.out.n_good_in += not wrong
            if wrong:
                self.say(f"good {_place(item)}: {', '.join(wrong)}")

    def bad(self) -> None:
        for item in self.expected.get("bad", []):
            self.out.n_bad += 1
            is_named = _named(self.report.errors, item)
            self.out.n_bad_named += is_named
            if not is_named:
                self.say(f"bad {_place(item)} {item['column']}: said there {_said(self.report.errors, item)}")

    def either(self) -> None:
        for item in self.expected.get("either", []):
            found = [row for row in _find(self.rows, item) if item.get("summary", "") in (row.get("summary") or "")]
            named = _named(self.report.errors, item)
            if len(found) + named != 1:
                self.say(f"either {_place(item)}: {len(found)} times in, {'named' if named else 'not named'}")
            elif found:
                self.taken.append(found[0]["id"])
                wrong = _fits(found[0], item)
                if wrong:
                    self.say(f"either {_place(item)} read wrongly: {', '.join(wrong)}")

    def others(self) -> None:
        for row in self.rows:
            if row["id"] not in self.taken:
                self.say(f"in the database, though it must not be: {row['source_ref']} {row.get('summary')}")
        known = [*self.expected.get("bad", []), *self.expected.get("either", []), *self.expected.get("named", [])]
        for note in self.report.errors:
            if not any(_at(note, item) for item in known):
                self.say(f"an error that is none: {note.sheet}!{note.line} {note.column} {note.code}")
        for item in self.expected.get("named", []):
            if not _named([*self.report.errors, *self.report.warnings], item):
                self.say(f"not named: {_place(item)} {item['column']}")
        if self.report.duplicates < len(self.expected.get("same", [])):
            self.say(f"{self.report.duplicates} duplicates counted instead of {len(self.expected['same'])}")
        if self.report.masked < self.expected.get("masked", 0):
            self.say(f"{self.report.masked} masked instead of {self.expected['masked']}")

    def aside(self) -> None:
        for item in self.expected.get("aside", []):
            if not any(_at(note, item) for note in self.report.warnings):
                self.say(f"{item['kind']} row {_place(item)} is not listed")

    def sheets(self) -> None:
        text = json.dumps(self.report.as_json(), ensure_ascii=False)
        for name in self.expected.get("sheets_named", []):
            if not any(name in (n.sheet or "") or name in n.message() for n in [*self.report.errors, *self.report.warnings]):
                self.say(f"sheet {name} is not named")
        for name in self.expected.get("columns_named", []):
            if not any(name in (n.column or "") or name in n.message() for n in [*self.report.errors, *self.report.warnings]):
                self.say(f"column {name} is not named as left out")
        for private in self.expected.get("never", []):
            if private in text:
                self.say("the report holds what is private")


def _database_bytes(engine: Engine) -> bytes:
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return Path(engine.url.database or "").read_bytes()


def _refusal(engine: Engine, expected: dict) -> Outcome:
    import re

    out = Outcome(expected["file"])
    try:
        report = _run(engine, expected)
    except FileRefusedError as error:
        if not re.search(expected["refused"], str(error)):
            out.problems.append(f"refused with {str(error)!r}")
    else:
        out.problems.append(f"not refused: {report.inserted} in, {report.rejected} rejected")
    return out


def check(engine: Engine, name: str) -> Outcome:
    """Import a file twice and return what is not as it must be."""
    build(engine)
    expected = read_expected(name)
    profile = read_profile(expected["profile"])
    if expected.get("refused"):
        return _refusal(engine, expected)
    try:
        report = _run(engine, expected)
    except FileRefusedError as error:
        n = len(expected.get("good", [])), len(expected.get("bad", []))
        return Outcome(name, [f"refused: {error}"], n_good=n[0], n_bad=n[1])
    rows = _rows(engine, profile)
    checker = _Check(expected, report, rows)
    for part in (checker.good, checker.bad, checker.either, checker.others, checker.aside, checker.sheets):
        part()
    again = _run(engine, expected)
    if again.inserted or again.updated or again.batch is not None:
        checker.say(f"the second time {again.inserted} new, {again.updated} changed, batch {again.batch}")
    if _rows(engine, profile) != rows:
        checker.say("the second time changed the database")
    whole = _database_bytes(engine)
    checker.out.problems += ["the database holds what is private" for private in expected.get("never", []) if private.encode() in whole]
    return checker.out
