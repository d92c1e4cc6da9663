"""Accounts 账号: the posts that may sign in, what each sees, and how its sign-ins are ended."""

from govdesk.rules.access import allows
from govdesk.ui import faults
from govdesk.ui.account_forms import draw_change, draw_new, draw_shown_once
from govdesk.ui.account_view import draw_list, read_accounts
from govdesk.ui.cards import panel
from govdesk.ui.header import draw_header, draw_notices
from govdesk.ui.i18n import t
from govdesk.ui.markup import show, tag
from govdesk.ui.setting import read_setting
from govdesk.ui.trail import note_page

setting = read_setting()
draw_header("accounts.title", "accounts.purpose")
if not allows(setting.scope, "manage_accounts"):
    faults.draw_refusal(t("accounts.refused", role=t(f"term.role_{setting.scope.role}")))
else:
    note_page("accounts")
    accounts = read_accounts(setting)
    draw_notices()
    draw_shown_once()
    with panel("accounts-list"):
        draw_list(setting, accounts)
    with panel("accounts-change"):
        draw_change(setting, accounts)
    with panel("accounts-new"):
        draw_new(setting)
    with panel("accounts-how"):
        show(tag("h2", t("accounts.how_title"), class_="gd-panel-title"))
        show(tag("p", t("accounts.how"), class_="gd-muted gd-small"))
