"""Step 4: what would happen, and the commit; the job goes on wherever the reader goes."""

import streamlit as st

from govdesk.actions.import_jobs import JOBS, Job
from govdesk.actions.uploads import UploadRefusedError
from govdesk.ingest.kept_report import KeptReport, read_report
from govdesk.queries.uploads import UploadRow
from govdesk.storage.engine import get_engine
from govdesk.terms import UploadStatus
from govdesk.ui import session
from govdesk.ui.cards import Card, build_cards, build_notice
from govdesk.ui.i18n import t
from govdesk.ui.import_file_part import write_moment
from govdesk.ui.import_problems_part import draw_problems
from govdesk.ui.import_state import View, go_to, open_upload
from govdesk.ui.import_steps import draw_now
from govdesk.ui.markup import Html, address, clean_text, link, show, tag
from govdesk.ui.place_proposals_part import build_places_seen, draw_absent, draw_place_proposals

#: Seconds between two looks at a running job.
_TICK = 1.0


def draw_check(view: View) -> None:
    """Draw the step: a running job, what became of it, and the commit."""
    draw_now("check")
    if view.is_busy:
        _watch(view, view.upload.number)
        return
    job = JOBS.find(get_engine(), view.upload.number)
    _draw_ended(view, job)
    report = read_report(view.upload.report)
    if report is None:
        show(tag("p", t("import_page.not_checked"), class_="gd-empty"))
        st.button(t("import_page.check_again"), type="primary", key="import_check", on_click=start,
                  args=(view, False))
        return
    if report.is_again and not report.committed:
        show(build_notice(t("import_page.changed_since"), is_warning=True))
    if report.committed:
        _draw_done(view, report)
    show(build_numbers(report))
    if report.places is not None:
        show(build_places_seen(report.places, view.setting.words))
        draw_absent(view.setting, report.places)
    if view.look.personal:
        show(tag("p", t("import_page.personal", n=len(view.look.personal), names=t("import_page.comma").join(
            clean_text(header, 20) for header in view.look.personal)), class_="gd-muted"))
    if not report.committed:
        _draw_commit(view, report)
        if draw_place_proposals(view.setting, report.place_proposals):
            start(view, commit=False)
            st.rerun()
    draw_problems(view, report, job)


def start(view: View, commit: bool) -> None:
    """Start a dry run or the commit; a second click finds the first one's job."""
    try:
        JOBS.start(get_engine(), by=view.setting.scope, number=view.upload.number, commit=commit)
    except UploadRefusedError:
        return  # committed meanwhile: the next run of the page says so


@st.fragment(run_every=_TICK)
def _watch(view: View, number: int) -> None:
    """Show how far the job is, once a second; the page is drawn anew when it has ended."""
    session.go_on()
    job = JOBS.find(get_engine(), number)
    if job is None or not job.is_busy:
        st.rerun()
        return
    before = JOBS.count_before(job)
    if job.state == "queued" and before:
        st.progress(0.0, text=t("import_page.job_queued", n=before))
    else:
        st.progress(_share(view, job), text=_say_progress(job))
    if job.is_stopped:
        show(tag("p", t("import_page.job_stopping"), class_="gd-muted gd-small"))
    else:
        st.button(t("import_page.job_stop"), key="import_stop", on_click=_stop, args=(view,))
    show(tag("p", t("import_page.job_leave"), class_="gd-muted gd-small"))


def _stop(view: View) -> None:
    JOBS.stop(get_engine(), by=view.setting.scope, number=view.upload.number)


def _share(view: View, job: Job) -> float:
    """Return how much of the work is done: reading, comparing and writing take about a third each."""
    stages = ("read", "compared", "written", "indexed")
    at = stages.index(job.stage) if job.stage in stages else 0
    total = job.total or (0 if view.look.has_more else view.look.n_rows)
    part = min(job.done / total, 1.0) if total else 0.5 if job.done else 0.0
    return min((min(at, 2) + part) / (3 if job.commit else 2), 1.0)


def _say_progress(job: Job) -> str:
    if not job.stage:
        return t("import_page.job_begins")
    return t(f"import_page.job_{job.stage}", done=f"{job.done:,}", total=f"{job.total:,}" if job.total else "…")


def _draw_ended(view: View, job: Job | None) -> None:
    """Say why the last job came to nothing."""
    if job is None or job.state == "done":
        return
    if job.state == "cancelled":
        show(build_notice(t("import_page.job_cancelled")))
    elif job.note is not None:
        fix = job.note.fix(view.setting.words)
        show(build_notice(t("import_page.file_refused", why=job.note.message(view.setting.words), fix=fix),
                          is_warning=True))
    elif job.failure == "profile":
        show(build_notice(t("import_page.profile_problem", problem=clean_text(job.detail, 600)), is_warning=True))
    else:
        show(build_notice(t(f"import_page.failed_{job.failure}"), is_warning=True))


def build_numbers(report: KeptReport) -> Html:
    """Return the figures, each with the rows read as its denominator."""
    counts = report.counts
    of = t("import_page.of_read", n=f"{counts['read']:,}")
    done = "done" if report.committed else "would"
    cards = [Card(t(f"import_page.n_{name}_{done}"), f"{counts[name]:,}", t("import_page.rows"), (of,))
             for name in ("inserted", "updated", "unchanged", "duplicates", "rejected")]
    cards.append(Card(t("import_page.n_masked"), f"{counts['masked']:,}", t("import_page.cells"),
                      (_say_kinds(report.masked_kinds) or t("import_page.masked_note"),)))
    cards.append(Card(t("import_page.n_aside"), f"{counts['aside']:,}", t("import_page.rows"),
                      (t("import_page.aside_note"), *_say_skipped(report))))
    return build_cards(cards)


def _say_skipped(report: KeptReport) -> list[str]:
    n_skipped = report.counts.get("skipped", 0)
    return [t("import_page.skipped_note", n=f"{n_skipped:,}")] if n_skipped else []


def _say_kinds(kinds: dict[str, int]) -> str:
    """Return what was masked, by kind; kinds without a word of their own are left out."""
    return t("import_page.comma").join(f"{name} {n:,}" for kind, n in kinds.items() if (name := _name_kind(kind)))


def _name_kind(kind: str) -> str:
    try:
        return t(f"import_page.kind_{kind}")
    except KeyError:
        return ""


def _draw_commit(view: View, report: KeptReport) -> None:
    counts = report.counts
    changes = counts["inserted"] + counts["updated"]
    accepted = changes + counts["unchanged"]
    if not accepted:
        show(build_notice(t("import_page.nothing_good", n=counts["read"]), is_warning=True))
    elif not changes:
        show(build_notice(t("import_page.nothing_new", n=counts["unchanged"])))
    else:
        show(tag("p", t("import_page.commit_sentence", new=f"{counts['inserted']:,}", changed=f"{counts['updated']:,}",
                        rejected=f"{counts['rejected']:,}", source=view.draft.source), class_="gd-way"))
    with st.container(horizontal=True):
        if changes:
            st.button(t("import_page.commit", n=f"{changes:,}"), type="primary",
                      key=f"import_commit_{view.upload.number}", on_click=start, args=(view, True))
        st.button(t("import_page.change_columns"), key="import_back", on_click=go_to, args=("columns",))
        st.button(t("import_page.check_again"), key="import_check_again", on_click=start, args=(view, False))


def _draw_done(view: View, report: KeptReport) -> None:
    upload: UploadRow = view.upload
    if report.batch is None:
        show(build_notice(t("import_page.done_nothing")))
    else:
        show(build_done(report.batch))
    show(tag("p", t("import_page.done_kept", at=write_moment(upload)), class_="gd-muted gd-small"))
    with st.container(horizontal=True):
        if report.counts["rejected"]:
            st.button(t("import_page.again_corrected"), type="primary", key="import_corrected",
                      on_click=open_upload, args=(None,))
        st.button(t("import_page.again_other"), key="import_other", on_click=open_upload, args=(None,))


def build_done(batch: int) -> Html:
    """Return the sentence that it is done, with the way to the batch."""
    return build_notice(tag("span", t("import_page.done", batch=batch), " ",
                            link(t("import_page.done_batch"), address("/import_batches", batch=batch))))


def is_open(upload: UploadRow) -> bool:
    """Return whether an upload can still be worked on."""
    return upload.status not in (UploadStatus.COMMITTED, UploadStatus.CANCELLED) and upload.removed_at is None
