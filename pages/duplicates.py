"""Likely duplicates 疑似重复: two records that may be one matter, judged by somebody who reads both."""

from datetime import timedelta

import streamlit as st

from govdesk.clock import day_start
from govdesk.queries.likely_duplicates import list_likely
from govdesk.rules.access import allows
from govdesk.ui import duplicate_judge, duplicate_pair, faults, session
from govdesk.ui.cards import build_notice, build_panel_title, panel
from govdesk.ui.header import draw_header
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import show, tag
from govdesk.ui.setting import Setting, read_setting

#: Days of recording that are looked at, and pairs that are handed over at once.
DAYS, MOST = 90, 200


def draw_waiting(setting: Setting, *, has_judged: bool) -> None:
    since = setting.day - timedelta(days=DAYS)
    found = load(list_likely, setting.scope, day_start(since), MOST)
    aside = session.list_aside(duplicate_judge.FORM)
    waiting = [pair for pair in found.pairs if (pair.one, pair.other) not in aside]
    before = session.keep_shown(
        duplicate_judge.FORM, (waiting[0].one, waiting[0].other) if waiting else None)
    if before is not None and not has_judged and before not in {(pair.one, pair.other) for pair in found.pairs}:
        duplicate_judge.draw_meanwhile(setting, before)
    with panel("pairs-count"):
        words = t("duplicates.count", n=f"{found.n_pairs:,}", total=f"{found.n_recorded:,}", since=since)
        more = [t("duplicates.more", n=found.n_pairs - len(found.pairs))] if found.n_pairs > len(found.pairs) else []
        more += [t("duplicates.aside", n=len(aside))] if aside else []
        more += [t("duplicates.cut")] if found.is_cut else []
        show(tag("p", tag("strong", words), *(f" {one}" for one in more)))
        show(tag("p", t("duplicates.how"), class_="gd-muted gd-small"))
    if not waiting:
        show(build_notice(t("duplicates.none_aside" if found.pairs else "duplicates.none", days=DAYS)))
        if found.pairs:
            st.button(t("duplicates.again"), key="again", on_click=session.take_up, args=(duplicate_judge.FORM,))
        return
    pair = duplicate_pair.read_pair(setting, waiting[0])
    if pair is None:
        show(build_notice(t("duplicates.gone"), is_warning=True))
        return
    left, right = st.columns([7, 3])
    with left, panel("pair", fills=True):
        show(build_panel_title(t("duplicates.pair"), t("duplicates.pair_note")))
        show(duplicate_pair.build_pair(pair, setting, waiting[0].metres))
    with right, panel("judge", fills=True):
        show(build_panel_title(t("duplicates.why")))
        show(duplicate_pair.build_reasons(waiting[0]))
        duplicate_judge.draw_form(setting, waiting[0], pair)


setting = read_setting()
draw_header("duplicates.title", "duplicates.purpose")
if not allows(setting.scope, "merge_incidents"):
    faults.draw_refusal(t("duplicates.refused", role=t(f"term.role_{setting.scope.role}")))
elif setting.as_of is None:
    faults.draw_empty(t("duplicates.empty"), command="python manage.py import-incidents FILE --profile P.toml --commit")
else:
    draw_waiting(setting, has_judged=duplicate_judge.draw_outcome())
    with panel("verdicts"):
        duplicate_judge.draw_verdicts(setting)
