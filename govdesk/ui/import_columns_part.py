"""Step 3: our fields against their columns, each with three of its cells and how sure the proposal is."""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from govdesk.ingest.mapping import LIKELY, SURE, Guess, field_of, list_targets
from govdesk.ingest.mapping_profile import Choice
from govdesk.ingest.masking import shown
from govdesk.ingest.record_fields import RECORD_KINDS
from govdesk.ui.cards import build_notice, build_panel_title
from govdesk.ui.formats import write_term
from govdesk.ui.i18n import t
from govdesk.ui.import_profile_part import draw_profile
from govdesk.ui.import_state import View, first_columns, keep_draft
from govdesk.ui.import_steps import draw_now
from govdesk.ui.import_values_part import draw_values
from govdesk.ui.markup import Html, clean_text, join, show, tag

_WIDTHS = (2, 3, 3, 2.4)


def draw_columns(view: View) -> None:
    """Draw the step."""
    draw_now("columns")
    first = first_columns(view)
    chosen = view.draft.columns if view.draft.columns is not None else first
    shown_first, rest = _sort(view, first)
    _draw_heads()
    columns = {name: _draw_row(view, name, chosen) for name in shown_first}
    with st.expander(t("import_page.more_fields", n=len(rest))):
        columns |= {name: _draw_row(view, name, chosen) for name in rest}
        year = _draw_year(view)
    draft = replace(view.draft, year=year)
    place = columns.get("place.name", Choice()).header
    if place:
        draft = replace(draft, level=_draw_level(view, place))
    columns = draw_values(view, columns)
    draft = replace(draft, columns=columns)
    if columns.get("point.lon", Choice()).header and columns.get("point.lat", Choice()).header:
        draft = replace(draft, crs=_draw_crs(view))
    keep_draft(view.upload, draft)
    missing = find_missing(view, columns)
    if missing:
        names = t("import_page.comma").join(missing)
        show(build_notice(t("import_page.missing", names=names), is_warning=True))
    draw_profile(replace(view, draft=draft), first, is_complete=not missing)


def find_missing(view: View, columns: dict[str, Choice]) -> list[str]:
    """Return the names of what is needed and comes from nowhere."""
    kind = RECORD_KINDS[view.draft.about]
    chosen = {name for name, one in columns.items() if one.header or one.constant is not None}
    missing = [name_field(view, item.name) for item in kind.fields if item.required and item.name not in chosen]
    if kind.about == "incidents" and not {"occurred_on", "reported_at"} & chosen:
        missing.append(t("import_page.a_date"))
    if kind.place_required and not {"place.code", "place.name"} & chosen:
        missing.append(t("import_page.a_place"))
    return missing


def count_chosen(view: View) -> int:
    """Return how many fields come from somewhere."""
    columns = view.draft.columns if view.draft.columns is not None else first_columns(view)
    return sum(1 for one in columns.values() if one.header or one.constant is not None)


def name_field(view: View, name: str) -> str:
    """Return what a field is called on the screen."""
    about = view.draft.about
    for key in (f"import_field.{about}_{name}".replace(".name", "_name"), f"import_field.{name.replace('.', '_')}"):
        try:
            return t(key)
        except KeyError:
            continue
    return name


#: Of two fields one is enough: the first is asked for where neither is chosen.
_EITHER = {"occurred_on": "reported_at", "place.name": "place.code"}


def is_needed(view: View, name: str, chosen: Mapping[str, Choice]) -> bool:
    """Return whether a row without this field is rejected."""
    kind = RECORD_KINDS[view.draft.about]
    if name in _EITHER.values():
        return False
    if name in _EITHER:
        other = chosen.get(_EITHER[name], Choice())
        has_other = other.header is not None or other.constant is not None
        return not has_other and (kind.about == "incidents" if name == "occurred_on" else kind.place_required)
    return "." not in name and kind.field(name).required


def _sort(view: View, chosen: dict[str, Choice]) -> tuple[list[str], list[str]]:
    """Return the fields that are drawn at once, the needed ones first, and the rest."""
    names = list_targets(view.draft.about)
    first = [name for name in names if is_needed(view, name, {})]
    if "place.name" in first:  # a village is told apart from its namesakes by its township
        first += ["place.parent", "place.code"]
    offered = {name for name, guess in view.guesses.items() if guess.header}
    offered |= {"source_ref", *chosen}
    first += [name for name in names if name not in first and name in offered]
    return first, [name for name in names if name not in first]


def _draw_heads() -> None:
    with st.container(key="gd-import-heads"):  # named for the style: on a phone they are left out
        for column, key in zip(st.columns(_WIDTHS), ("ours", "theirs", "samples", "sure"), strict=True):
            with column:
                show(tag("div", t(f"import_page.head_{key}"), class_="gd-muted gd-small"))


def _draw_row(view: View, name: str, chosen: Mapping[str, Choice]) -> Choice:
    now = chosen.get(name, Choice())
    ours, theirs, samples, sure = st.columns(_WIDTHS, vertical_alignment="center")
    with ours:
        star = tag("span", "*", class_="gd-needed", title=t("import_page.needed"))
        show(tag("div", tag("span", name_field(view, name), class_="gd-field"),
                 star if is_needed(view, name, chosen) else None))
    with theirs:
        choice = _choose(view, name, now)
    with samples:
        show(tag("div", _samples(view, choice), class_="gd-samples gd-muted"))
    with sure:
        show(_build_sureness(view, name, choice))
    return choice


def _choose(view: View, name: str, now: Choice) -> Choice:
    wanted = field_of(view.draft.about, name)
    headers = [header for header in view.look.headers if header and header not in view.look.personal]
    codes = [code.value for code in wanted.codes or ()]
    options = ["", *(f"h:{header}" for header in dict.fromkeys(headers)), *(f"c:{code}" for code in codes)]
    start = f"c:{now.constant}" if now.constant is not None else f"h:{now.header}" if now.header else ""
    if start not in options:
        options.append(start)
    told = {"": t("import_page.not_read")}
    told |= {f"c:{code}": t("import_page.constant", word=write_term(wanted.group, code, view.setting.words))
             for code in codes}
    found = st.selectbox(
        name_field(view, name), options, index=options.index(start), label_visibility="collapsed",
        key=f"import_col_{view.upload.number}_{view.draft.about}_{view.draft.base_name}_{name}",
        format_func=lambda one: told.get(one, clean_text(one[2:], 40)))
    if found == start:
        return now
    return Choice(found[2:] if found.startswith("h:") else None, found[2:] if found.startswith("c:") else None)


def _samples(view: View, choice: Choice) -> str:
    if choice.header not in view.look.headers:
        return ""
    cells = view.look.columns[view.look.headers.index(str(choice.header))]
    different = list(dict.fromkeys(cell.strip() for cell in cells if cell.strip()))[:3]
    return " · ".join(shown(cell)[:24] for cell in different) or t("import_page.empty_column")


def _build_sureness(view: View, name: str, choice: Choice) -> Html:
    guess = view.guesses.get(name, Guess(name))
    if choice.constant is not None:
        hit = view.constants.get(name)
        why = t("import_page.why_title", word=hit[1]) if hit and hit[0] == choice.constant else t(
            "import_page.why_all_rows")
        return tag("div", why, class_="gd-muted gd-small")
    if guess.is_offer and not choice.header:
        return tag("div", t("import_page.offer", header=clean_text(guess.header, 20)), class_="gd-muted gd-small")
    if not choice.header:
        return tag("div")
    if choice.header != guess.header:
        words = t("import_page.by_profile") if view.draft.base else t("import_page.by_hand")
        return tag("div", words, class_="gd-muted gd-small")
    word = "sure" if guess.confidence >= SURE else "likely" if guess.confidence >= LIKELY else "check"
    bar = tag("span", tag("span", style=f"width:{guess.confidence:.0%}"), class_="gd-sure", aria_hidden="true")
    why = t("import_page.semicolon").join(t(f"import_page.why_{key}", value=value) for key, value in guess.why)
    return tag("div", tag("div", bar, t(f"import_page.sure_{word}"), class_="gd-small"),
               tag("div", join([why]), class_="gd-muted gd-small"))


def _draw_level(view: View, header: str) -> str:
    guess = view.guesses.get("place.name")
    is_guessed = guess is not None and guess.header == header and guess.level and not view.draft.base
    start = guess.level if is_guessed and guess is not None else view.draft.level
    levels = ["village", "grid", "township"]
    return str(st.radio(
        t("import_page.level", header=clean_text(header, 20)), levels, horizontal=True,
        index=levels.index(start) if start in levels else 0, key=f"import_level_{view.upload.number}_{header}",
        format_func=lambda one: t(f"term.level_{one}")))


def _draw_year(view: View) -> int | None:
    return st.number_input(t("import_page.year"), 1990, 2100, value=view.draft.year, step=1, placeholder="",
                           key=f"import_year_{view.upload.number}", help=t("import_page.year_help"))


def _draw_crs(view: View) -> str:
    options = ["wgs84", "gcj02", "bd09"]
    show(build_panel_title(t("import_page.crs")))
    return str(st.radio(t("import_page.crs_help"), options, index=options.index(view.draft.crs), horizontal=True,
                        key=f"import_crs_{view.upload.number}", format_func=lambda one: t(f"import_page.crs_{one}")))

