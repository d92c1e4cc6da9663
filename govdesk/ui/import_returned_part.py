"""The file to take back: with the bad cells marked, a note in each, and a sheet of reasons."""

from pathlib import Path
from tempfile import TemporaryDirectory

from govdesk.actions.import_jobs import Job
from govdesk.actions.uploads import path_of
from govdesk.clock import now, zone
from govdesk.ingest.kept_report import KeptReport, restore
from govdesk.ingest.notes import ImportReport
from govdesk.ingest.profiles import parse_profile
from govdesk.ingest.returned_workbook import ReturnOptions, write_returned_workbook
from govdesk.ingest.wanted_headers import label_headers
from govdesk.ui.giving import offer_file
from govdesk.ui.i18n import t
from govdesk.ui.import_state import View
from govdesk.ui.markup import show, tag
from govdesk.ui.tables import XLSX


def draw_returned(view: View, kept: KeptReport, job: Job | None) -> None:
    """Offer the marked workbook, made when somebody asks for it; after a restart, where every note was kept."""
    if not (kept.errors or kept.warnings) or view.upload.removed_at is not None:
        return
    report = job.report if job is not None and job.report is not None else restore(kept)
    if report is None:
        show(tag("p", t("import_page.returned_again"), class_="gd-muted gd-small"))
        return
    name = f"{Path(view.upload.file_name).stem[:60]}-{t('import_page.returned_suffix')}.xlsx"
    offer_file(t("import_page.returned"), lambda: write_returned(view, report), name="returned_workbook", kind="xlsx",
               about=name, file_name=name, mime=XLSX, key="import_returned", hint=t("import_page.returned_help"))


def write_returned(view: View, report: ImportReport) -> bytes:
    """Return the marked workbook.

    Raises
    ------
    UploadRefusedError
        When the file was deleted meanwhile.
    """
    profile = parse_profile(view.upload.profile_text or "")
    options = ReturnOptions(profile.file, view.upload.file_name, profile.name, now().astimezone(zone()),
                            label_headers(profile))
    with TemporaryDirectory(prefix="govdesk-") as folder:
        target = Path(folder) / "returned.xlsx"
        write_returned_workbook(path_of(view.upload.stored_as), report, target, view.setting.words, options)
        return target.read_bytes()
