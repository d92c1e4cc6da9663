"""How often each part of an escalation 激化 occurs: the base rates beside whatever is said about escalations."""

from datetime import timedelta
from math import isnan

from govdesk.clock import monday_of
from govdesk.queries.escalation_definition import read_parts_now
from govdesk.queries.escalation_rates import base_rates
from govdesk.rules.escalation_parts import EscalationConfigError
from govdesk.storage.escalation_parts import read_stamp
from govdesk.terms import RATE_MINIMUM
from govdesk.ui.cards import build_notice, build_panel_title
from govdesk.ui.formats import NOTHING
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import clean_text, show, tag
from govdesk.ui.setting import Setting
from govdesk.ui.tables import Column, draw_table

#: Weeks looked at: a year, so that every season is in it.
WEEKS = 52


def draw_base_rates(setting: Setting, name: str = "base_rates") -> None:
    """Draw the base rate of each part that is on, over the last year up to the last complete week.

    Parameters
    ----------
    name : str
        ASCII name of the export and of the widgets; unique on a page.
    """
    show(build_panel_title(t("escalation.rates_title"), t("escalation.rates_note")))
    try:
        parts = load(read_parts_now, setting.scope, read_stamp()).list_on()
    except EscalationConfigError as error:
        show(build_notice(t("escalation.config_broken", why=clean_text(error)), is_warning=True))
        return
    first = max(setting.week + 1 - WEEKS, setting.week + 1 if setting.first_week is None else setting.first_week)
    rows = load(base_rates, setting.scope, parts, first, setting.week + 1).copy()
    if not rows["n_events"].sum():
        show(tag("p", t("escalation.rates_empty"), class_="gd-empty"))
    rows["name"] = [t(f"escalation.part_{part}") for part in rows["part"]]
    rows["about"] = [t(f"escalation.about_{part}") for part in rows["part"]]
    rows["rate"] = [_write_rate(row) for row in rows.to_dict("records")]
    rows["villages"] = [NOTHING if office else f"{n:,}"
                        for office, n in zip(rows["is_of_office"], rows["n_villages"], strict=True)]
    window = t("escalation.rates_window", from_day=monday_of(first), weeks=setting.week + 1 - first,
               to_day=monday_of(setting.week + 1) - timedelta(days=1),
               n=f"{int(rows['n_village_weeks'].max() if len(rows) else 0):,}")
    columns = (
        Column("name", t("escalation.rates_part"), muted=lambda row: row["about"]),
        Column("n_events", t("escalation.rates_events"), "count"),
        Column("villages", t("escalation.rates_villages"), "rate", is_narrow=False),
        Column("rate", t("escalation.rates_rate"), "rate"),
    )
    draw_table(rows, columns, export_name=name, note=setting.note(t("escalation.rates_title"), window),
               empty=t("escalation.rates_empty"))
    show(tag("p", window, class_="gd-muted gd-small"))


def _write_rate(row: dict[str, object]) -> str:
    """Return events a thousand village-weeks; of fewer than 10 the number stays a number."""
    if row["is_of_office"]:
        return t("escalation.rates_of_office")
    n, rate = int(str(row["n_events"])), float(str(row["per_1000_village_weeks"]))
    return t("escalation.rates_few", n=n) if n < RATE_MINIMUM or isnan(rate) else f"{rate:.2f}"
