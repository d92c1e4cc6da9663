"""Step 2: what was found in the file, what its rows are, whose they are, and the mapping to start from."""

from dataclasses import replace

import streamlit as st

from govdesk.ingest.record_fields import RECORD_KINDS
from govdesk.queries.import_profiles import list_sources
from govdesk.queries.uploads import find_same_file
from govdesk.ui.cards import build_facts, build_notice, build_panel_title
from govdesk.ui.formats import write_instant
from govdesk.ui.i18n import t
from govdesk.ui.import_file_part import write_moment, write_size
from govdesk.ui.import_look import Look
from govdesk.ui.import_state import Draft, View, draft_of, fitting, go_to, keep_draft
from govdesk.ui.import_steps import draw_now
from govdesk.ui.loaders import load
from govdesk.ui.markup import Html, clean_text, show, tag

_NEW = "new:"
#: What office files hold most, first.
ABOUTS = ("incidents", "mediations", "steps", "revisits", "nil_returns", "works", "source_changes", "units", "posts",
          "vacancies", "capacities")


def draw_rows(view: View) -> None:
    """Draw the step."""
    draw_now("rows")
    _draw_look(view)
    show(build_panel_title(t("import_page.about_title")))
    draft = _draw_sheet(view, _draw_choices(view))
    if draft != view.draft:
        keep_draft(view.upload, draft)
        st.rerun()
    if not draft.source.strip():
        show(build_notice(t("import_page.source_needed"), is_warning=True))
    st.button(t("import_page.to_columns"), type="primary", key="import_to_columns", on_click=go_to, args=("columns",),
              disabled=not draft.source.strip())


def sum_up_file(view: View) -> str:
    """Return what is known of the file in one line."""
    look = view.look
    parts = [view.upload.file_name, write_size(view.upload.n_bytes), *(part for part in (look.format, look.encoding)
                                                                     if part)]
    if look.headers:
        parts.append(t("import_page.n_columns", n=len(look.headers)))
    return " · ".join([*parts, t("import_page.ends_at", at=write_moment(view.upload))])


def sum_up_rows(view: View) -> str:
    """Return what was chosen here in one line."""
    draft = view.draft
    return " · ".join([t(f"import_field.about_{draft.about}"), t("import_page.source_is", source=draft.source),
                       t("import_page.mapping_is", name=draft.base_name) if draft.base_name
                       else t("import_page.mapping_new")])


def _draw_look(view: View) -> None:
    look, upload = view.look, view.upload
    same = load(find_same_file, view.setting.scope, upload.file_hash)
    if same is not None:
        show(build_notice(t("import_page.same_file", batch=same[0], at=write_instant(same[1]))))
    facts: list[tuple[str, object]] = [(t("import_page.fact_file"), clean_text(upload.file_name)),
                                       (t("import_page.fact_size"), write_size(upload.n_bytes))]
    facts += [(t(f"import_page.fact_{key}"), clean_text(value)) for key, value in (
        ("format", look.format.upper()), ("encoding", look.encoding.upper()),
        ("header_rows", t("import_page.comma").join(map(str, look.header_rows)))) if value]
    rows = f"{look.n_rows:,}+" if look.has_more else f"{look.n_rows:,}"
    show(build_facts([*facts, (t("import_page.fact_columns"), str(len(look.headers))),
                      (t("import_page.fact_rows"), rows)]))
    if look.titles:
        titles = clean_text(" / ".join(look.titles))
        show(tag("p", t("import_page.fact_titles"), " ", titles, class_="gd-muted gd-small"))
    if look.personal:
        names = t("import_page.comma").join(clean_text(header, 20) for header in look.personal)
        show(build_notice(t("import_page.personal", n=len(look.personal), names=names), is_warning=True))
    show(tag("div", t("import_page.rows_first", n=len(look.rows)), class_="gd-muted gd-small"))
    show(build_first_rows(look))
    if look.aside:
        told = [(line, f"{t(f'note.aside_{kind}')} {text}") for line, kind, text in look.aside]
        with st.expander(t("import_page.aside", n=len(look.aside))):
            show(tag("ul", *(tag("li", t("import_page.aside_line", line=line, what=what))
                             for line, what in told)))


def build_first_rows(look: Look) -> Html:
    """Return the first rows as a table, numbered as Excel does; personal columns show `***`."""
    head = tag("tr", tag("th", t("import_page.row")), *(tag("th", clean_text(header, 30)) for header in look.headers))
    body = [tag("tr", tag("td", str(line)), *(tag("td", clean_text(cell, 40)) for cell in cells))
            for line, cells in zip(look.lines, look.rows, strict=True)]
    return tag("div", tag("table", tag("thead", head), tag("tbody", *body), class_="gd-table gd-import-rows"),
               class_="gd-scroll")


def _draw_choices(view: View) -> Draft:
    draft, number = view.draft, view.upload.number
    offers = fitting(view)
    options = [*(one.profile.name for one, _ in offers), _NEW]
    start = draft.base_name if draft.base_name in options else (_NEW if draft.columns is not None else options[0])
    told = {one.profile.name: t("import_page.fits", name=one.profile.name, n=round(share * len(view.look.headers)),
                                of=len(view.look.headers)) for one, share in offers}
    chosen = _NEW if len(options) == 1 else st.radio(
        t("import_page.mapping"), options, index=options.index(start), key=f"import_base_{number}",
        format_func=lambda name: told.get(name, t("import_page.mapping_proposed")), help=t("import_page.mapping_help"))
    if chosen not in (_NEW, draft.base_name):
        text = next(one.text for one, _ in offers if one.profile.name == chosen)
        return replace(draft_of(text), sheet=draft.sheet)
    if chosen == _NEW and draft.base:
        draft = Draft(source=draft.source, sheet=draft.sheet)
    left, right = st.columns(2)
    with left:
        about = st.selectbox(t("import_page.about"), ABOUTS, index=ABOUTS.index(draft.about),
                             key=f"import_about_{number}", disabled=bool(draft.base),
                             format_func=lambda one: t(f"import_field.about_{one}"))
    with right:
        source = _draw_source(view, draft)
    if draft.base:
        return replace(draft, source=source)
    if about != draft.about:
        draft = replace(draft, columns=None)
    kept = RECORD_KINDS[str(about)]
    return replace(draft, about=kept.about, source=source, name=_name(view, source))


def _name(view: View, source: str) -> str:
    """Return a name for a new mapping: the office's, with a number where it has one for other columns already."""
    taken = {one.profile.name for one in view.offered}
    names = [source, *(f"{source[:50]} {number}" for number in range(2, 100))]
    return next((name for name in names if name not in taken), source)


def _draw_sheet(view: View, draft: Draft) -> Draft:
    """Draw the sheets of a workbook; all that have the same headers are read unless one is chosen."""
    sheets = view.look.sheets
    if len(sheets) < 2:
        return draft
    told = {"": t("import_page.sheets_all")}
    told |= {one.name: t("import_page.sheet_one", name=clean_text(one.name, 40), n=one.n_columns) for one in sheets}
    options = ["", *(one.name for one in sheets if one.n_columns)]
    chosen = st.selectbox(t("import_page.sheets"), options, key=f"import_sheet_{view.upload.number}",
                          index=options.index(draft.sheet) if draft.sheet in options else 0,
                          format_func=lambda name: told[name])
    return draft if (chosen or None) == draft.sheet else replace(draft, sheet=chosen or None, columns=None)


def _draw_source(view: View, draft: Draft) -> str:
    known, number = list(load(list_sources, view.setting.scope)), view.upload.number
    if draft.base:
        st.text_input(t("import_page.source"), value=draft.source, disabled=True, key=f"import_source_of_{number}",
                      help=t("import_page.source_help"))
        return draft.source
    options = [*known, ""]
    start = draft.source if draft.source in known else "" if draft.source or not known else None
    chosen = "" if not known else st.selectbox(
        t("import_page.source"), options, index=None if start is None else options.index(start),
        key=f"import_source_{number}", placeholder=t("import_page.source_choose"), help=t("import_page.source_help"),
        format_func=lambda one: one or t("import_page.source_new"))
    if chosen:
        return str(chosen)
    if chosen is None:
        return ""
    label = t("import_page.source") if not known else t("import_page.source_new")
    found = st.text_input(label, value="" if draft.source in known else draft.source, key=f"import_source_new_{number}",
                          max_chars=40, placeholder=t("import_page.source_placeholder"),
                          help=t("import_page.source_help"))
    return found.strip()
