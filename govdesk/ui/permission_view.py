"""The permission table in words, made from the very table that is enforced (`rules.access.ALLOWED`)."""

import pandas as pd

from govdesk.rules.access import ALLOWED, WHOLE, Scope, allows
from govdesk.terms import Role
from govdesk.ui.cards import build_facts, build_panel_title, panel
from govdesk.ui.i18n import t
from govdesk.ui.markup import clean_text, show, tag
from govdesk.ui.setting import Setting
from govdesk.ui.tables import Column, draw_table

#: Beginning of the actions that change nothing.
_READING = "view_"


def describe_actions(scope: Scope, *, reading: bool) -> pd.DataFrame:
    """Return one row an action: ``what`` in words, ``own`` (whether this account may) and one column a role.

    Parameters
    ----------
    reading : bool
        Those that only read, or those that change something.
    """
    actions = [action for action in ALLOWED if action.startswith(_READING) == reading]
    rows = []
    for action in actions:
        whole = t("permissions.whole") if action in WHOLE else ""
        row = {"what": t(f"audit.action_{action}"), "whole": whole,
               "own": t("permissions.may" if allows(scope, action) else "permissions.may_not")}
        rows.append(row | {role.value: t("permissions.yes" if role in ALLOWED[action] else "permissions.no")
                           for role in Role})
    return pd.DataFrame(rows)


def draw_own(setting: Setting) -> None:
    """Say whose account this is, and how far it sees."""
    scope = setting.scope
    with panel("permissions-own"):
        show(build_panel_title(t("permissions.own_title")))
        area = t("permissions.everything") if scope.area_code is None else t(
            "permissions.area", place=clean_text(setting.area, 60))
        show(build_facts([
            (t("permissions.account"), clean_text(scope.account, 60)),
            (t("permissions.role"), t(f"term.role_{scope.role}")),
            (t("permissions.sees"), area)]))
        show(tag("p", t("permissions.hidden"), class_="gd-muted gd-small"))


def draw_matrix(setting: Setting) -> None:
    """Draw what each role may see, and what it may do."""
    roles = tuple(Column(role.value, t(f"term.role_{role}"), is_narrow=False) for role in Role)
    columns = (Column("what", t("permissions.what"), muted=lambda row: row["whole"] or None),
               Column("own", t("permissions.this_account")), *roles)
    for name, reading in (("see", True), ("do", False)):
        with panel(f"permissions-{name}"):
            title = t(f"permissions.{name}_title")
            show(build_panel_title(title))
            draw_table(describe_actions(setting.scope, reading=reading), columns, export_name=f"permissions_{name}",
                       note=setting.note(title, ""), empty="", n_shown=len(ALLOWED))
