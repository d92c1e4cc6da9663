"""Judging a pair: which one stays, why, and what became of it; and the last judgements, to be taken back."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from govdesk.actions.merge_incidents import Judged, MergeRefusedError, keep_apart, merge_incidents, undo_verdict
from govdesk.queries.duplicate_verdicts import list_verdicts
from govdesk.queries.likely_duplicates import Proposal
from govdesk.rules.record_checks import LONGEST_SUMMARY
from govdesk.storage.engine import get_engine
from govdesk.terms import Role
from govdesk.ui import session
from govdesk.ui.cards import build_notice, build_panel_title
from govdesk.ui.duplicate_pair import SideView, choose_staying
from govdesk.ui.formats import is_known, write_instant
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import Html, address, clean_text, join, link, show, tag
from govdesk.ui.sending import send
from govdesk.ui.setting import Setting

FORM = "duplicates"
#: Judgements shown, each with its button.
SHOWN = 8


def draw_outcome() -> bool:
    """Say once what became of the last judgement; return whether there was one."""
    sent = session.find_sent(FORM)
    if not isinstance(sent, tuple):
        return False
    words, is_masked = sent
    show(build_notice(words))
    if is_masked:
        show(build_notice(t("duplicates.done_masked"), is_warning=True))
    session.renew_form(FORM)
    return True


def draw_meanwhile(setting: Setting, pair: tuple[int, ...]) -> None:
    """Say who judged the pair that was on the screen: a click on it found another pair there, and wrote nothing."""
    for row in load(list_verdicts, setting.scope, 200).to_dict("records"):
        if {row["incident_id"], row["other_id"]} & set(pair) and not is_known(row["undone_at"]):
            said = t(f"duplicates.said_{row['verdict']}", ref=row["incident_ref"], other=row["other_ref"])
            show(build_notice(t("duplicates.meanwhile", said=clean_text(said), post=name_post(row["post"]),
                                at=write_instant(row["at"])), is_warning=True))
            return


def draw_form(setting: Setting, proposal: Proposal, pair: tuple[SideView, SideView]) -> None:
    """Draw which one stays, the reason and the three answers; what writes needs Shift: a stray key judges nothing."""
    key = f"{proposal.one}_{proposal.other}"
    refs = [side.facts.source_ref for side in pair]
    numbers = [side.facts.id for side in pair]
    kept = st.radio(t("duplicates.staying"), [0, 1], index=choose_staying(pair), key=f"stays_{key}",
                    format_func=lambda at: t(f"duplicates.stays_{'ab'[at]}", ref=clean_text(refs[at])))
    at = int(kept or 0)
    reason = st.text_input(t("duplicates.reason"), key=f"reason_{key}", max_chars=LONGEST_SUMMARY,
                           help=t("duplicates.reason_help")) or ""
    if st.button(t("duplicates.merge"), type="primary", key=f"merge_{key}", shortcut="shift+m", width="stretch"):
        _send(lambda: merge_incidents(get_engine(), by=setting.scope, incident_id=numbers[1 - at],
                                      into_id=numbers[at], reason=reason),
              t("duplicates.done_merged", ref=refs[1 - at], into=refs[at]))
    if st.button(t("duplicates.different"), key=f"apart_{key}", shortcut="shift+d", width="stretch"):
        _send(lambda: keep_apart(get_engine(), by=setting.scope, incident_id=numbers[0], other_id=numbers[1],
                                 reason=reason), t("duplicates.done_different", ref=refs[0], other=refs[1]))
    st.button(t("duplicates.later"), key=f"later_{key}", shortcut="l", width="stretch", type="tertiary",
              on_click=session.set_aside, args=(FORM, (proposal.one, proposal.other)))


def _send(act: Callable[[], Judged], words: str) -> None:
    send(FORM, lambda: _name_posts(act), "duplicates", keep=lambda done: (words, done.is_masked))


def _name_posts(act: Callable[[], Judged]) -> Judged:
    """Run an action; where somebody was there first, name the post in the words of the screen."""
    try:
        return act()
    except MergeRefusedError as error:
        raise MergeRefusedError([replace(one, values=tuple(
            (name, name_post(value)) if name == "by" else (name, value) for name, value in one.values))
            for one in error.problems]) from error


def name_post(title: object) -> str:
    """Return a post's title; the first local accounts are titled by their role."""
    return t(f"term.role_{title}") if title in list(Role) else clean_text(title)


def parse_verdict(text: str) -> int:
    """Parse the number of a judgement in an address.

    Raises
    ------
    ValueError
        When it is none.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise ValueError(text)
    return int(text)


def draw_verdicts(setting: Setting) -> None:
    """Draw the last judgements; one that a link names stands first."""
    rows = load(list_verdicts, setting.scope, 200)
    show(build_panel_title(t("duplicates.verdicts"), t("duplicates.verdicts_note")))
    if rows.empty:
        show(tag("p", t("duplicates.verdicts_empty"), class_="gd-empty"))
        return
    wanted = session.read_param("verdict", parse_verdict, None)
    records = sorted(rows.to_dict("records"), key=lambda row: row["id"] != wanted)
    for row in records[:SHOWN]:
        left, right = st.columns([6, 1], vertical_alignment="center")
        with left:
            show(_build_verdict(row, is_wanted=row["id"] == wanted))
        if not is_known(row["undone_at"]):
            with right:
                if st.button(t("duplicates.undo"), key=f"undo_{row['id']}", width="stretch"):
                    _send(lambda number=row["id"]: undo_verdict(  # type: ignore[misc]
                        get_engine(), by=setting.scope, verdict_id=number),
                        t("duplicates.done_undone", ref=row["incident_ref"], other=row["other_ref"]))
    if len(records) > SHOWN:
        show(tag("p", t("duplicates.verdicts_more", n=SHOWN, total=len(records)), class_="gd-muted gd-small"))


def _build_verdict(row: dict[str, Any], *, is_wanted: bool) -> Html:
    one, other = (link(row[f"{name}_ref"], address("/incident", id=row[f"{name}_id"]))
                  for name in ("incident", "other"))
    before, _, rest = t(f"duplicates.said_{row['verdict']}", ref="\n", other="\r").partition("\n")
    between, _, after = rest.partition("\r")
    said = join([before, one, between, other, after])
    who = t("duplicates.by", post=name_post(row["post"]), at=write_instant(row["at"]))
    undone = None
    if is_known(row["undone_at"]):
        said = tag("del", said)
        undone = tag("span", " " + t("duplicates.undone", post=name_post(row["undone_post"]),
                                     at=write_instant(row["undone_at"])))
    reason = tag("div", t("duplicates.reason_said", reason=clean_text(row["reason"])),
                 class_="gd-small") if row["reason"] else None
    return tag("div", said, tag("div", who, undone, class_="gd-muted gd-small"), reason,
               class_="gd-notice" if is_wanted else None)
