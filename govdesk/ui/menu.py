"""The pages and where they stand in the menu: 看 look, 办 act, 管 manage, by what people do."""

from dataclasses import dataclass

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from govdesk.rules.access import Scope, allows
from govdesk.settings import ROOT
from govdesk.ui import session
from govdesk.ui.i18n import t

PAGES = ROOT / "pages"
_PAGES = "_pages"


@dataclass(frozen=True, slots=True)
class Entry:
    """One page: its file, its group, and the action that the reader must be allowed to see it in the menu."""

    name: str
    group: str
    action: str | None = None

    @property
    def is_default(self) -> bool:
        """Whether it is what opens at ``/``."""
        return self.name == "overview"


ENTRIES = (
    Entry("overview", "look"),
    Entry("incident_map", "look"),
    Entry("village", "look"),
    Entry("dispute_trends", "look"),
    Entry("case_quality", "look"),
    Entry("incident", "look"),
    Entry("brief", "look", action="view_brief"),
    Entry("wall_screen", "look", action="view_wall"),
    Entry("early_warning", "judge", action="view_warnings"),
    Entry("threshold_tuning", "judge", action="view_thresholds"),
    Entry("model_card", "judge"),
    Entry("data_quality", "judge", action="view_data_quality"),
    Entry("staffing", "judge", action="view_staffing"),
    Entry("dispatch_board", "act", action="view_board"),
    Entry("calls", "act", action="view_calls"),
    Entry("handover", "act", action="view_handover"),
    Entry("visits", "act", action="view_visits"),
    Entry("register", "act", action="register_record"),
    Entry("data_import", "act", action="import_records"),
    Entry("import_batches", "act", action="view_imports"),
    Entry("duplicates", "act", action="merge_incidents"),
)


def list_paths() -> list[str]:
    """Return the paths under which pages are reached, without slashes; the first page has none but ``/``."""
    return [entry.name for entry in ENTRIES if not entry.is_default]


def build_pages() -> dict[str, list[StreamlitPage]]:
    """Return the pages by group; every page stays reachable by link, permission is checked inside it.

    Kept for the session: making one asks the file system several times.
    """
    language = session.language()
    kept: dict[str, dict[str, list[StreamlitPage]]] = st.session_state.setdefault(_PAGES, {})
    if language not in kept:
        kept[language] = _make_pages()
    return kept[language]


def _make_pages() -> dict[str, list[StreamlitPage]]:
    groups: dict[str, list[StreamlitPage]] = {}
    for entry in ENTRIES:
        page = st.Page(
            PAGES / f"{entry.name}.py", title=t(f"frame.page_{entry.name}"), default=entry.is_default,
            url_path=None if entry.is_default else entry.name,
        )
        groups.setdefault(entry.group, []).append(page)
    return groups


def draw_menu(pages: dict[str, list[StreamlitPage]], scope: Scope | None) -> None:
    """Draw the groups with the pages that this reader has use for."""
    hidden = {
        t(f"frame.page_{entry.name}") for entry in ENTRIES
        if entry.action and not (scope and allows(scope, entry.action))
    }
    for group, members in pages.items():
        shown = [page for page in members if page.title not in hidden]
        if shown:
            st.caption(t(f"frame.group_{group}"))
        for page in shown:
            st.page_link(page, label=page.title, width="stretch")
