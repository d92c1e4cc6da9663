"""Imports small files into the tiny county, as the command does."""

from pathlib import Path

from govdesk.actions.importing import import_records
from govdesk.ingest.profiles import parse_profile
from govdesk.rules.access import SYSTEM

#: A village of the tiny county, and a point inside it.
VILLAGE = "990101001001"
POINT = (111.0413, 27.0127)

INCIDENTS = 'about = "incidents"\nname = "t"\nsource = "t"\nsample = true\nown_names = true\n'
HEAD = "source_ref,stream,category,place_code,lon,lat,occurred_on,reported_at\n"


def incident(ref="A1", stream="request", category="request_road", place=VILLAGE, lon="", lat="", on="2026-03-01",
             at="2026-03-01 09:00:00"):
    """Return one line of a file with the header `HEAD`."""
    return f"{ref},{stream},{category},{place},{lon},{lat},{on},{at}\n"


def run(engine, folder: Path, content, profile=INCIDENTS, *, commit=True, name="file.csv", **options):
    """Write the content to a file and import it; return the report."""
    path = folder / name
    if isinstance(content, str):
        content = content.encode()
    path.write_bytes(content)
    return import_records(engine, by=options.pop("by", SYSTEM), path=path, profile=parse_profile(profile, "t"),
                          commit=commit, **options)


def about(kind, **more):
    """Return a profile of own names about another kind of record."""
    lines = [f'about = "{kind}"', 'name = "t"', 'source = "t"', "sample = true", "own_names = true"]
    return "\n".join(lines + [f"{key} = {value}" for key, value in more.items()]) + "\n"


def codes(report):
    """Return the codes of all notes."""
    return {item.code for item in [*report.errors, *report.warnings]}
