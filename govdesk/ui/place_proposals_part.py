"""Names of a file that match no place, each with its proposals: somebody chooses, and the choice is remembered."""

from collections.abc import Sequence
from hashlib import sha256

import pandas as pd
import streamlit as st

from govdesk.actions.place_aliases import AliasesKept, NewAlias, accept_aliases
from govdesk.clock import today
from govdesk.ingest.place_names import tidy
from govdesk.ingest.place_proposals import Candidate, PlaceProposal, PlacesSeen
from govdesk.queries.places import list_places
from govdesk.rules.access import allows
from govdesk.storage.engine import get_engine
from govdesk.terms import LEVELS
from govdesk.ui import session
from govdesk.ui.cards import build_notice, build_panel_title
from govdesk.ui.formats import write_term
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import Html, clean_text, show, tag
from govdesk.ui.sending import send
from govdesk.ui.setting import Setting
from govdesk.ui.tables import Column, draw_table

FORM = "place_aliases"
_TOLD = "place_aliases_told"
#: Names drawn at once: those with most rows first.
MOST_DRAWN = 10
#: Places that fit into one box; of more, some letters are asked first.
_MOST_IN_BOX = 2_000
#: Townships of which the file says nothing that are named.
_MOST_NAMED = 8
_ANOTHER, _LEAVE = "another", "leave"


def draw_place_proposals(setting: Setting, proposals: Sequence[PlaceProposal]) -> bool:
    """Draw the names that match no place, with what they may mean.

    Parameters
    ----------
    setting : Setting
        Who looks.
    proposals : sequence of PlaceProposal
        Of the last dry run (``PlaceProposal.from_json`` of a stored report's ``place_proposals``).

    Returns
    -------
    bool
        True once after aliases were accepted: the caller repeats the dry run.
    """
    is_new = _draw_told()
    if not proposals:
        return is_new
    ordered = sorted(proposals, key=lambda one: -one.n_rows)
    show(build_panel_title(t("place_aliases.title")))
    show(tag("p", t("place_aliases.intro", n=len(ordered), rows=sum(one.n_rows for one in ordered))))
    is_allowed = allows(setting.scope, "accept_alias")
    if not is_allowed:
        show(build_notice(t("place_aliases.refused", role=t(f"term.role_{setting.scope.role}"))))
    chosen = [alias for one in ordered[:MOST_DRAWN] if (alias := _draw_one(setting, one, is_allowed=is_allowed))]
    if len(ordered) > MOST_DRAWN:
        show(tag("p", t("place_aliases.limited_shown", n=MOST_DRAWN, total=len(ordered)), class_="gd-muted gd-small"))
    if is_allowed:
        _draw_button(setting, chosen)
    return is_new


def build_places_seen(seen: PlacesSeen, words: str) -> Html:
    """Return the sentence that says how much of the register a file speaks of, and which townships it leaves out."""
    level = write_term("level", seen.level, words)
    parts = [t("place_aliases.seen", n=f"{seen.n_in_file:,}", known=f"{seen.n_known:,}", level=level)]
    if seen.townships_without:
        names = t("place_aliases.comma").join(clean_text(name, 20) for _, name in seen.townships_without[:_MOST_NAMED])
        key = "seen_without" if len(seen.townships_without) <= _MOST_NAMED else "seen_without_more"
        parts.append(t(f"place_aliases.{key}", n=len(seen.townships_without), names=names))
    return tag("p", " ".join(parts), class_="gd-muted")


def draw_absent(setting: Setting, seen: PlacesSeen) -> None:
    """Draw the places that the file does not name, by the place above them; nothing where it names all."""
    n_absent = seen.n_known - seen.n_in_file
    if not seen.absent:
        return
    level = write_term("level", seen.level, setting.words)
    rows = pd.DataFrame(seen.absent, columns=["parent", "name"])
    by_parent = rows.groupby("parent", sort=False)["name"].agg(
        n="size", names=lambda names: t("place_aliases.comma").join(names)).reset_index()
    with st.expander(t("place_aliases.absent", n=f"{n_absent:,}", level=level)):
        show(tag("p", t("place_aliases.absent_meaning"), class_="gd-muted gd-small"))
        draw_table(by_parent, (
            Column("parent", t("place_aliases.absent_parent")), Column("n", t("place_aliases.absent_n"), "count"),
            Column("names", t("place_aliases.absent_names"))), export_name="import_absent_places", empty="",
            note=setting.note(t("place_aliases.absent", n=f"{n_absent:,}", level=level),
                              t("place_aliases.absent_meaning")))
        if n_absent > len(seen.absent):
            show(tag("p", t("place_aliases.absent_first", n=f"{len(seen.absent):,}"), class_="gd-muted gd-small"))


def _draw_told() -> bool:
    """Say what was accepted, in the run after it and in the one after the caller's dry run."""
    done, told = session.find_sent(FORM), session.find_sent(_TOLD)
    kept = done if isinstance(done, AliasesKept) else told
    if isinstance(kept, AliasesKept):
        key = "accepted_repeated" if kept.n_repeated else "accepted"
        show(build_notice(t(f"place_aliases.{key}", n=len(kept.ids), repeated=kept.n_repeated)))
    session.renew_form(_TOLD)
    if not isinstance(done, AliasesKept):
        return False
    session.renew_form(FORM)
    session.keep_sent(_TOLD, done)
    return True


def _draw_one(setting: Setting, proposal: PlaceProposal, *, is_allowed: bool) -> NewAlias | None:
    """Draw one name; return the alias that was chosen for it."""
    with st.container(border=True):
        left, right = st.columns([2, 3])
        with left:
            show(_describe(setting, proposal))
        with right:
            if not proposal.can_choose:
                show(_list(proposal.candidates))
                show(tag("p", t("place_aliases.same_name"), class_="gd-small"))
                return None
            if not is_allowed:
                show(_list(proposal.candidates))
                return None
            code = _choose(setting, proposal)
    return None if code is None else NewAlias(proposal.text, code, proposal.parent_code)


def _describe(setting: Setting, proposal: PlaceProposal) -> Html:
    above = clean_text(proposal.parent_text, 40)
    where = t("place_aliases.of_parent", parent=above) if above else t("place_aliases.written")
    sheet = "" if proposal.sheet is None else clean_text(proposal.sheet, 30)
    rows = t("place_aliases.rows_sheet" if sheet else "place_aliases.rows", n=proposal.n_rows,
             line=proposal.first_line, sheet=sheet)
    level = None if proposal.level == "village" else t(
        "place_aliases.level_is", level=write_term("level", proposal.level, setting.words))
    return tag("div", tag("div", where, class_="gd-muted gd-small"), tag("strong", clean_text(proposal.text, 60)),
               tag("div", rows, class_="gd-muted gd-small"),
               tag("div", level, class_="gd-muted gd-small") if level else None)


def _list(candidates: Sequence[Candidate]) -> Html:
    if not candidates:
        return tag("p", t("place_aliases.none_near"), class_="gd-muted")
    return tag("ul", *(tag("li", _name(one)) for one in candidates))


def _name(candidate: Candidate) -> str:
    why = t(f"place_aliases.why_{candidate.why}")
    name = clean_text(candidate.name, 40)
    if not candidate.township:
        return t("place_aliases.candidate_top", name=name, why=why)
    return t("place_aliases.candidate", name=name, township=clean_text(candidate.township, 30), why=why)


def _choose(setting: Setting, proposal: PlaceProposal) -> str | None:
    """Draw the choice for one name; leaving it rejected is what stands chosen first."""
    names = {one.code: _plain(_name(one)) for one in proposal.candidates}
    names |= {_ANOTHER: t("place_aliases.another"), _LEAVE: t("place_aliases.leave")}
    key = "alias_" + sha256("\0".join((proposal.level, proposal.parent_text, proposal.text)).encode()).hexdigest()[:12]
    if not proposal.candidates:
        show(tag("p", t("place_aliases.none_near"), class_="gd-muted gd-small"))
    found = st.radio(t("place_aliases.which"), list(names), index=len(names) - 1, key=key,
                     format_func=lambda code: names.get(code, code), label_visibility="collapsed")
    if found == _ANOTHER:
        return _choose_other(setting, proposal.level, key)
    return None if found in (_LEAVE, None) else str(found)


def _choose_other(setting: Setting, level: str, key: str) -> str | None:
    labels = _label_places(setting, level)
    if len(labels) > _MOST_IN_BOX:
        typed = tidy(st.text_input(t("place_aliases.choose_other"), key=f"{key}_typed") or "")
        labels = {code: name for code, name in labels.items() if typed and typed in tidy(name)}
    shown = list(labels)[:_MOST_IN_BOX]
    found = st.selectbox(t("place_aliases.choose_other"), shown, index=None, key=f"{key}_other",
                         format_func=lambda code: labels.get(code, code), placeholder=t("frame.choose"),
                         label_visibility="collapsed")
    return None if found is None else str(found)


def _label_places(setting: Setting, level: str) -> dict[str, str]:
    """Return the names of a level's places, with what each lies in, by code."""
    on = today()
    above: dict[str, str] = {}
    for wider in LEVELS:
        if wider.value == level:
            break
        places = load(list_places, setting.scope, wider.value, on)
        above |= dict(zip(places["code"], places["name"], strict=True))
    places = load(list_places, setting.scope, level, on)
    return {
        str(code): clean_text(t("place_aliases.place_in", name=name, township=above[parent])
                              if not pd.isna(parent) and parent in above else name, 80)
        for code, name, parent in zip(places["code"], places["name"], places["parent_code"], strict=True)
    }


def _plain(text: str) -> str:
    """Return a label that a radio button does not take for Markdown."""
    return "".join(f"\\{char}" if char in "\\`*_{}[]()<>#+-!|$~:" else char for char in clean_text(text, 120))


def _draw_button(setting: Setting, chosen: Sequence[NewAlias]) -> None:
    left, right = st.columns([1, 2], vertical_alignment="center")
    with left:
        label = t("place_aliases.accept", n=len(chosen)) if chosen else t("place_aliases.accept_none")
        is_sent = st.button(label, type="primary", key="aliases_accept", disabled=not chosen, width="stretch")
    with right:
        show(tag("p", t("place_aliases.accept_note"), class_="gd-muted gd-small"))
    if is_sent:
        send(FORM, lambda: accept_aliases(get_engine(), by=setting.scope, aliases=list(chosen)), "place_aliases")
