"""Makes the files of a brief with one click and progress, and offers them."""

import streamlit as st

from govdesk.brief.carried import Carried
from govdesk.brief.make import MadeBrief, draw_brief, name_files
from govdesk.brief.pdf import BriefFailedError
from govdesk.brief.pictures import draw_maps
from govdesk.clock import now
from govdesk.rules.brief import Brief
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.ui import session
from govdesk.ui.brief_state import View, find_base_url
from govdesk.ui.cards import build_notice
from govdesk.ui.giving import offer_file
from govdesk.ui.i18n import t
from govdesk.ui.markup import show
from govdesk.ui.purpose import ask_purpose, find_purpose
from govdesk.words import say

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#: The files made last in this session, and the brief they are of.
_MADE = "_made_brief"


def draw_files(view: View) -> None:
    """Draw the button, and after it the files of exactly what is shown below."""
    made = _find_made(view.brief)
    with st.container(key="gd-brief-files", horizontal=True, vertical_alignment="center"):
        if made is None:
            if st.button(t("brief_page.make"), type="primary", key="brief_make", icon=":material/description:"):
                purpose = find_purpose()
                if purpose is None:  # it stands on every page: asked before they are set
                    ask_purpose()
                else:
                    _make(view, purpose)
            st.caption(t("brief_page.make_note"))
            return
        for name, content, kind in (("pdf", made.pdf.content, "application/pdf"), ("docx", made.docx, _DOCX)):
            offer_file(t(f"brief_page.{name}"), content, name="brief", kind=name, about=made.stem,
                       file_name=f"{made.stem}.{name}", mime=kind, key=f"brief_{name}",
                       look="primary" if name == "pdf" else "secondary")
        offer_file(t("brief_page.png"), made.zip_pictures, name="brief", kind="zip", about=made.stem,
                   file_name=f"{made.stem}_pictures.zip", mime="application/zip", key="brief_png",
                   icon=":material/image:")
        st.caption(t("brief_page.made", pages=made.pdf.n_pages))
    if view.choice.is_internal:
        show(build_notice(t("brief_page.internal_note"), is_warning=True))


def _find_made(brief: Brief) -> MadeBrief | None:
    """Return the files that were made of this very brief for the purpose that holds now, or None."""
    kept = st.session_state.get(_MADE)
    if not isinstance(kept, MadeBrief) or kept.brief != brief or kept.carried.purpose != find_purpose():
        return None
    return kept


def _make(view: View, purpose: str) -> None:
    """Make the files and keep them for this session; progress while it is done, one sentence where it fails."""
    bar = st.progress(0.0, text=say("brief.doing_pictures", view.setting.words))

    def tell(part: str, share: float) -> None:
        # What is written on the page was read already: of the whole way only the files are left.
        bar.progress(max(share - 0.75, 0.0) * 4, text=say(f"brief.doing_{part}", view.setting.words))

    who = session.who_is_in()
    carried = Carried(view.setting.scope.account if who is None else who.title, now(), purpose)
    try:
        tell("pictures", 0.8)
        with read_transaction(get_engine()) as connection:
            maps = draw_maps(connection, view.setting.scope, view.facts, view.choice.language,
                             is_internal=view.choice.is_internal)
        st.session_state[_MADE] = draw_brief(
            view.facts, view.brief, maps, carried=carried, base_url=find_base_url(), tell=tell)
    except BriefFailedError as error:
        bar.empty()
        command = f"python manage.py brief --purpose {purpose} --out var/{name_files(view.brief)}"
        show(build_notice(t("brief_page.not_made", why=str(error)[:200], command=command), is_warning=True))
        return
    st.rerun()
