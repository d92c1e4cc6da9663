"""What every page starts from: who reads, in which language, and the day the data is of."""

from dataclasses import dataclass
from datetime import date, datetime

from govdesk.clock import local_day, monday_of, today
from govdesk.queries.instants import complete_week
from govdesk.queries.places import get_place
from govdesk.queries.surroundings import list_categories
from govdesk.rules.access import Scope
from govdesk.terms import DataKind
from govdesk.ui import loaders, session
from govdesk.ui.export import ExportNote
from govdesk.ui.purpose import find_purpose


@dataclass(frozen=True, slots=True)
class Setting:
    """Facts of one run of a page.

    Attributes
    ----------
    scope : Scope
        Whose eyes.
    words : str
        Language.
    as_of : datetime or None
        When the newest record became known; None in a database without incidents.
    day : date
        The day the data is of; today where there is none.
    week : int
        The last complete week of the data: "last week" of every sentence.
    first_week : int or None
        First week of the recorded period; before it nothing is known.
    is_sample : bool
        Whether the data is invented.
    area : str
        Name of what the account sees: the database's county or city, or the account's own area.
    """

    scope: Scope
    words: str
    as_of: datetime | None
    day: date
    week: int
    first_week: int | None
    is_sample: bool
    area: str

    @property
    def week_days(self) -> tuple[date, date]:
        """First and last day of the last complete week."""
        return monday_of(self.week), date.fromordinal(monday_of(self.week + 1).toordinal() - 1)

    def note(self, title: str, filters: str) -> ExportNote:
        """Return what an export of this page says about itself."""
        place = " · ".join(part for part in (self.area, filters) if part)
        return ExportNote(title, place, self.as_of, self.is_sample, self.scope.account, find_purpose())


def read_setting() -> Setting:
    """Return the facts of this run.

    Raises
    ------
    RefusedError
        When no account is active.
    """
    scope, words = session.scope(), session.language()
    properties, freshness = loaders.load_properties(), loaders.load_freshness(scope)
    day = local_day(freshness.data_as_of) if freshness.data_as_of else today()
    area = properties.title_zh if words == "zh" else properties.title_en or properties.title_zh
    if scope.area_code is not None:  # what it sees is not the county
        place = loaders.load(get_place, scope, scope.area_code, day)
        area = area if place is None else place.name
    return Setting(
        scope=scope, words=words, as_of=freshness.data_as_of, day=day, week=complete_week(day),
        first_week=freshness.first_week, is_sample=properties.kind == DataKind.SAMPLE,
        area=area,
    )


def name_categories(words: str) -> dict[str, str]:
    """Return the name of every category, by code."""
    categories = loaders.load_common(list_categories)
    return dict(zip(categories["code"], categories["name_zh" if words == "zh" else "name_en"], strict=True))
