"""How reported incidents are handled: unit, level, steps, closings and re-openings, repeats, mediations, revisits.

Every draw of an incident comes from the generator of its week, so that its whole life is known when it is born; the
files then show of it what was written down until a date.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from govdesk.synthetic.plants import Plants
from govdesk.synthetic.process import weekly_draws

_HANDLING = 41

#: Departments by category; everything else goes to the township's government.
BY_CATEGORY = {
    "land_forest": "land",
    "petition_land": "land",
    "housing_site": "land",
    "labour": "labour",
    "petition_wages": "labour",
    "medical": "health",
    "consumer": "market",
    "food_drug": "market",
    "environment": "ecology",
    "property": "housing",
    "hazard_building": "housing",
    "hazard_fire": "emergency",
    "hazard_water": "water",
    "hazard_slope": "land",
    "hazard_road": "transport",
    "request_road": "transport",
    "request_water_power": "water",
    "request_sanitation": "urban",
    "request_care": "civil",
    "petition_welfare": "civil",
    "petition_public_works": "transport",
    "petition_legal": "justice",
    "works_compensation": "agriculture",
}

#: Share that a department handles; the rest stays with the township.
DEPARTMENT_SHARE = 0.45

#: Days allowed (a round figure of the invented county), and the median days it takes.
LIMIT_DAYS = {"dispute": 30, "petition": 60, "hazard": 15, "request": 15, "public_order": 30}
MEDIAN_DAYS = {"dispute": 9.0, "petition": 24.0, "hazard": 5.0, "request": 4.0, "public_order": 6.0}

LEVELS = ("group", "village", "township", "county", "beyond")
LEVEL_EDGES = np.cumsum((0.22, 0.46, 0.25, 0.06, 0.01))


@dataclass(frozen=True, slots=True)
class Handled:
    """Incidents with unit, due date and lineage, and what followed them; times are naive local."""

    incidents: pd.DataFrame
    steps: pd.DataFrame
    mediations: pd.DataFrame
    revisits: pd.DataFrame


def handle(reported: pd.DataFrame, villages: pd.DataFrame, plants: Plants, county_code: str, seed: int) -> Handled:
    """Give every reported incident its life."""
    lives = _draw_lives(reported, villages, plants, county_code, seed)
    lives["repeat_of"] = _link_repeats(lives)
    petition = lives["stream"] == "petition"
    is_repeat = petition & (lives["repeat_of"] != "")
    kinds = np.select(
        [is_repeat, lives["u_kind"] < 0.05, lives["u_kind"] < 0.09], ["repeat", "group", "skip_level"], "first"
    )
    lives["petition_kind"] = np.where(petition, kinds, "")
    lives["n_people"] = np.where(lives["petition_kind"] == "group", lives["n_people"] + 5, lives["n_people"])
    lodged = np.select(
        [lives["petition_kind"] == "skip_level", lives["u_level"] < 0.35], ["beyond", "county"], "township"
    )
    lives["lodged_level"] = np.where(petition, lodged, "")
    return Handled(lives, _steps(lives, county_code), _mediations(lives, county_code), _revisits(lives))


def _draw_lives(
    reported: pd.DataFrame, villages: pd.DataFrame, plants: Plants, county_code: str, seed: int
) -> pd.DataFrame:
    rows = reported.copy()
    draws = weekly_draws(rows["week"].to_numpy(), seed, _HANDLING, 18)
    normal = ndtri(draws[:, 16:])
    stream = rows["stream"]
    township = villages["township_code"].to_numpy()[rows["village"]]
    department = rows["category"].map(BY_CATEGORY)
    to_department = department.notna().to_numpy() & (draws[:, 0] < DEPARTMENT_SHARE)
    unit = np.where(to_department, f"{county_code}-" + department.fillna(""), pd.Series(township) + "-gov")
    police = (stream == "public_order").to_numpy()
    unit = np.where(police, f"{county_code}-police", unit)
    conduct = (rows["category"] == "petition_conduct").to_numpy()
    concerns = np.where(conduct, np.where(draws[:, 1] < 0.6, pd.Series(township) + "-gov", unit), "")
    rows["handling_unit"] = np.where(conduct, f"{county_code}-petition", unit)
    rows["concerns_unit"] = concerns
    rows["due_at"] = rows["reported_at"] + pd.to_timedelta(stream.map(LIMIT_DAYS), unit="D")
    hard = rows["tense"].to_numpy() & (stream == "dispute").to_numpy()
    days = stream.map(MEDIAN_DAYS).to_numpy() * np.exp(0.9 * normal[:, 0]) * np.where(hard, 1.7, 1.0)
    rows["closed_at"] = rows["reported_at"] + pd.to_timedelta((days * 86_400).astype(int) + 7_200, unit="s")
    rows["level"] = np.array(LEVELS)[np.minimum(np.searchsorted(LEVEL_EDGES, draws[:, 2] + 0.16 * hard, "right"), 4)]
    rows["never"] = draws[:, 3] < np.where(hard, 0.006, 0.002)
    _plant_closers(rows, plants, draws[:, 4])
    again = np.where(hard, 0.20, 0.045) * np.where(rows["is_fast"], 1.8, 1.0)
    rows["reopened_at"] = rows["closed_at"] + pd.to_timedelta((5 + 80 * draws[:, 5]) * 24, unit="h").round("s")
    rows["n_reopened"] = np.where(draws[:, 6] < again, np.where(draws[:, 7] < np.where(hard, 0.35, 0.12), 2, 1), 0)
    rows["outcome"] = _outcomes(stream, draws[:, 8])
    for number, name in enumerate(
        ("u_kind", "u_level", "u_mediation", "u_revisit", "u_repeat", "u_extra", "u_late"), 9
    ):
        rows[name] = draws[:, number]
    rows["z"] = normal[:, 1]
    return rows


def _plant_closers(rows: pd.DataFrame, plants: Plants, draws: NDArray[np.float64]) -> None:
    """Let some offices close within minutes, and some at 17:00 of the month's last day."""
    fast = rows["handling_unit"].isin(plants.fast_units).to_numpy() & (draws < 0.6)
    rows["is_fast"] = fast
    minutes = pd.to_timedelta((120 + 1_300 * draws).astype(int), unit="s")
    rows.loc[fast, "closed_at"] = (rows["reported_at"] + pd.Timedelta(minutes=35) + minutes)[fast]
    batch = rows["handling_unit"].isin(plants.batch_units).to_numpy() & (draws < 0.75)
    ends = rows["closed_at"].dt.normalize() + pd.offsets.MonthEnd(0) + pd.Timedelta(hours=17)
    rows.loc[batch, "closed_at"] = (ends + pd.to_timedelta((600 * draws).astype(int), unit="s"))[batch]


def _outcomes(stream: pd.Series, draws: NDArray[np.float64]) -> NDArray[np.str_]:
    edges = {"dispute": (0.56, 0.86, 0.90, 0.94, 0.98), "petition": (0.62, 0.70, 0.70, 0.84, 0.97)}
    names = np.array(["settled", "agreement", "confirmed", "referred", "not_settled", "withdrawn"])
    chosen = np.array(["settled"] * len(stream), dtype=object)
    for name, cuts in edges.items():
        of = (stream == name).to_numpy()
        chosen[of] = names[np.searchsorted(cuts, draws[of], "right")]
    return chosen


def _link_repeats(lives: pd.DataFrame) -> list[str]:
    """Return for each incident the number of an earlier one it repeats, or an empty text.

    A petition repeats the village's last one of its category within 180 days; a dispute likewise within 120; a fight
    may grow out of a dispute of the last 60 days.
    """
    order = lives.sort_values(["recorded_at", "source_ref"], kind="stable").index
    last: dict[tuple[int, str], tuple[pd.Timestamp, str]] = {}
    found = [""] * len(lives)
    columns = [
        lives[name].to_numpy()
        for name in ("village", "stream", "category", "reported_at", "u_repeat", "tense", "source_ref")
    ]
    for at in order:
        village, stream, category, when, draw, tense, ref = (column[at] for column in columns)
        when = pd.Timestamp(when)
        chance, key, days = {
            "petition": (0.45, (village, category), 180),
            "dispute": (0.16, (village, category), 120),
            "public_order": (0.5 if tense else 0.25, (village, "dispute"), 60),
        }.get(stream, (0.0, None, 0))
        if stream == "public_order" and category not in ("order_fight", "order_injury"):
            continue
        earlier = last.get(key) if key else None
        if earlier and draw < chance and 0 < (when - earlier[0]).days <= days:
            found[at] = earlier[1]
        if stream == "dispute":
            last[(village, "dispute")] = (when, ref)
        if stream in ("petition", "dispute"):
            last[(village, category)] = (when, ref)
    return found


def _step(lives: pd.DataFrame, suffix: str, kind: str, at: pd.Series, **more: object) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "source_ref": lives["source_ref"] + suffix,
            "incident_ref": lives["source_ref"],
            "kind": kind,
            "occurred_at": at,
            "unit_code": lives["handling_unit"],
            "level": "",
            "outcome": "",
            "due_at": pd.NaT,
            "late": lives["u_late"],
        }
    )
    return frame.assign(**more)


def _steps(lives: pd.DataFrame, county_code: str) -> pd.DataFrame:
    reported, closed = lives["reported_at"], lives["closed_at"]
    length = closed - reported
    dispatched = reported + (length * 0.03).clip(upper=pd.Timedelta(hours=20))
    accepted = reported + (length * (0.05 + 0.1 * lives["u_extra"])).clip(upper=pd.Timedelta(days=4))
    answered = reported + (length * (0.35 + 0.5 * lives["u_extra"]))
    petition = lives["stream"] == "petition"
    ends = ~lives["never"]
    centre = f"{county_code}-centre"
    urged = ends & (closed > lives["due_at"])
    referred = lives["level"].isin(["county", "beyond"])
    parts = [
        _step(lives, "-1", "report", reported, unit_code=""),
        _step(lives, "-2", "dispatch", dispatched, due_at=lives["due_at"]),
        _step(lives, "-3", "accept", accepted),
        _step(lives[petition & ends], "-4", "answer", answered),
        _step(lives[urged], "-5", "urge", lives["due_at"] + pd.Timedelta(hours=16), unit_code=centre),
        _step(lives[referred], "-6", "refer_up", accepted + length * 0.1, level=lives["level"]),
        _step(lives[ends], "-7", "close", closed, level=lives["level"], outcome=lives["outcome"]),
    ]
    once, twice = ends & (lives["n_reopened"] >= 1), ends & (lives["n_reopened"] >= 2)
    again = lives["reopened_at"]
    closed_again = again + pd.Timedelta(days=6) + length * 0.5
    parts += [
        _step(lives[once], "-8", "reopen", again, unit_code=centre),
        _step(lives[once], "-9", "close", closed_again, level=lives["level"], outcome="settled"),
        _step(lives[twice], "-10", "reopen", closed_again + pd.Timedelta(days=20), unit_code=centre),
        _step(
            lives[twice & (lives["u_extra"] < 0.97)],
            "-11",
            "close",
            closed_again + pd.Timedelta(days=45),
            level=lives["level"],
            outcome="agreement",
        ),
    ]
    steps = pd.concat(parts, ignore_index=True)
    steps["occurred_at"] = steps["occurred_at"].dt.floor("s")
    soon = steps["occurred_at"] + pd.Timedelta(minutes=4)
    next_day = steps["occurred_at"].dt.normalize() + pd.Timedelta(days=1, hours=9)
    recorded = soon.where(steps.pop("late") < 0.85, next_day)
    # A step of an incident is never known before the incident is.
    born = steps["incident_ref"].map(lives.set_index("source_ref")["recorded_at"])
    steps["recorded_at"] = np.maximum(recorded, born)
    return steps


def _mediations(lives: pd.DataFrame, county_code: str) -> pd.DataFrame:
    rows = lives[(lives["stream"] == "dispute") & ~lives["never"] & (lives["u_mediation"] < 0.72)]
    share = rows["u_mediation"] / 0.72
    channel = np.select(
        [share < 0.80, share < 0.90, share < 0.95], ["people", "administrative", "judicial"], "police_handover"
    )
    channel = np.where(rows["tense"] & (share > 0.88), "police_handover", channel)
    method = np.select(
        [rows["u_extra"] < 0.4, rows["u_extra"] < 0.7, rows["u_extra"] < 0.9],
        ["sitting", "visiting", "joint"],
        "return",
    )
    agreed = rows["outcome"].isin(["agreement", "confirmed"])
    ended = rows["closed_at"].dt.normalize()
    due = ended + pd.to_timedelta(30 + (60 * rows["u_kind"]).astype(int), unit="D")
    performed = due + pd.to_timedelta(np.round(14 * rows["z"] - np.where(rows["tense"], 4, 14)), unit="D")
    performed = performed.clip(lower=ended).where(rows["u_level"] >= np.where(rows["tense"], 0.22, 0.08))
    return pd.DataFrame(
        {
            "source_ref": rows["source_ref"] + "-M",
            "incident_ref": rows["source_ref"],
            "channel": channel,
            "method": method,
            "level": rows["level"],
            "unit_code": f"{county_code}-justice",
            "started_on": (rows["reported_at"] + (rows["closed_at"] - rows["reported_at"]) * 0.2).dt.normalize(),
            "ended_on": ended,
            "n_sessions": 1 + (3 * rows["u_extra"]).astype(int),
            "is_settled": rows["outcome"].isin(["settled", "agreement", "confirmed"]).astype(int),
            "agreed_on": ended.where(agreed),
            "performance_due_on": due.where(agreed),
            "performed_on": performed.where(agreed),
            "confirmed_on": (ended + pd.Timedelta(days=7)).where(rows["outcome"] == "confirmed"),
            "closed_at": rows["closed_at"],
        }
    ).reset_index(drop=True)


def _revisits(lives: pd.DataFrame) -> pd.DataFrame:
    rows = lives[lives["stream"].isin(["dispute", "petition"]) & ~lives["never"] & (lives["u_revisit"] < 0.42)]
    on = rows["closed_at"].dt.normalize() + pd.to_timedelta(7 + (24 * rows["u_kind"]).astype(int), unit="D")
    result = np.select([rows["u_level"] < 0.12, rows["n_reopened"] > 0], ["not_reached", "not_settled"], "settled")
    score = np.clip(np.round(4.2 + 0.8 * rows["z"] - 1.5 * (rows["n_reopened"] > 0)), 1, 5).astype(int).astype(str)
    return pd.DataFrame(
        {
            "source_ref": rows["source_ref"] + "-R",
            "incident_ref": rows["source_ref"],
            "revisited_on": on,
            "result": result,
            "satisfaction": np.where(rows["u_extra"] < 0.7, score, ""),
            "recorded_at": on + pd.Timedelta(hours=17),
        }
    ).reset_index(drop=True)
