"""What the page of imports starts from: the upload it is about, what is in it, what is known, and what was chosen."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import streamlit as st

from govdesk.actions.import_jobs import JOBS
from govdesk.actions.import_profiles import OfferedProfile, offer_profiles
from govdesk.actions.uploads import UploadRefusedError, path_of
from govdesk.clock import today, zone
from govdesk.ingest.cells import Meanings, fold
from govdesk.ingest.folding import plain_header
from govdesk.ingest.mapping import Guess, Known, fit_profiles, propose_mapping
from govdesk.ingest.mapping_profile import Choice
from govdesk.ingest.mapping_words import (
    are_all_of,
    find_common_stream,
    propose_constants,
    propose_stream_of_categories,
)
from govdesk.ingest.profiles import Profile, parse_profile
from govdesk.ingest.record_fields import About
from govdesk.queries.places import list_places
from govdesk.queries.surroundings import list_categories, list_units
from govdesk.queries.uploads import UploadRow, get_upload
from govdesk.storage.category_changes import read_former_names
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.terms import Level
from govdesk.ui import session
from govdesk.ui.import_look import Look, look_at
from govdesk.ui.loaders import load, load_common, versions
from govdesk.ui.setting import Setting

#: Steps of the page: the file, what its rows are, the columns, what would happen, done.
STEPS = ("file", "rows", "columns", "check")


@dataclass(frozen=True, slots=True)
class Draft:
    """What was chosen so far about one upload.

    Attributes
    ----------
    about : str
        What the rows are.
    source, name : str
        Where they come from, and the name the mapping is kept under.
    base : str
        TOML of the profile it starts from; empty: the proposal.
    base_name : str
        Name of that profile.
    sheet : str or None
        Sheet of a workbook.
    columns : dict of str to Choice
        By field; None: nothing chosen by hand yet.
    level : str
        Level of the places whose names are given.
    crs : str
        Coordinate system of the points.
    year : int or None
        Year of dates that have none.
    """

    about: About = "incidents"
    source: str = ""
    name: str = ""
    base: str = ""
    base_name: str = ""
    sheet: str | None = None
    columns: dict[str, Choice] | None = None
    level: str = "village"
    crs: str = "wgs84"
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """An upload as it stood after the look whether a job of it is under way.

    In this order: a job that ends in between is still watched, and found ended by the next look. The other way round
    the page would show what stood before the job, and nothing would draw it anew.
    """

    upload: UploadRow
    is_busy: bool


@dataclass(frozen=True, slots=True)
class View:
    """All that the steps after the first draw from; `is_busy` as in `Opened`."""

    setting: Setting
    upload: UploadRow
    is_busy: bool
    look: Look
    draft: Draft
    offered: tuple[OfferedProfile, ...] = ()
    guesses: dict[str, Guess] = field(default_factory=dict)
    constants: dict[str, tuple[str, str]] = field(default_factory=dict)


def read_upload(setting: Setting) -> Opened | None:
    """Return the upload that the address names, if it is the caller's."""
    number = session.read_param("upload", _number, 0)
    if not number:
        return None
    job = JOBS.find(get_engine(), number)
    is_busy = job is not None and job.is_busy
    with read_transaction(get_engine()) as connection:
        found = get_upload(connection, setting.scope, number)
    if found is None:
        session.note_unusable("upload", str(number))
        return None
    return Opened(found, is_busy)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise ValueError(text)
    return int(text)


def open_upload(number: int | None, step: str = "") -> None:
    """Go on with an upload, or with none."""
    session.write_params(upload=number, step=step)


def go_to(step: str) -> None:
    """Open a step."""
    session.write_params(step=step)


def read_view(setting: Setting, opened: Opened) -> View:
    """Return what the steps draw from; the look says so where the file is gone."""
    upload = opened.upload
    found = session.find_draft(f"import_{upload.number}")
    draft = found if isinstance(found, Draft) else start_draft(upload)
    look = look_into(upload, draft.sheet)
    view = View(setting, upload, opened.is_busy, look, draft,
                offer_profiles(get_engine(), by=setting.scope, sample=setting.is_sample))
    if look.note is not None or not look.headers:
        return view
    about = (upload.file_hash, draft.sheet, draft.about, str(versions()), str(setting.scope))
    guesses = _guess(about, lambda: propose_mapping(
        draft.about, look.headers, look.columns, read_known(setting), look.personal))
    titles = [*look.titles, draft.sheet or "", *(one.name for one in look.sheets), upload.file_name]
    return replace(view, guesses={guess.field: guess for guess in guesses},
                   constants=propose_constants(draft.about, titles))


@st.cache_data(max_entries=32, ttl=3600, show_spinner=False)
def _guess(about: tuple[object, ...], _propose: Callable[[], list[Guess]]) -> list[Guess]:
    del about  # all that a proposal depends on
    return _propose()


def look_into(upload: UploadRow, sheet: str | None) -> Look:
    """Return what is in an upload.

    Raises
    ------
    UploadRefusedError
        When the file was deleted.
    """
    if upload.removed_at is not None:
        raise UploadRefusedError("gone")
    return look_at(upload.file_hash, str(path_of(upload.stored_as)), sheet)


def start_draft(upload: UploadRow) -> Draft:
    """Return the draft of an upload that was not worked on in this session: its mapping, where one was kept."""
    if not upload.profile_text:
        return Draft()
    return draft_of(upload.profile_text)


def draft_of(text: str) -> Draft:
    """Return the draft that starts from a profile's TOML."""
    profile = parse_profile(text)
    return Draft(about=profile.about, source=profile.source, name=profile.name, base=text, base_name=profile.name,
                 sheet=profile.file.sheet, year=profile.file.year, level=_level_of(profile),
                 crs=profile.point.crs if profile.point else "wgs84")


def _level_of(profile: Profile) -> str:
    return profile.place.name.level.value if profile.place and profile.place.name else Level.VILLAGE.value


def keep_draft(upload: UploadRow, draft: Draft) -> None:
    """Keep what was chosen until the session ends."""
    session.keep_draft(f"import_{upload.number}", draft)


def read_meanings() -> Meanings:
    """Return the categories of the database, to recognise their names."""
    categories = load_common(list_categories)
    words: dict[str, str] = {}
    for name in ("name_zh", "name_en"):
        for word, code in zip(categories[name], categories["code"], strict=True):
            words[fold(str(word))] = str(code)
    for code, names in load_common(read_former_names).items():
        for name in names:
            words.setdefault(fold(name), code)
    return Meanings(zone=zone(), county=zone(), category_words=words,
                    categories=dict(zip(categories["code"], categories["stream"], strict=True)))


def read_known(setting: Setting) -> Known:
    """Return what is known of the county."""
    frames = {level.value: load(list_places, setting.scope, level, today())
              for level in (Level.COUNTY, Level.TOWNSHIP, Level.VILLAGE, Level.GRID)}
    return Known(
        read_meanings(), {level: frozenset(map(plain_header, frame["name"])) for level, frame in frames.items()},
        frozenset(code for frame in frames.values() for code in frame["code"]),
        frozenset(load_common(list_units)["code"]))


def fitting(view: View) -> list[tuple[OfferedProfile, float]]:
    """Return the offered profiles that fit the file, best first."""
    by_name = {one.profile.name: one for one in view.offered}
    found = fit_profiles([one.profile for one in view.offered], view.look.headers, read_meanings())
    return [(by_name[profile.name], share) for profile, share in found]


def first_columns(view: View) -> dict[str, Choice]:
    """Return what is chosen before anybody chooses: what the profile says, else what was guessed."""
    if view.draft.base:
        return _columns_of(draft_profile(view), view.look.headers)
    found = {name: Choice(guess.header) for name, guess in view.guesses.items() if guess.header and not guess.is_offer}
    if view.draft.about == "incidents" and "stream" not in found:
        stream = _find_stream(view, found.get("category", Choice()).header)
        found |= {} if stream is None else {"stream": stream}
    for name, (code, _) in view.constants.items():
        found.setdefault(name, Choice(constant=code))
    return found


def _find_stream(view: View, header: str | None) -> Choice | None:
    """Return the stream that the categories say; a title is believed where all of them may be its own."""
    if header is None:
        return None
    words, meanings = view.look.columns[view.look.headers.index(header)], read_meanings()
    title = view.constants.get("stream")
    if title is not None and are_all_of(title[0], words, meanings):
        return None
    common, streams = find_common_stream(words, meanings), propose_stream_of_categories(words, meanings)
    return Choice(constant=common) if common else Choice(header, values=streams) if streams else None


def draft_profile(view: View) -> Profile:
    """Return the profile that the draft starts from."""
    return parse_profile(view.draft.base)


def _columns_of(profile: Profile, headers: tuple[str, ...]) -> dict[str, Choice]:
    by_fold = {fold(header): header for header in headers}
    sections = dict(profile.fields)
    if profile.place is not None:
        parts = {"code": profile.place.code, "name": profile.place.name, "parent": profile.place.parent}
        sections |= {f"place.{part}": column for part, column in parts.items() if column is not None}
    if profile.point is not None:
        sections |= {"point.lon": profile.point.lon, "point.lat": profile.point.lat}
    found = {}
    for name, column in sections.items():
        header = next((by_fold[fold(one)] for one in [*column.source, *column.join] if fold(one) in by_fold), None)
        if header is not None or column.constant is not None:
            found[name] = Choice(header, column.constant, column.values, column.otherwise)
    if profile.own_names:
        own = [*profile.kind.names] + (["place.code"] if profile.kind.has_place and profile.place is None else [])
        own += ["point.lon", "point.lat"] if profile.kind.has_point and profile.point is None else []
        for name in own:
            header = by_fold.get("place_code" if name == "place.code" else name.rpartition(".")[2])
            if header is not None and not (name in profile.kind.names and profile.kind.field(name).named_only):
                found.setdefault(name, Choice(header))
    return found
