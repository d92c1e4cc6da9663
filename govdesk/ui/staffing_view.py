"""The head of the page of staffing: the finding in plain sentences, and the figures under it."""

from collections.abc import Sequence
from datetime import timedelta

import pandas as pd

from govdesk.clock import monday_of
from govdesk.queries.staffing import LEAST_COMPARED, Staffing
from govdesk.rules.post_groups import LEAST_POSTS
from govdesk.terms import RATE_MINIMUM
from govdesk.ui.cards import Card, build_cards, build_panel_title, panel
from govdesk.ui.formats import NOTHING, write_count, write_share
from govdesk.ui.i18n import t, term
from govdesk.ui.markup import clean_text, show, tag
from govdesk.ui.staffing_charts import HEAVY, POSTS, write_load

#: Most places named in one sentence.
MOST_NAMED = 5


def draw_finding(found: Staffing) -> None:
    """Draw what stands out, in sentences."""
    with panel("staffing-finding"):
        show(build_panel_title(t("staffing.finding_title"), write_window(found)))
        show(tag("ul", *(tag("li", one) for one in find_sentences(found)), class_="gd-sentences"))


def write_window(found: Staffing) -> str:
    """Say of which weeks and of which day the numbers are."""
    from_day, to_day = _days(found)
    return t("staffing.window", weeks=found.weeks[1] - found.weeks[0], from_day=from_day, to_day=to_day, day=found.day)


def _days(found: Staffing) -> tuple[str, str]:
    return monday_of(found.weeks[0]).isoformat(), (monday_of(found.weeks[1]) - timedelta(days=1)).isoformat()


def find_sentences(found: Staffing) -> list[str]:
    """Return the finding: who carries clearly more, who may, and which posts are vacant."""
    if not found.has_posts:
        return [t("staffing.no_posts")]
    first = _say_own(found) if len(found.districts) == 1 else _say_heavy(found)
    return [*first, *_say_vacant(found)]


def _say_heavy(found: Staffing) -> list[str]:
    level = term("level", found.level)
    if found.median is None:
        key = "no_median" if found.n_compared < LEAST_COMPARED else "no_median_area"
        return [t(f"staffing.{key}", level=level, **({"n": found.n_compared} if key == "no_median" else {}))]
    rows = found.districts[(found.districts["state"] == "shown") & (found.districts["n_new"] >= RATE_MINIMUM)]
    limit = HEAVY * found.median
    sure, likely, vacant = rows["low"] > limit, rows["load"] > limit, rows["n_vacant"] > 0
    values = {"level": level, "times": f"{HEAVY:g}", "median": write_load(found.median), "posts": POSTS}
    clear = rows[sure & vacant]
    sentences = [t("staffing.heavy_vacant", n=len(clear), names=_name(clear, "named"), **values) if len(clear)
                 else t("staffing.none_heavy_vacant", **values)]
    full = rows[sure & ~vacant]
    if len(full):
        sentences.append(t("staffing.heavy_full", n=len(full), names=_name(full, "named_full"), **values))
    unsure = rows[likely & ~sure & vacant]
    if len(unsure):
        sentences.append(t("staffing.heavy_unsure", n=len(unsure), names=_name(unsure, "named"), **values))
    return sentences


def _name(rows: pd.DataFrame, key: str) -> str:
    """Return the places with load, interval and vacancies, in the order of the register."""
    named = [t(f"staffing.{key}", name=clean_text(row["name"], 20), load=write_load(row["load"]),
               low=write_load(row["low"]), high=write_load(row["high"]), n=row["n_vacant"])
             for row in rows.head(MOST_NAMED).to_dict("records")]
    more = len(rows) - len(named)
    return t("staffing.join").join([*named, *([t("staffing.more", n=more)] if more > 0 else [])])


def _say_own(found: Staffing) -> list[str]:
    """Return the sentence of a reader who sees one district: its own load and the county's median."""
    row = found.districts.iloc[0]
    name = clean_text(row["name"], 20)
    if row["state"] != "shown":
        return [t(f"staffing.own_{row['state']}", name=name, least=LEAST_POSTS)]
    if row["n_new"] < RATE_MINIMUM or pd.isna(row["load"]):
        return [t("staffing.own_counts", name=name, n=write_count(row["n_new"]),
                  weeks=f"{row['post_weeks']:,.0f}")]
    values = {"name": name, "load": write_load(row["load"]), "low": write_load(row["low"]), "posts": POSTS,
              "high": write_load(row["high"]), "level": term("level", found.level)}
    if found.median is None:
        return [t("staffing.own_alone", **values)]
    limit = HEAVY * found.median
    key = "sure" if row["low"] > limit else "unsure" if row["load"] > limit else "usual"
    return [t("staffing.own_load", median=write_load(found.median), n=found.n_compared,
              verdict=t(f"staffing.own_{key}", times=f"{HEAVY:g}"), **values)]


def _say_vacant(found: Staffing) -> list[str]:
    n_posts, n_vacant = int(found.districts["n_posts"].sum()), len(found.vacancies)
    if not n_vacant:
        return [t("staffing.none_vacant", n=write_count(n_posts))] if n_posts else []
    first = found.vacancies.iloc[0]
    return [t("staffing.vacant", n=n_vacant, posts=write_count(n_posts), grid=clean_text(first["grid"], 30),
              since=first["vacant_since"].isoformat(), days=write_count((found.day - first["vacant_since"]).days))]


def draw_cards(found: Staffing) -> None:
    """Draw the figures: posts, vacancies, grids without a post, and what there is to do."""
    rows = found.districts
    sums = {name: int(rows[name].sum()) for name in ("n_posts", "n_vacant", "n_grids", "n_bare", "post_days",
                                                     "vacant_days")}
    told = rows[rows["state"] != "few"]
    n_weeks = found.weeks[1] - found.weeks[0]
    covered = _cover(len(told), len(rows), found)
    n_open, n_due, n_late = (None if told["n_open"].isna().any() or told.empty else int(told[name].sum())
                             for name in ("n_open", "n_with_due", "n_overdue"))
    n_new = int(told["n_new"].sum())
    show(build_cards([
        Card(t("staffing.card_filled"), write_count(sums["n_posts"] - sums["n_vacant"]),
             notes=(t("staffing.of_posts", n=write_count(sums["n_posts"])),)),
        Card(t("staffing.card_vacant"), write_count(sums["n_vacant"]), notes=(
            t("staffing.vacant_share", share=write_share(sums["vacant_days"], sums["post_days"]), weeks=n_weeks),
            t("staffing.vacant_days", n=write_count(sums["vacant_days"]), of=write_count(sums["post_days"])))),
        Card(t("staffing.card_bare"), write_count(sums["n_bare"]),
             notes=(t("staffing.of_grids", n=write_count(sums["n_grids"])),)),
        Card(t("staffing.card_open"), write_count(n_open) if found.has_closings else NOTHING, notes=(
            t("staffing.no_closings") if not found.has_closings else
            t("staffing.overdue_of", n=write_count(n_late), of=write_count(n_due)), *covered)),
        Card(t("staffing.card_new"), write_count(round(n_new / n_weeks)), notes=(
            t("staffing.new_of", n=write_count(n_new), weeks=n_weeks), *covered), spark=_add_weeks(told["by_week"])),
        Card(t("staffing.card_median"), NOTHING if found.median is None else write_load(found.median), notes=(
            t("staffing.median_of", posts=POSTS, n=found.n_compared, level=term("level", found.level)),)),
    ]))


def _cover(n_told: int, n: int, found: Staffing) -> tuple[str, ...]:
    """Say for how many districts the numbers of incidents are, where not for all."""
    return () if n_told == n else (t("staffing.covered", n=n_told, of=n, level=term("level", found.level)),)


def _add_weeks(by_week: "pd.Series[object]") -> Sequence[float]:
    lists = [one for one in by_week if isinstance(one, list)]
    return [float(sum(week)) for week in zip(*lists, strict=True)]
