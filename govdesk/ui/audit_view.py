"""The parts of the page of the audit: what the address asks for, the state of the chain, entries, exports."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from govdesk.actions.seal_audit import Verdict, verify_audit
from govdesk.clock import day_start, local_day, today, zone
from govdesk.queries.audit_log import (
    MOST_COUNTED,
    MOST_EXPORTED,
    AuditFilter,
    AuditLine,
    AuditPage,
    ChainState,
    Edge,
    count_audit_events,
    list_audit_accounts,
    list_audit_events,
    read_chain_state,
)
from govdesk.rules.access import ALLOWED, SYSTEM
from govdesk.rules.audit_words import NOTED, SUBJECTS
from govdesk.rules.export_purposes import OFFERED, REFUSED
from govdesk.settings import get_settings
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.terms import SignInMethod
from govdesk.ui import session
from govdesk.ui.cards import build_notice, build_panel_title
from govdesk.ui.downloads import draw_downloads
from govdesk.ui.formats import write_count, write_day, write_instant
from govdesk.ui.i18n import t
from govdesk.ui.markup import clean_text, show, tag
from govdesk.ui.posts import name_post
from govdesk.ui.setting import Setting
from govdesk.ui.tables import Column, build_table

#: Days that are shown unless the address says otherwise.
DAYS = 30
_SHOWN_FAULTS = 10
_VERDICT = "audit_verdict"


@dataclass(frozen=True, slots=True)
class Choice:
    """What the address asks for; days are the county's, both included."""

    since: date
    until: date
    by: str | None
    action: str | None
    subject: str | None
    key: str | None
    only_refused: bool
    edge: Edge | None

    def as_filter(self) -> AuditFilter:
        """Return it as the query takes it."""
        return AuditFilter(
            int(day_start(self.since).timestamp()), int(day_start(self.until + timedelta(days=1)).timestamp()),
            self.by, self.action, self.subject, self.key, self.only_refused)


@dataclass(frozen=True, slots=True)
class View:
    """What is shown; read anew at each run, for the audit grows without any version growing."""

    setting: Setting
    choice: Choice
    page: AuditPage
    n: int
    chain: ChainState
    accounts: tuple[tuple[str, str], ...]


def read_view(setting: Setting) -> View:
    """Return what the address asks for, and what there is of it."""
    with read_transaction(get_engine()) as connection:
        accounts = list_audit_accounts(connection, setting.scope)
        choice = _read_choice(tuple(code for code, _ in accounts))
        wanted = choice.as_filter()
        return View(
            setting, choice, list_audit_events(connection, setting.scope, wanted, choice.edge),
            count_audit_events(connection, setting.scope, wanted), read_chain_state(connection, setting.scope),
            accounts)


def _read_choice(accounts: tuple[str, ...]) -> Choice:
    until = session.read_param("until", date.fromisoformat, today())
    since = session.read_param("since", date.fromisoformat, until - timedelta(days=DAYS - 1))
    known = (*accounts, SYSTEM.account, "nobody")
    return Choice(
        min(since, until), max(since, until),
        session.read_param("by", session.one_of(*known), None),
        session.read_param("action", session.one_of(*ALLOWED, *NOTED), None),
        session.read_param("subject", session.one_of(*SUBJECTS), None),
        session.read_param("key", _parse_key, None),
        session.read_param("refused", session.one_of("1"), "") == "1",
        session.read_param("edge", _parse_edge, None))


def _parse_key(text: str) -> str:
    if len(text) > 130 or not text.isprintable():
        raise ValueError(text)
    return text


def _parse_edge(text: str) -> Edge:
    side, at, number = text.split(".")
    if side not in ("o", "n") or not (at.isascii() and at.isdigit() and number.isascii() and number.isdigit()) or (
            len(at) > 12 or len(number) > 15):
        raise ValueError(text)
    return Edge(int(at), int(number), is_newer=side == "n")


def name_account(code: str, title: str | None) -> str:
    """Return who it was: the post of an account, the product itself, or nobody."""
    if code in (SYSTEM.account, "nobody"):
        return t(f"audit.by_{code}")
    return code if title is None else name_post(title)


def name_word(group: str, code: str) -> str:
    """Return the word for an action or a subject: of a page its title, of what has no word yet the code."""
    for word in (f"audit.{group}_{code}", f"{code}.title"):
        with suppress(KeyError):
            return t(word)
    return clean_text(code, 40)


def draw_chain(view: View) -> None:
    """Draw how the chain of seals stands, and the button that looks now."""
    chain = view.chain
    state = "unchecked" if chain.n_faults is None else "faulty" if chain.n_faults else "ok"
    checked = t("audit.checked_never") if chain.checked_at is None else t(
        "audit.checked", at=write_instant(chain.checked_at), by=name_account(chain.checked_by or "", chain.checked_by))
    days = get_settings().audit_days
    kept = t("audit.kept_all") if chain.kept_from is None else t("audit.kept_from", day=local_day(chain.kept_from))
    left, right = st.columns([5, 1], vertical_alignment="center")
    with left:
        sentence = t(f"audit.chain_{state}", n=chain.n_faults or 0)
        show(build_notice(f"{sentence} · {checked}", is_warning=state == "faulty"))
    with right:
        if st.button(t("audit.check_now"), key="audit_check", icon=":material/fact_check:", width="stretch"):
            _check(view)
    sealed = t("audit.sealed_none") if chain.sealed_at is None else t(
        "audit.sealed_note", at=write_instant(chain.sealed_at), n=write_count(chain.last_block),
        seal=chain.last_seal[:12])
    facts = (("sealed", sealed), ("open", t("audit.open_note", n=write_count(chain.n_open))),
             ("kept", t("audit.kept_days", days=days, kept=kept)))
    lines = (t("audit.pair", name=t(f"audit.{name}"), value=value) for name, value in facts)
    show(tag("div", *(tag("p", line, class_="gd-muted gd-small") for line in lines)))
    _draw_faults()


def _check(view: View) -> None:
    with st.spinner(t("audit.checking")):
        st.session_state[_VERDICT] = verify_audit(get_engine(), by=view.setting.scope)
    st.rerun()


def _draw_faults() -> None:
    """Draw what the last look of this session found."""
    verdict = st.session_state.get(_VERDICT)
    if isinstance(verdict, Verdict) and verdict.faults:
        lines = [t(f"audit.fault_{fault.kind}", block=fault.block, event=fault.event)
                 for fault in verdict.faults[:_SHOWN_FAULTS]]
        show(tag("div", tag("ul", *(tag("li", line) for line in lines)), class_="gd-notice gd-warn", role="alert"))


def draw_filters(view: View) -> None:
    """Draw the filters; a change goes into the address, and to the newest page."""
    choice = view.choice
    titles = {code: f"{name_post(title)} · {code}" for code, title in view.accounts}
    titles |= {code: t(f"audit.by_{code}") for code in (SYSTEM.account, "nobody")}
    columns = st.columns([2, 2, 3, 3, 3, 2, 2], vertical_alignment="bottom")
    with columns[0]:
        since = st.date_input(t("audit.from_day"), value=choice.since, format="YYYY-MM-DD", key="audit_since")
    with columns[1]:
        until = st.date_input(t("audit.until_day"), value=choice.until, format="YYYY-MM-DD", key="audit_until")
    with columns[2]:
        by = _choose("by", tuple(titles), choice.by, titles)
    with columns[3]:
        action = _choose("action", *_sorted("action", (*ALLOWED, *NOTED), choice.action))
    with columns[4]:
        subject = _choose("subject", *_sorted("subject", SUBJECTS, choice.subject))
    with columns[5]:
        key = st.text_input(t("audit.key"), value=choice.key or "", max_chars=130, key="audit_key",
                            help=t("audit.key_help")).strip() or None
    with columns[6]:
        refused = st.checkbox(t("audit.only_refused"), value=choice.only_refused, key="audit_refused")
    asked = (since, until, by, action, subject, key, refused)
    if isinstance(since, date) and isinstance(until, date) and asked != (
            choice.since, choice.until, choice.by, choice.action, choice.subject, choice.key, choice.only_refused):
        session.write_params(since=since.isoformat(), until=until.isoformat(), by=by, action=action, subject=subject,
                             key=key, refused="1" if refused else None, edge=None)
        st.rerun()


def _sorted(group: str, codes: tuple[str, ...], now: str | None) -> tuple[tuple[str, ...], str | None, dict[str, str]]:
    words = {code: name_word(group, code) for code in codes}
    return tuple(sorted(words, key=lambda code: words[code])), now, words


def _choose(name: str, codes: tuple[str, ...], now: str | None, words: dict[str, str]) -> str | None:
    found = st.selectbox(t(f"audit.{name}"), codes, index=codes.index(now) if now in codes else None,
                         key=f"audit_{name}", format_func=lambda code: words.get(code, code),
                         placeholder=t("audit.all"))
    return None if found is None else str(found)


def draw_entries(view: View) -> None:
    """Draw one page of entries, the way to the others, and the exports."""
    n = t("audit.n_more", n=write_count(MOST_COUNTED)) if view.n > MOST_COUNTED else t(
        "audit.n_entries", n=write_count(view.n))
    show(build_panel_title(t("audit.entries"), n))
    if not view.page.lines:
        show(tag("p", t("audit.none"), class_="gd-empty"))
        return
    show(build_table(describe(view.page.lines), _columns(), view.setting.words))
    _draw_pager(view)
    draw_downloads(lambda: _read_all(view), _export_columns(), name="audit_log", note=view.setting.note(
        t("audit.title"), _describe_filters(view)))
    if view.n > MOST_COUNTED:
        show(tag("p", t("audit.exported_most", n=write_count(MOST_EXPORTED)), class_="gd-muted gd-small"))


def describe(lines: tuple[AuditLine, ...]) -> pd.DataFrame:
    """Return entries in words: number, at, time, who, account, did, about, key, address, result, detail (all text)."""
    return pd.DataFrame([{
        "number": str(line.id), "at": f"{line.at.astimezone(zone()):%Y-%m-%d %H:%M:%S}",
        "time": f"{line.at.astimezone(zone()):%H:%M:%S}",
        "who": name_account(line.by, line.title), "account": line.by, "did": name_word("action", line.action),
        "about": name_word("subject", line.subject), "key": line.subject_key or "",
        "address": line.address or t("audit.address_local"),
        "result": t("audit.denied") if line.is_refused else t("audit.allowed"), "detail": _write_detail(line.detail),
    } for line in lines])


def _write_detail(text: str) -> str:
    """Return the JSON of an entry as ``name: value``, one after the other."""
    try:
        found = json.loads(text)
    except ValueError:
        return clean_text(text, 300)
    pairs = found.items() if isinstance(found, dict) else [("", found)]
    written = (t("audit.pair", name=name_word("detail", name), value=_write_detail_value(name, value))
               for name, value in pairs if value not in (None, "", [], {}))
    return clean_text(" · ".join(written), 300)


def _write_detail_value(name: str, value: object) -> str:
    """Return a value in words: a list one after the other, a table as ``name value``."""
    if isinstance(value, bool):
        return t("audit.value_yes" if value else "audit.value_no")
    if isinstance(value, dict):
        return t("audit.between").join(f"{key} {_write_detail_value('', one)}" for key, one in value.items())
    if isinstance(value, list):
        return t("audit.between").join(_write_detail_value("", one) for one in value)
    if name == "method" and value in set(SignInMethod):
        return t(f"sign_in.method_{value}")
    if name == "purpose" and value in (*OFFERED, *REFUSED):
        return t(f"purpose.name_{value}")
    return name_word("reason", str(value)) if name == "reason" else str(value)


def _columns() -> tuple[Column, ...]:
    def code(row: Mapping[str, Any]) -> str | None:
        return row["account"] if row["account"] not in (row["who"], SYSTEM.account, "nobody") else None

    return (
        Column("time", t("audit.at"), muted=lambda row: row["at"][:10], is_whole=True),
        Column("who", t("audit.by"), muted=code, is_whole=True), Column("did", t("audit.action"), is_whole=True),
        Column("about", t("audit.subject"), muted=lambda row: clean_text(row["key"], 60) or None),
        Column("result", t("audit.result"), is_whole=True),
        Column("address", t("audit.address"), is_narrow=False, is_whole=True),
        Column("detail", t("audit.detail"), is_narrow=False),
    )


def _export_columns() -> tuple[Column, ...]:
    names = (("number", "number"), ("at", "at"), ("who", "by"), ("account", "by"), ("did", "action"),
             ("about", "subject"), ("key", "key"), ("address", "address"), ("result", "result"), ("detail", "detail"))
    return tuple(Column(key, t(f"audit.{word}")) for key, word in names)


def _draw_pager(view: View) -> None:
    lines = view.page.lines
    with st.container(horizontal=True, horizontal_alignment="center", vertical_alignment="center"):
        st.button(t("audit.newest"), key="audit_newest", disabled=view.choice.edge is None, on_click=_go)
        st.button(t("audit.newer"), key="audit_newer", disabled=not view.page.has_newer, on_click=_go,
                  args=(f"n.{lines[0].seconds}.{lines[0].id}",))
        st.button(t("audit.older"), key="audit_older", disabled=not view.page.has_older, on_click=_go,
                  args=(f"o.{lines[-1].seconds}.{lines[-1].id}",))


def _go(edge: str | None = None) -> None:
    session.write_params(edge=edge)


def _read_all(view: View) -> pd.DataFrame:
    with read_transaction(get_engine()) as connection:
        found = list_audit_events(connection, view.setting.scope, view.choice.as_filter(), limit=MOST_EXPORTED)
    return describe(found.lines)


def _describe_filters(view: View) -> str:
    choice = view.choice
    parts = [
        choice.by, name_word("action", choice.action) if choice.action else None,
        name_word("subject", choice.subject) if choice.subject else None, choice.key,
        t("audit.only_refused") if choice.only_refused else None]
    rest = " · ".join(clean_text(part, 40) for part in parts if part) or t("audit.all")
    return t("audit.filters", from_day=write_day(choice.since), until_day=write_day(choice.until), rest=rest)
