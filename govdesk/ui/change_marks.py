"""Where the way of recording changed, as charts over time mark it: a thin dashed line, or ‡ where none is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

from govdesk.queries.filters import IncidentFilter
from govdesk.queries.trends import SourceChange, read_source_changes
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.setting import Setting


@dataclass(frozen=True, slots=True)
class Mark:
    """A change of the source: the first week of the new way, and what changed in words."""

    week: int
    text: str


def list_changes(setting: Setting, weeks: range, place_code: str | None = None) -> tuple[SourceChange, ...]:
    """Return the changes of sources in some weeks that bear on a place (None: on all that the account sees)."""
    if not len(weeks):
        return ()
    found = load(read_source_changes, setting.scope, IncidentFilter(weeks.start, weeks.stop, place_code=place_code))
    return tuple(one for one in found if one.touches(place_code))


def list_marks(setting: Setting, weeks: range, place_code: str | None = None) -> tuple[Mark, ...]:
    """Return the same as marks, oldest first."""
    return tuple(Mark(one.week, name_change(one, setting.words)) for one in list_changes(setting, weeks, place_code))


def name_change(change: SourceChange, words: str) -> str:
    """Return day, kind and, where there are several, the number of places."""
    where = t("data_quality.mark_places", n=len(change.place_codes)) if len(change.place_codes) > 1 else ""
    return " ".join(part for part in (change.on, change.name_kind(words), where) if part)


def say_marks(marks: Sequence[Mark]) -> str | None:
    """Return what the lines of a chart stand for, None where there is none."""
    if not marks:
        return None
    named = t("data_quality.mark_comma").join(mark.text for mark in marks[-3:])
    return t("data_quality.marks", named=named, n=len(marks))
