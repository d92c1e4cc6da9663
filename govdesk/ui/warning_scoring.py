"""The weekly scoring by button, for those who may: progress, what became of it, and when it was done last."""

import logging

import streamlit as st

from govdesk.actions.scoring import score_villages
from govdesk.actions.training import TooLittleDataError
from govdesk.clock import today
from govdesk.queries.accounts import list_active_accounts
from govdesk.queries.risk_panel import read_last_as_of
from govdesk.queries.risk_runs import StoredRun
from govdesk.rules.access import SYSTEM, allows
from govdesk.storage.engine import get_engine
from govdesk.ui.cards import build_notice, build_panel_title
from govdesk.ui.formats import write_instant
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load_common
from govdesk.ui.markup import show, tag
from govdesk.ui.posts import name_post
from govdesk.ui.setting import Setting

log = logging.getLogger("govdesk.ui")

_DONE = "_warning_scored"


def draw_scoring(setting: Setting, run: StoredRun | None) -> None:
    """Draw when villages were scored last, and the button for accounts that may score."""
    show(build_panel_title(t("warning.score_title")))
    if run is not None:
        show(tag("p", t("warning.score_last", as_of=run.as_of, at=write_instant(run.at), by=_name_account(run.by),
                        by_what=t(f"warning.score_by_{run.ranked_by}")), class_="gd-small"))
    done = st.session_state.pop(_DONE, None)
    if done is not None:
        show(build_notice(done))
    if not allows(setting.scope, "score_villages"):
        show(tag("p", t("warning.score_may_not", role=t(f"term.role_{setting.scope.role}")),
                 class_="gd-muted gd-small"))
    elif st.button(t("warning.score_button"), key="warning_score", help=t("warning.score_help")):
        _score(setting)


def _score(setting: Setting) -> None:
    """Score with a bar; the page is drawn anew when it is done."""
    bar = st.progress(0.0, text=t("warning.score_running", part=t("warning.score_part_read")))

    def tell(part: str, share: float) -> None:
        bar.progress(min(max(share, 0.0), 1.0), text=t("warning.score_running", part=_name_part(part)))

    try:
        # Where records ended long ago: the last week they can tell of, as the command does.
        as_of = load_common(read_last_as_of, today())
        found = score_villages(get_engine(), by=setting.scope, as_of=as_of, commit=True, progress=tell)
    except TooLittleDataError:
        bar.empty()
        show(build_notice(t("warning.score_too_little", why=t("warning.score_too_little_why")), is_warning=True))
    except Exception:
        # One transaction: nothing was written.
        log.exception("scoring failed")
        bar.empty()
        show(build_notice(t("warning.score_failed"), is_warning=True))
    else:
        key = "warning.score_done" if found.is_new else "warning.score_again"
        st.session_state[_DONE] = t(key, as_of=found.as_of, n=len(found.listed))
        st.rerun()


def _name_account(account: str) -> str:
    """Return the title of an account; the first local accounts are titled by their role."""
    if account == SYSTEM.account:
        return t("warning.score_by_command")
    title = next((title for code, title, *_ in load_common(list_active_accounts) if code == account), account)
    return name_post(title)


def _name_part(part: str) -> str:
    try:
        return t(f"warning.score_part_{part}")
    except KeyError:
        return part
