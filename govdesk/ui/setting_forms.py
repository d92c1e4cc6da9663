"""What the forms of the settings page share: which part is shown, the reason, what was seen, what became of a form."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import streamlit as st

from govdesk.actions.change_setting import LONGEST_REASON, Reason, SettingChanged
from govdesk.rules.record_checks import EARLIEST, FormRefusedError
from govdesk.ui import session
from govdesk.ui.cards import build_notice
from govdesk.ui.formats import write_day
from govdesk.ui.i18n import t
from govdesk.ui.markup import show
from govdesk.ui.sending import send

WORDS = "settings"
_SEEN = "_setting_seen"


def choose_part(parts: Sequence[str]) -> str:
    """Draw which part is shown and return it; it stands in the address."""
    asked = session.read_param("part", lambda text: text if text in parts else _refuse(text), parts[0])
    if len(parts) == 1:
        return parts[0]
    chosen = st.segmented_control(
        t("settings.part"), parts, default=asked, required=True, key="settings_part", label_visibility="collapsed",
        format_func=lambda one: t(f"settings.part_{one}"))
    session.write_params(part=chosen)
    return str(chosen)


def _refuse(text: str) -> str:
    raise ValueError(text)


def tell(form: str) -> None:
    """Say once what became of a form, and make the next one empty."""
    sent = session.find_sent(form)
    if not isinstance(sent, SettingChanged):
        return
    session.renew_form(form)
    show(build_notice(t("settings.kept_already" if sent.is_repeated else "settings.kept")))
    if sent.is_masked:
        show(build_notice(t("settings.kept_masked"), is_warning=True))


def ask_reason(key: str) -> str:
    """Draw the field of the reason, which every change needs."""
    return st.text_input(t("settings.reason"), key=f"reason_{key}", max_chars=LONGEST_REASON,
                         help=t("settings.reason_help")) or ""


def hold_seen(form: str, row: str, seen: Mapping[str, int]) -> int:
    """Return the last change of a row as it was when the form was opened: what comes in between is not overwritten."""
    held: dict[str, int] = st.session_state.setdefault(_SEEN, {})
    return held.setdefault(f"{session.form_key(form)} {row}", seen.get(row, 0))


def send_change(form: str, row: str, reason: str, was: int, act: Callable[[Reason], SettingChanged]) -> None:
    """Send a form; who is told that somebody else was first has seen it by that, and may send again."""

    def run() -> SettingChanged:
        try:
            return act(Reason(reason, was))
        except FormRefusedError as error:
            if any(one.key in ("meanwhile", "places_meanwhile") for one in error.problems):
                st.session_state.get(_SEEN, {}).pop(f"{session.form_key(form)} {row}", None)
            raise

    send(form, run, WORDS)


def choose(label: str, codes: Sequence[str], key: str, names: Callable[[str], str], start: str | None = None) -> str:
    """Draw a choice of codes under their names and return the chosen one; the first one without a start."""
    at = codes.index(start) if start in codes else 0
    found = st.selectbox(label, codes, index=at, key=key, format_func=names)
    return "" if found is None else str(found)


def write_off(day: date | None) -> str:
    """Return whether something is in use, or from when it is off."""
    return t("settings.in_use") if day is None else t("settings.off_since", day=write_day(day))


def ask_off(start: date | None, key: str, about: str | None = None) -> date | None:
    """Draw the day from which something is switched off; empty: in use."""
    found = st.date_input(t("settings.field_off_on"), value=start, min_value=EARLIEST, max_value=date(2100, 1, 1),
                          format="YYYY-MM-DD", key=f"off_{key}", help=about or t("settings.off_help"))
    return found if isinstance(found, date) else None
