"""The list of accounts: who is active, what each sees, how it signs in, when it was last used."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from govdesk.clock import real_now
from govdesk.queries.account_states import list_account_states
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.ui.cards import build_panel_title
from govdesk.ui.formats import write_instant
from govdesk.ui.i18n import t
from govdesk.ui.markup import address, clean_text, link, show, tag
from govdesk.ui.posts import name_post
from govdesk.ui.setting import Setting
from govdesk.ui.tables import Column, draw_table


def read_accounts(setting: Setting) -> pd.DataFrame:
    """Return the accounts as they are now: sign-ins change without any version of the data."""
    with read_transaction(get_engine()) as connection:
        return list_account_states(connection, setting.scope, real_now())


def draw_list(setting: Setting, accounts: pd.DataFrame) -> None:
    """Draw the accounts, the active ones first."""
    n_active, n_open = int(accounts["is_active"].sum()), int(accounts["n_open"].sum())
    show(build_panel_title(t("accounts.list_title"), t("accounts.list_note", n=len(accounts), active=n_active,
                                                       open=n_open)))
    show(tag("p", link(t("accounts.to_permissions"), address("/permissions"))))
    rows = pd.DataFrame([_write(row, is_sample=setting.is_sample) for row in accounts.to_dict("records")])
    columns = (
        Column("post", t("accounts.post"), muted=lambda row: str(row["code"])), Column("role", t("accounts.role")),
        Column("sees", t("accounts.area"), muted=lambda row: row["unit"] or None),
        Column("state", t("accounts.state")), Column("way", t("accounts.way")),
        Column("seen", t("accounts.seen")), Column("n_open", t("accounts.n_open"), kind="count"),
        Column("range", t("accounts.range"), is_narrow=False))
    title = t("accounts.list_title")
    draw_table(rows, columns, export_name="accounts", note=setting.note(title, ""), empty=t("accounts.empty"),
               n_shown=200)


def _write(row: Mapping[Any, Any], *, is_sample: bool) -> dict[str, object]:
    area = row["area_name"] or row["area_code"]
    return {
        "code": row["code"], "post": name_post(row["title"]), "role": t(f"term.role_{row['role']}"),
        "sees": t("accounts.whole") if area is None else clean_text(area, 60),
        "unit": clean_text(row["unit_name"] or row["unit_code"] or "", 60),
        "state": t("accounts.active" if row["is_active"] else "accounts.off"),
        "way": _write_way(row, is_sample=is_sample),
        "seen": t("accounts.never") if row["seen_at"] is None else write_instant(row["seen_at"]),
        "n_open": row["n_open"], "range": row["address_range"] or t("accounts.anywhere")}


def _write_way(row: Mapping[Any, Any], *, is_sample: bool) -> str:
    """Say how an account signs in: as it did last, else with what it has."""
    if row["role"] == "wall":
        return t("accounts.way_no_wall" if row["key"] == "none" else "sign_in.method_link")
    if row["key"] == "one_time":
        return t("accounts.way_one_time")
    if row["method"] is not None:
        return t(f"sign_in.method_{row['method']}")
    if row["key"] == "own":
        return t("sign_in.method_password")
    return t("accounts.way_none_sample" if is_sample else "accounts.way_none")
