"""The command line, one file a subject; `manage.py` is its entry."""

import logging
from typing import Any

import typer
from sqlalchemy.exc import SQLAlchemyError

from govdesk import logs
from govdesk.cli import (
    backtest,
    backup,
    brief,
    database,
    escalation,
    intake,
    place_aliases,
    places,
    reconciling,
    records,
    risk,
    sample,
    undo,
    webhooks,
)
from govdesk.cli.audit import audit_verify, remove_old_audit_command, seal_audit_command
from govdesk.cli.draw_flow import draw_flow_command
from govdesk.cli.photos import remove_photos
from govdesk.cli.reporting import refuse
from govdesk.cli.retention import remove_expired_command
from govdesk.cli.serve import serve
from govdesk.cli.sign_in import reset_password
from govdesk.cli.uploads import remove_uploads
from govdesk.cli.urging import urge_overdue_command
from govdesk.settings import get_settings
from govdesk.storage.trouble import explain
from govdesk.words import say


class _Calm(typer.core.TyperGroup):
    """Commands that say in one line when the database is away, busy or full; a mistake of ours stays one."""

    def invoke(self, ctx: Any) -> object:
        """Run a command; what its transaction had not committed is not there."""
        try:
            return super().invoke(ctx)
        except (SQLAlchemyError, OSError) as error:
            key = explain(error)
            if key is None:
                raise
            refuse(f"{say(f'faults.title_{key}')}。{say(f'faults.todo_{key}')} {say('faults.command_half')}")


app = typer.Typer(cls=_Calm, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
                  help="Set up, fill and serve govdesk. Nothing is written without --commit.")


@app.callback()
def begin() -> None:
    """Set up the log before any command; what went well is said by the command itself."""
    logs.set_up(get_settings().log_format, logging.WARNING)


app.command("init-db")(database.init_db)
app.command("upgrade-db")(database.upgrade_db)
app.command("rebuild-counts")(database.rebuild_counts)
app.command("find-escalations")(escalation.find_escalations_command)
app.command("draw-flow")(draw_flow_command)
app.command("urge-overdue")(urge_overdue_command)
app.command("backtest")(backtest.backtest_command)
app.command("train")(risk.train_command)
app.command("score")(risk.score_command)
app.command("brief")(brief.brief_command)
app.command("serve")(serve)
app.command("import-places")(places.import_places_command)
app.command("import-place-changes")(places.import_place_changes_command)
app.command("import-context")(places.import_context_command)
app.command("reconcile-places")(reconciling.reconcile_places_command)
app.add_typer(place_aliases.app, name="place-aliases")
for name, command in records.COMMANDS.items():
    app.command(name)(command)
app.command("remove-uploads")(remove_uploads)
app.command("add-intake-source")(intake.add_intake_source)
app.command("list-intake-sources")(intake.list_intake_sources)
app.command("retire-intake-source")(intake.retire_intake_source)
app.command("add-webhook")(webhooks.add_webhook_command)
app.command("list-webhooks")(webhooks.list_webhooks_command)
app.command("retire-webhook")(webhooks.retire_webhook_command)
app.command("deliver-webhooks")(webhooks.deliver_webhooks_command)
app.command("remove-deliveries")(webhooks.remove_deliveries_command)
app.command("audit-seal")(seal_audit_command)
app.command("audit-verify")(audit_verify)
app.command("remove-old-audit")(remove_old_audit_command)
app.command("remove-photos")(remove_photos)
app.command("remove-expired")(remove_expired_command)
app.command("backup")(backup.backup_command)
app.command("verify")(backup.verify_command)
app.command("restore")(backup.restore_command)
app.command("reset-password")(reset_password)
app.command("undo-import")(undo.undo_import_command)
app.command("make-sample")(sample.make_sample_command)
app.command("load-sample")(sample.load_sample_command)
app.command("ensure-database")(sample.ensure_database_command)
