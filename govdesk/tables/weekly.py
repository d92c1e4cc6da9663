"""What is derived so that weekly series are quick: the district of each place by week, and counts a week."""

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from govdesk.tables.base import Base


class PlaceWeek(Base):
    """In weeks `week_from` ≤ w < `week_to` a place lay in `district_code` and in a village of `kind`.

    A district is a township; in a tree without townships a village; a place above that is its own district. `kind` is
    empty where the place lies in no village, or its kind is not known. Derived from `places` and `place_ancestors`.
    """

    __tablename__ = "place_weeks"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    week_from: Mapped[int] = mapped_column(Integer, primary_key=True)
    week_to: Mapped[int] = mapped_column(Integer)
    district_code: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(12))

    __table_args__ = ({"sqlite_with_rowid": False},)


#: `place_code` of the sums over all districts.
EVERYWHERE = ""


class WeeklyCount(Base):
    """Sum of weights of counted incidents by week, district, village kind and stream: additive, nothing else.

    Three `parts` of the same sums: ``all`` (`value` is empty), by ``category``, by ``channel`` (empty: not known).
    `about` says which week is meant: ``occurred``, ``known``, or ``closed`` (the first week in which the closing and
    the incident both were known, so that known − closed, summed up to a week, is what was open at its end).
    The place is always that of the week of occurrence; the empty one (`EVERYWHERE`) holds the sums over all. Derived
    from `incidents` by `storage.weekly_counts`.
    """

    __tablename__ = "weekly_counts"

    about: Mapped[str] = mapped_column(String(8), primary_key=True)
    part: Mapped[str] = mapped_column(String(8), primary_key=True)
    value: Mapped[str] = mapped_column(String(40), primary_key=True)
    place_code: Mapped[str] = mapped_column(String(40), primary_key=True)
    week: Mapped[int] = mapped_column(Integer, primary_key=True)
    stream: Mapped[str] = mapped_column(String(12), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    n: Mapped[int] = mapped_column(Integer)

    __table_args__ = ({"sqlite_with_rowid": False},)
