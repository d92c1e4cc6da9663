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
    """One page: its file, its group, and the actions of which the reader must be allowed one to see it in the menu."""

    name: str
    group: str
    actions: tuple[str, ...] = ()

    @property
    def is_default(self) -> bool:
        """Whether it is what opens at ``/``."""
        return self.name == "overview"


ENTRIES = (
    Entry("overview", "look", actions=("view_overview",)),
    Entry("incident_map", "look", actions=("view_overview",)),
    Entry("village", "look", actions=("view_overview",)),
    Entry("dispute_trends", "look", actions=("view_overview",)),
    Entry("case_quality", "look", actions=("view_overview",)),
    Entry("incident", "look", actions=("view_incidents",)),
    Entry("brief", "look", actions=("view_brief",)),
    Entry("wall_screen", "look", actions=("view_wall",)),
    Entry("early_warning", "judge", actions=("view_warnings",)),
    Entry("threshold_tuning", "judge", actions=("view_thresholds",)),
    Entry("model_card", "judge", actions=("view_model_card", "object_to_score")),
    Entry("data_quality", "judge", actions=("view_data_quality",)),
    Entry("staffing", "judge", actions=("view_staffing",)),
    Entry("dispatch_board", "act", actions=("view_board",)),
    # Not `view_calls`: the wall has that for a scene of its own, and no use for the page.
    Entry("calls", "act", actions=("answer_call", "view_handover")),
    Entry("handover", "act", actions=("view_handover",)),
    Entry("visits", "act", actions=("view_visits",)),
    Entry("register", "act", actions=("register_record",)),
    Entry("data_import", "act", actions=("import_records",)),
    Entry("import_batches", "act", actions=("view_imports",)),
    Entry("duplicates", "act", actions=("merge_incidents",)),
    # For everybody: what may I see?
    Entry("permissions", "manage"),
    Entry("settings", "manage", actions=("change_settings",)),
    Entry("accounts", "manage", actions=("manage_accounts",)),
    Entry("audit_log", "manage", actions=("view_audit",)),
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
        if entry.actions and not (scope and any(allows(scope, action) for action in entry.actions))
    }
    for group, members in pages.items():
        shown = [page for page in members if page.title not in hidden]
        if shown:
            st.caption(t(f"frame.group_{group}"))
        for page in shown:
            st.page_link(page, label=page.title, width="stretch")
