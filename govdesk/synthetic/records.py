"""What the county has written down until a day: the rows of each file, in the order in which they were recorded.

A file of a later day begins with the rows of an earlier one, byte by byte: rows are ordered by when they were recorded,
and nothing that becomes known later changes a row that was written.
"""

from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from govdesk.clock import monday_of, week_of
from govdesk.synthetic.handling import Handled
from govdesk.synthetic.plants import APP_ON, START, Plants
from govdesk.synthetic.process import generator

_NIL, _POINTS = 51, 52

#: Day of the next month on which nil returns are typed in.
NIL_DAY = 5

WORKS_NAMES = {"farmland": "高标准农田", "road": "农村道路改造", "water": "水利渠系整治", "housing": "安置房建设"}


def written_until(frame: pd.DataFrame, until: date) -> pd.DataFrame:
    """Return the rows recorded before the day `until` began, oldest first: nothing in a file lies in the future."""
    known = frame[frame["recorded_at"] < pd.Timestamp(until)]
    return known.sort_values(["recorded_at", "source_ref"], kind="stable").reset_index(drop=True)


def incident_rows(handled: Handled, points: NDArray[np.float64]) -> pd.DataFrame:
    """Return the incidents as the file shows them.

    Parameters
    ----------
    handled : Handled
    points : ndarray, shape (grids, points, 2)
        Points inside each grid, lon and lat.
    """
    rows = handled.incidents
    picked = (rows["u_extra"].to_numpy() * points.shape[1]).astype(int)
    chosen = points[rows["grid"].to_numpy(), picked]
    missing = rows["u_level"].to_numpy() < 0.06
    frame = rows[["source_ref", "stream", "category", "place_code"]].copy()
    frame["lon"] = np.where(missing, np.nan, chosen[:, 0].round(5))
    frame["lat"] = np.where(missing, np.nan, chosen[:, 1].round(5))
    for name in (
        "occurred_on",
        "reported_at",
        "recorded_at",
        "channel",
        "petition_kind",
        "lodged_level",
        "n_people",
        "severity",
        "handling_unit",
        "concerns_unit",
        "repeat_of",
        "due_at",
    ):
        frame[name] = rows[name]
    return frame


def mediation_rows(handled: Handled) -> pd.DataFrame:
    """Return the mediations; an agreement's record is completed when its performance was checked."""
    rows = handled.mediations.copy()
    checked = np.fmax(rows["performance_due_on"] + pd.Timedelta(days=1), rows["performed_on"])
    rows["recorded_at"] = checked.fillna(rows["ended_on"]) + pd.Timedelta(hours=17)
    return _not_before_incident(rows.drop(columns="closed_at"), handled)


def revisit_rows(handled: Handled) -> pd.DataFrame:
    """Return the revisits."""
    return _not_before_incident(handled.revisits.copy(), handled)


def _not_before_incident(rows: pd.DataFrame, handled: Handled) -> pd.DataFrame:
    """Let nothing be written about an incident before the incident itself is."""
    born = rows["incident_ref"].map(handled.incidents.set_index("source_ref")["recorded_at"])
    rows["recorded_at"] = np.maximum(rows["recorded_at"], born + pd.Timedelta(minutes=1))
    return rows


def works_rows(plants: Plants, villages: pd.DataFrame) -> pd.DataFrame:
    """Return the works projects, one row a village, written down when they begin, with their planned end.

    A project that would begin in a village that is not there on the day leaves no row.
    """
    works = plants.works
    begins = [monday_of(int(week)) for week in works["week_from"]]
    own = villages.iloc[works["village"]]
    exists = [begin <= day < end for begin, day, end in zip(own["begins"], begins, own["ends"], strict=True)]
    frame = pd.DataFrame(
        {
            "source_ref": [f"W{row.project:03d}-{number + 1:02d}" for number, row in enumerate(works.itertuples())],
            "name": [f"{WORKS_NAMES[row.kind]}{row.project}号工程" for row in works.itertuples()],
            "kind": works["kind"],
            "place_code": villages["code"].to_numpy()[works["village"]],
            "started_on": pd.to_datetime(begins),
            "ended_on": pd.to_datetime([monday_of(int(w)) for w in works["week_to"]]),
            "unit_code": "",
            "recorded_at": pd.to_datetime(begins) + pd.Timedelta(hours=9),
        }
    )
    return frame[exists]


def nil_rows(handled: Handled, villages: pd.DataFrame, plants: Plants, seed: int, until: date) -> pd.DataFrame:
    """Return the monthly nil returns: most villages without a written dispute hand one in; silent ones do not."""
    habit = generator(seed, _NIL).beta(8, 2, len(villages))
    disputes = handled.incidents[handled.incidents["stream"] == "dispute"]
    reported = dict(list(disputes.groupby(disputes["reported_at"].dt.strftime("%Y%m"))["village"]))
    codes = villages["code"].to_numpy()
    parts = []
    month = (START.replace(day=1) + timedelta(days=32)).replace(day=1)
    while month <= until:
        following = (month + timedelta(days=32)).replace(day=1)
        hands_in = generator(seed, _NIL, month.year, month.month).random(len(villages)) < habit
        hands_in[reported.get(f"{month:%Y%m}", pd.Series(dtype=int)).unique()] = False
        week = week_of(month)
        hands_in[(villages["begins"] > month) | (villages["ends"] < following)] = False
        spells = plants.silent
        hands_in[spells.loc[(spells["week_from"] <= week) & (spells["week_to"] > week), "village"]] = False
        parts.append(
            pd.DataFrame(
                {
                    "source_ref": f"N{month:%Y%m}-" + pd.Series(codes[hands_in]),
                    "place_code": codes[hands_in],
                    "period_from": month,
                    "period_to": following,
                }
            )
        )
        month = following
    frame = pd.concat(parts, ignore_index=True)
    frame["stream"] = "dispute"
    frame["by_post"] = frame["place_code"] + "-clerk"
    for name in ("period_from", "period_to"):
        frame[name] = pd.to_datetime(frame[name])
    frame["recorded_at"] = frame["period_to"] + pd.Timedelta(days=NIL_DAY - 1, hours=10)
    return frame[["source_ref", "place_code", "stream", "period_from", "period_to", "by_post", "recorded_at"]]


def source_change_rows(plants: Plants) -> pd.DataFrame:
    """Return the one change of source: the app, in each of its townships."""
    return pd.DataFrame(
        [
            {
                "source_ref": f"S{number:02d}",
                "on": pd.Timestamp(APP_ON),
                "kind": "new_app",
                "place_code": code,
                "stream": "",
                "channel": "app",
                "unit_code": "",
                "note": "随手报上线",
                "recorded_at": pd.Timestamp(APP_ON) + pd.Timedelta(hours=9),
            }
            for number, code in enumerate(plants.app_townships, 1)
        ]
    )


def post_rows(plants: Plants, villages: pd.DataFrame, grids: pd.DataFrame, until: date) -> pd.DataFrame:
    """Return the posts: a desk in each unit, a clerk in each village, a grid worker in each grid."""
    villages, grids = villages[villages["begins"] <= until], grids[grids["begins"] <= until]
    desks = pd.DataFrame(
        {
            "code": plants.units["code"] + "-desk",
            "title": plants.units["name"] + "值班岗",
            "unit_code": plants.units["code"],
            "place_code": plants.units["place_code"],
        }
    )
    clerks = pd.DataFrame(
        {
            "code": villages["code"] + "-clerk",
            "title": "村级信息员岗",
            "unit_code": villages["township_code"] + "-gov",
            "place_code": villages["code"],
            "valid_from": villages["valid_from"],
            "valid_to": _ended(villages["valid_to"], until),
        }
    )
    workers = pd.DataFrame(
        {
            "code": grids["code"] + "-w",
            "title": "网格员岗",
            "unit_code": grids["village_code"].str[:9] + "-gov",
            "place_code": grids["code"],
            "valid_from": grids["valid_from"],
            "valid_to": _ended(grids["valid_to"], until),
        }
    )
    return pd.concat([desks, clerks, workers], ignore_index=True)


def _ended(days: pd.Series, until: date) -> list[date | None]:
    """Return the ends that are past on a day; a later end is not known yet."""
    return [None if day is None or pd.isna(day) or day > until else day for day in days]


def vacancy_rows(plants: Plants) -> pd.DataFrame:
    """Return the vacancies of grid workers' posts, written down when they begin, with the planned end."""
    rows = plants.vacancies
    begins = pd.to_datetime(rows["from_on"])
    return pd.DataFrame(
        {
            "source_ref": rows["post_code"] + "-" + begins.dt.strftime("%Y%m%d"),
            "post_code": rows["post_code"],
            "from_on": begins,
            "to_on": pd.to_datetime(rows["to_on"]),
            "recorded_at": begins + pd.Timedelta(hours=9),
        }
    )
