"""What an administrator sees beside every page when the nightly backup is missing or fails; nobody else needs it."""

from govdesk.actions.backup_tick import read_state
from govdesk.clock import zone
from govdesk.rules.access import Scope, allows
from govdesk.ui.cards import build_notice
from govdesk.ui.i18n import t
from govdesk.ui.markup import show


def draw_backup_notice(scope: Scope) -> None:
    """Draw it inside the caller's container; nothing when all is well."""
    if not allows(scope, "make_backup"):
        return
    state = read_state()
    if state.failed_since is None and not state.is_late:
        return
    newest = state.newest_at
    last = t("backups.newest", at=f"{newest.astimezone(zone()):%Y-%m-%d %H:%M}") if newest else t("backups.none")
    show(build_notice(t("backups.failing" if state.failed_since else "backups.late", last=last), is_warning=True))
