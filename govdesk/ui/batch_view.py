"""One import batch: its figures, what was said about its rows, and the way to take it back."""

import pandas as pd
import streamlit as st

from govdesk.queries.batches import PAGE, REGISTERED, Batch, count_notes, get_batch, list_notes
from govdesk.ui import faults, session
from govdesk.ui.batch_list import LEVELS, draw_pages, name_caller, name_kind
from govdesk.ui.batch_undo import draw_undo
from govdesk.ui.cards import Card, build_cards, build_facts, build_notice, build_panel_title, panel
from govdesk.ui.downloads import draw_downloads
from govdesk.ui.formats import NOTHING, write_count, write_instant, write_term
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import address, clean_text, link, show, tag
from govdesk.ui.setting import Setting
from govdesk.ui.tables import Column, build_table


def draw_batch(setting: Setting, number: int, level: str, page: int) -> None:
    """Draw one batch, or say that there is none."""
    show(tag("p", link(t("import_batches.back"), address("/import_batches")), class_="gd-small"))
    batch = load(get_batch, setting.scope, number)
    if batch is None:
        faults.draw_empty(t("import_batches.unknown", n=number), t("import_batches.unknown_next"))
        return
    if batch.withdrawn_at is not None:
        show(build_notice(t(
            "import_batches.undone_note", at=write_instant(batch.withdrawn_at),
            by=name_caller(batch.withdrawn_by or ""), reason=clean_text(batch.reason or NOTHING)), is_warning=True))
    show(build_cards(_cards(batch)))
    with panel("batch-facts"):
        show(build_panel_title(t("import_batches.one", n=batch.id)))
        show(build_facts(_facts(batch)))
    with panel("batch-notes"):
        _draw_notes(setting, batch, level, page)
    with panel("batch-undo"):
        draw_undo(setting, batch)


def _cards(batch: Batch) -> list[Card]:
    def card(name: str, *notes: str) -> Card:
        return Card(t(f"import_batches.n_{name}"), write_count(getattr(batch, f"n_{name}")), t("import_batches.rows"),
                    notes)

    of = t("import_batches.of_read", n=write_count(batch.n_read))
    skipped = batch.n_read - sum((batch.n_inserted, batch.n_updated, batch.n_unchanged, batch.n_rejected,
                                  batch.n_duplicates))  # by the profile: rows it does not mean
    return [
        card("read", t("import_batches.few_aside", n=write_count(batch.n_aside)),
             t("import_batches.few_duplicates", n=write_count(batch.n_duplicates)),
             *([t("import_batches.few_skipped", n=write_count(skipped))] if skipped > 0 else [])),
        card("inserted", of), card("updated", of), card("unchanged", of),
        card("rejected", of, t("import_batches.rejected_note")),
        Card(t("import_batches.n_masked"), write_count(batch.n_masked), t("import_batches.cells"),
             (t("import_batches.masked_note"),)),
    ]


def _facts(batch: Batch) -> list[tuple[str, object]]:
    is_single = batch.profile == REGISTERED
    return [
        (t("import_batches.file"), t("import_batches.by_hand") if is_single else clean_text(batch.file_name)),
        (t("import_batches.hash"), batch.file_hash[:12]),
        (t("import_batches.at"), write_instant(batch.at)),
        (t("import_batches.by"), name_caller(batch.by_title)),
        (t("import_batches.about"), name_kind(batch.about)),
        (t("import_batches.source"), clean_text(write_term("origin", batch.source, session.language()), 40)),
        (t("import_batches.profile"), clean_text(batch.profile or NOTHING, 60)),
    ]


def _draw_notes(setting: Setting, batch: Batch, level: str, page: int) -> None:
    counts = load(count_notes, setting.scope, batch.id)
    total = {one: sum(n for (held, _), n in counts.items() if held == one) for one in LEVELS}
    show(build_panel_title(t("import_batches.notes"), t("import_batches.notes_note")))
    if not counts:
        show(tag("p", t("import_batches.no_notes"), class_="gd-empty"))
        return
    chosen = st.segmented_control(
        t("import_batches.level"), LEVELS, default=level, key="batch_level", label_visibility="collapsed",
        format_func=lambda one: t(f"import_batches.level_{one}", n=write_count(total[one]))) or level
    if chosen != level:
        session.write_params(level=chosen if chosen != LEVELS[0] else None, page=None)
        st.rerun()
    rows = load(list_notes, setting.scope, batch.id, setting.words, level, page)
    if rows.empty:
        show(tag("p", t(f"import_batches.no_{level}"), class_="gd-empty"))
    else:
        show(build_table(rows, _columns(rows), setting.words))
        draw_pages("notes", page, total[level], PAGE)
    name = t("import_batches.export", n=batch.id)
    draw_downloads(lambda: _all(setting, batch), _export_columns(), name="import_notes", note=setting.note(
        name, clean_text(batch.file_name, 60)))


def _all(setting: Setting, batch: Batch) -> pd.DataFrame:
    rows = load(list_notes, setting.scope, batch.id, setting.words, None, None)
    return rows.assign(level=[t(f"import_batches.{level}") for level in rows["level"]])


def _columns(rows: pd.DataFrame) -> tuple[Column, ...]:
    sheets = (Column("sheet", t("import_batches.sheet"), is_narrow=False),) if rows["sheet"].notna().any() else ()
    return (
        *sheets, Column("line", t("import_batches.line"), "count"), Column("column", t("import_batches.column")),
        Column("value", t("import_batches.value")), Column("reason", t("import_batches.reason")),
        Column("fix", t("import_batches.fix"), is_narrow=False),
    )


def _export_columns() -> tuple[Column, ...]:
    return (Column("level", t("import_batches.level")), Column("sheet", t("import_batches.sheet")),
            Column("line", t("import_batches.line"), "count"), Column("column", t("import_batches.column")),
            Column("value", t("import_batches.value")), Column("reason", t("import_batches.reason")),
            Column("fix", t("import_batches.fix")))
