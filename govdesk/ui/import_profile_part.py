"""The mapping as a profile: kept under a name, its text for those who want it, and the way on."""

import tomllib
from dataclasses import replace

import streamlit as st
import tomli_w

from govdesk.actions.import_jobs import JOBS
from govdesk.actions.import_profiles import save_profile
from govdesk.actions.uploads import set_mapping
from govdesk.ingest.mapping_profile import Choice, Choices, build_profile, write_profile
from govdesk.ingest.profiles import Profile, ProfileError, parse_profile
from govdesk.storage.engine import get_engine
from govdesk.ui.cards import build_notice
from govdesk.ui.i18n import t
from govdesk.ui.import_state import View, draft_of, go_to, keep_draft
from govdesk.ui.loaders import load_properties
from govdesk.ui.markup import show

#: Parts of a profile that the table of columns does not show: kept from the profile that was started from.
_KEPT_SECTIONS = ("time_zone", "date_formats", "only", "category", "incident_source", "own_names")


def draw_profile(view: View, first: dict[str, Choice], *, is_complete: bool) -> None:
    """Draw name, text and the button that goes on; what is not complete cannot go on."""
    profile, problem = None, ""
    if is_complete:
        try:
            profile = make_profile(view, first)
        except ProfileError as error:
            problem = str(error)
    if problem:
        show(build_notice(t("import_page.profile_problem", problem=problem[:600]), is_warning=True))
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        name = st.text_input(t("import_page.profile_name"), value=view.draft.name or view.draft.source, max_chars=60,
                             key=f"import_name_{view.upload.number}_{view.draft.base_name}",
                             help=t("import_page.profile_name_help"))
    with right:
        keep = st.checkbox(t("import_page.profile_keep"), value=True, key=f"import_keep_{view.upload.number}")
    keep_draft(view.upload, replace(view.draft, name=name.strip()))
    if profile is not None:
        _draw_text(view, profile)
    if st.button(t("import_page.to_check"), type="primary", key="import_to_check",
                 disabled=profile is None or not name.strip()) and profile is not None:
        go_on(view, profile.model_copy(update={"name": name.strip()}), keep=keep)


def go_on(view: View, profile: Profile, *, keep: bool) -> None:
    """Keep the mapping with the upload, and as a profile where that was asked for; start the dry run."""
    engine, text = get_engine(), write_profile(profile)
    if keep and text != view.draft.base:
        save_profile(engine, by=view.setting.scope, text=text, headers=view.look.headers)
    set_mapping(engine, by=view.setting.scope, number=view.upload.number, profile_text=text)
    keep_draft(view.upload, draft_of(text))
    JOBS.forget(engine, view.upload.number)
    JOBS.start(engine, by=view.setting.scope, number=view.upload.number, commit=False)
    go_to("check")
    st.rerun()


def make_profile(view: View, first: dict[str, Choice]) -> Profile:
    """Return the profile of what is chosen; what was not touched stays as in the profile it started from.

    Raises
    ------
    ProfileError
        When it cannot be used.
    """
    draft = view.draft
    columns = draft.columns or first
    if draft.base and columns == first and _file(view) == _file_of(parse_profile(draft.base)):
        return parse_profile(draft.base)
    crs = load_properties().crs
    kept = tomllib.loads(draft.base) if draft.base else {}
    made = build_profile(draft.about, Choices(
        draft.name or draft.source, draft.source, columns, sample=view.setting.is_sample, level=draft.level,
        crs=draft.crs, convert=draft.crs != crs, file=_file(view)))
    if not kept:
        return made
    return parse_profile(tomli_w.dumps(_mixed(kept, write_profile(made), columns, first)))


def _file(view: View) -> dict[str, object]:
    found = {"sheet": view.draft.sheet, "year": view.draft.year}
    return {name: value for name, value in found.items() if value is not None}


def _file_of(profile: Profile) -> dict[str, object]:
    found = {"sheet": profile.file.sheet, "year": profile.file.year}
    return {name: value for name, value in found.items() if value is not None}


def _mixed(kept: dict[str, object], made_text: str, columns: dict[str, Choice],
           first: dict[str, Choice]) -> dict[str, object]:
    made = tomllib.loads(made_text)
    file = made.pop("file", {})
    for name in _KEPT_SECTIONS:
        if name in kept and name not in made:
            made[name] = kept[name]
    rest = {name: value for name, value in dict(kept.get("file", {})).items() if name not in ("sheet", "year")}  # type: ignore[call-overload]
    made |= {"file": rest | file} if rest | file else {}
    for section in ("fields", "place"):
        before, after = kept.get(section, {}), made.get(section, {})
        for name in list(after):
            key = name if section == "fields" else f"place.{name}"
            if isinstance(before, dict) and name in before and columns.get(key) == first.get(key):
                after[name] = before[name]
        if section == "place" and isinstance(before, dict):
            after |= {name: value for name, value in before.items() if name in ("order", "point")}
    return made


def _draw_text(view: View, profile: Profile) -> None:
    with st.expander(t("import_page.advanced")):
        text = write_profile(profile)
        edited = st.text_area(t("import_page.advanced_help"), value=text, height=320,
                              key=f"import_text_{view.upload.number}_{hash(text)}")
        if st.button(t("import_page.advanced_use"), key="import_advanced_use", disabled=edited == text):
            try:
                draft = draft_of(edited)
            except ProfileError as error:
                show(build_notice(t("import_page.profile_problem", problem=str(error)[:600]), is_warning=True))
            else:
                keep_draft(view.upload, draft)
                st.rerun()
