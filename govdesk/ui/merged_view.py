"""On the page of one incident: into what it was merged, what it has taken in, and the steps of those."""

from dataclasses import replace

import pandas as pd

from govdesk.queries.incidents import get_incident, list_mediations, list_revisits, list_steps
from govdesk.queries.post_titles import read_post_titles
from govdesk.rules.access import allows
from govdesk.ui.cards import build_panel_title, panel
from govdesk.ui.duplicate_judge import name_post
from govdesk.ui.formats import is_known, write_day, write_instant
from govdesk.ui.i18n import t
from govdesk.ui.incident_moments import collect_moments
from govdesk.ui.loaders import load, load_common
from govdesk.ui.markup import Html, address, clean_text, link, show, tag
from govdesk.ui.setting import Setting
from govdesk.ui.timeline import Moment


def collect_merged(setting: Setting, taken_in: pd.DataFrame) -> list[Moment]:
    """Return what happened to the incidents that were merged into one, each moment with the number it is from."""
    moments = []
    for number, ref in zip(taken_in["id"], taken_in["source_ref"], strict=True):
        facts = load(get_incident, setting.scope, int(number))
        if facts is None:
            continue
        found = collect_moments(
            facts, load(list_steps, setting.scope, facts.id), load(list_mediations, setting.scope, facts.id),
            load(list_revisits, setting.scope, facts.id), setting.words,
            load_common(read_post_titles))
        said = t("duplicates.from_merged", ref=clean_text(ref))
        moments += [replace(moment, details=(said, *moment.details)) for moment in found]
    return moments


def build_merger(merger: pd.DataFrame, setting: Setting) -> Html:
    """Return who merged an incident away, why, and where that can be taken back."""
    if merger.empty:
        return tag("span")
    row = merger.iloc[0]
    said = t("duplicates.taken_in_by", post=name_post(row["post"]), at=write_instant(row["at"]))
    reason = t("duplicates.reason_said", reason=clean_text(row["reason"])) if row["reason"] else None
    return tag("p", said, f" · {reason}" if reason else None, " ", _undo(int(row["verdict_id"]), setting),
               class_="gd-muted gd-small")


def _undo(verdict_id: int, setting: Setting) -> Html | None:
    if not allows(setting.scope, "merge_incidents"):
        return None
    return link(t("duplicates.undo_link"), address("/duplicates", verdict=verdict_id))


def draw_taken_in(setting: Setting, taken_in: pd.DataFrame) -> None:
    """Draw the incidents merged into one; nothing where there are none."""
    if taken_in.empty:
        return
    with panel("taken-in"):
        show(build_panel_title(t("duplicates.taken_in"), t("duplicates.taken_in_note")))
        show(tag("ul", *(_item(row, setting) for row in taken_in.to_dict("records")), class_="gd-hits"))


def _item(row: dict[str, object], setting: Setting) -> Html:
    who = t("duplicates.taken_in_by", post=name_post(row["post"]),
            at=write_instant(row["at"])) if is_known(row["verdict_id"]) else ""
    undo = _undo(int(str(row["verdict_id"])), setting) if is_known(row["verdict_id"]) else None
    return tag("li", link(row["source_ref"], address("/incident", id=row["id"])),
               tag("div", f"{write_day(row['occurred_on'])} · {who}", class_="gd-muted gd-small"), undo)
