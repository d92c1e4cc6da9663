"""The parts of the page of staffing: pictures, posts vacant now, townships, groups, how it is counted."""

import pandas as pd
import streamlit as st

from govdesk.queries.staffing import N_WEEKS, Staffing
from govdesk.rules.post_groups import LEAST_POSTS
from govdesk.terms import RATE_MINIMUM
from govdesk.ui.cards import build_panel_title, panel
from govdesk.ui.downloads import draw_downloads
from govdesk.ui.formats import NOTHING, write_count, write_day, write_instant, write_share
from govdesk.ui.i18n import t, term
from govdesk.ui.markup import address, clean_text, show, tag
from govdesk.ui.setting import Setting
from govdesk.ui.staffing_charts import HEAVY, POSTS, build_groups, build_loads, write_load
from govdesk.ui.staffing_view import write_window
from govdesk.ui.tables import Column, draw_table

#: Villages named of a group before the rest is counted.
MOST_NAMES = 3
#: Rows of vacant posts beside the picture; the export holds all.
MOST_VACANCIES = 10
#: New incidents are also written per so many residents.
PEOPLE = 1000


def draw_picture(setting: Setting, found: Staffing) -> None:
    """Draw the load of each district beside the county's median; with one district there is nothing to compare here."""
    if len(found.districts) < 2 or not found.has_posts:
        return
    with panel("staffing-loads"):
        show(build_panel_title(t("staffing.loads_title", level=term("level", found.level)), t("staffing.loads_note")))
        shown = found.districts["load"].dropna()
        alt = t("staffing.loads_alt", n=len(shown), low=write_load(shown.min()) if len(shown) else NOTHING,
                high=write_load(shown.max()) if len(shown) else NOTHING,
                median=NOTHING if found.median is None else write_load(found.median))
        districts = found.districts.assign(name=[clean_text(one, 30) for one in found.districts["name"]])
        drawn, spec = build_loads(districts, found.median, setting.words, alt=alt)
        st.vega_lite_chart(drawn, spec, theme=None, width="stretch", key="staffing_loads")
        rows = write_districts(found)
        draw_downloads(rows, list_district_columns(found), name="staffing_loads",
                       note=setting.note(t("staffing.title"), write_window(found)), chart=(drawn, spec))


def draw_vacancies(setting: Setting, found: Staffing) -> None:
    """Draw the posts that are vacant now: the post and its grid, since when, and until when as planned."""
    with panel("staffing-vacancies"):
        show(build_panel_title(t("staffing.vacancies_title"), t("staffing.vacancies_note", day=found.day)))
        rows = found.vacancies
        rows = rows.assign(days=[(found.day - since).days for since in rows["vacant_since"]])
        draw_table(rows, (
            Column("grid", t("staffing.col_grid"), href=lambda row: address("/village", place=row["place_code"]),
                   muted=lambda row: f"{row['district_name']} · {row['title']}"),
            Column("vacant_since", t("staffing.col_since"), "day"),
            Column("days", t("staffing.col_days"), "age"),
            Column("vacant_until", t("staffing.col_until"), "day", is_narrow=False),
        ), export_name="staffing_vacancies", note=setting.note(t("staffing.vacancies_title"), write_window(found)),
            empty=t("staffing.no_vacancies" if found.has_posts else "staffing.no_posts"), n_shown=MOST_VACANCIES)


def draw_groups(setting: Setting, found: Staffing) -> None:
    """Draw groups of neighbouring villages by kind of village, and their table."""
    if found.groups.empty:
        return
    names = dict(zip(found.districts["code"], found.districts["name"], strict=True))
    groups = found.groups.assign(
        district_name=[clean_text(names[code], 30) for code in found.groups["district"]],
        text=[_name(one) for one in found.groups["names"]])
    with panel("staffing-groups"):
        show(build_panel_title(t("staffing.groups_title", least=LEAST_POSTS), t("staffing.groups_note")))
        if len(found.kinds):
            drawn, spec = build_groups(groups, found.kinds, setting.words, alt=t(
                "staffing.groups_alt", n=len(groups)))
            st.vega_lite_chart(drawn, spec, theme=None, width="content", key="staffing_groups")
        with st.expander(t("staffing.groups_table", n=len(groups))):
            rows = groups.assign(
                load_text=[_write_rate(row) for row in groups.to_dict("records")],
                kind_text=[term("kind", one) if one else NOTHING for one in groups["kind"]])
            draw_table(rows, (
                Column("district_name", term("level", found.level)), Column("text", t("staffing.col_group")),
                Column("kind_text", t("staffing.col_kind"), is_narrow=False),
                Column("n_posts", t("staffing.col_posts"), "count"),
                Column("post_weeks", t("staffing.col_post_weeks"), "number", is_narrow=False),
                Column("n_new", t("staffing.col_new"), "count"),
                Column("load_text", t("staffing.load"), "rate"),
            ), export_name="staffing_groups", note=setting.note(
                t("staffing.groups_title", least=LEAST_POSTS), write_window(found)), empty=t("staffing.no_groups"))


def _name(names: tuple[str, ...]) -> str:
    shown = [clean_text(one, 20) for one in names[:MOST_NAMES]]
    text = t("staffing.join_places").join(shown)
    return text if len(names) <= MOST_NAMES else t("staffing.and_villages", names=text, n=len(names))


def _write_rate(row: dict[str, float]) -> str:
    """Return a load with its interval; from fewer than 10 incidents the count stands beside it, and no rate."""
    if pd.isna(row["load"]) or row["n_new"] < RATE_MINIMUM:
        return NOTHING
    return t("staffing.interval", n=write_load(row["load"]), low=write_load(row["low"]), high=write_load(row["high"]))


def write_districts(found: Staffing) -> pd.DataFrame:
    """Return the districts with what is written of them; where posts are too few the numbers of work are missing."""
    rows = found.districts
    written = rows.to_dict("records")
    return rows.assign(
        load_text=[t(f"staffing.state_{row['state']}") if row["state"] != "shown" else _write_rate(row)
                   for row in written],
        of_kind=[NOTHING if pd.isna(row["expected"]) or row["n_new"] < RATE_MINIMUM or row["expected"] <= 0
                 else t("staffing.times", n=f"{row['n_new'] / row['expected']:.2f}") for row in written],
        per_people=[NOTHING if pd.isna(row["population"]) or not row["population"] or pd.isna(row["n_new"])
                    or row["n_new"] < RATE_MINIMUM else f"{PEOPLE * row['n_new'] / row['population']:.1f}"
                    for row in written],
        vacant_share=[write_share(row["vacant_days"], row["post_days"]) for row in written],
        open_text=["" if pd.isna(row["n_overdue"]) else t(
            "staffing.overdue_of", n=write_count(row["n_overdue"]), of=write_count(row["n_with_due"]))
            for row in written])


def list_district_columns(found: Staffing) -> tuple[Column, ...]:
    """Return the columns of the table of districts."""
    return (
        Column("name", term("level", found.level), href=lambda row: address("/village", place=row["code"])),
        Column("n_open", t("staffing.col_open"), "count", muted=lambda row: row["open_text"] or None),
        Column("n_new", t("staffing.col_new"), "count"),
        Column("by_week", t("staffing.col_weeks"), "spark", is_narrow=False),
        Column("per_people", t("staffing.col_people", people=f"{PEOPLE:,}"), "rate", is_narrow=False),
        Column("load_text", t("staffing.load"), "rate"),
        Column("of_kind", t("staffing.col_of_kind"), "rate", is_narrow=False),
        Column("n_posts", t("staffing.col_posts"), "count",
               muted=lambda row: t("staffing.bare", n=row["n_bare"]) if row["n_bare"] else None),
        Column("n_vacant", t("staffing.col_vacant"), "count"),
        Column("vacant_share", t("staffing.col_vacant_days"), "rate", is_narrow=False,
               muted=lambda row: t("staffing.days_of", n=write_count(row["vacant_days"]),
                                   of=write_count(row["post_days"])) if row["post_days"] else None),
    )


def draw_districts(setting: Setting, found: Staffing) -> None:
    """Draw the table of districts with its export."""
    with panel("staffing-districts"):
        title = t("staffing.districts_title", level=term("level", found.level))
        show(build_panel_title(title, t("staffing.districts_note")))
        draw_table(write_districts(found), list_district_columns(found), export_name="staffing_districts",
                   note=setting.note(title, write_window(found)), empty=t("staffing.no_districts"), n_shown=60)


def draw_method(setting: Setting, found: Staffing) -> None:
    """Say how it is counted."""
    with st.expander(t("staffing.method_title")):
        for key in ("posts", "open", "load", "interval", "groups", "kinds", "not"):
            show(tag("p", t(
                f"staffing.method_{key}", least=LEAST_POSTS, weeks=N_WEEKS, posts=POSTS, times=f"{HEAVY:g}",
                rate=RATE_MINIMUM, dispersion=f"{found.dispersion:.2f}", day=write_day(found.day),
                at=write_instant(setting.as_of)), class_="gd-small"))
