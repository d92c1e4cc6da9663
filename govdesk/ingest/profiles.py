"""Import profiles: how a foreign file's columns become our fields, in TOML, checked before a row is read.

`docs/import-profiles.md` explains every key to somebody who does not program; a test holds the two equal.
"""

import re
import string
import tomllib
from datetime import datetime
from pathlib import Path
from re import _parser  # type: ignore[attr-defined]
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator
from rapidfuzz import process

from govdesk.ingest.record_fields import RECORD_KINDS, About, RecordKind
from govdesk.terms import Level, Stream

#: Below this likeness (0–100) a suggestion would be noise.
LIKENESS = 60
#: From so many repetitions on, one inside another takes too long.
_MANY = 10


class ProfileError(ValueError):
    """The profile cannot be used; `args[0]` says, line by line, which key and why."""


def suggest(word: str, known: list[str]) -> str:
    """Return a clause that names the nearest known word, or an empty text."""
    found = process.extractOne(word, known, score_cutoff=LIKENESS)
    return f"; did you mean {found[0]!r}?" if found else ""


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _as_text_map(value: object) -> object:
    if isinstance(value, dict):
        return {str(key): str(item) for key, item in value.items()}
    return value


def _as_texts(value: object) -> object:
    return [str(item) for item in value] if isinstance(value, list) else _as_list(value)


Headers = Annotated[list[str], BeforeValidator(_as_list)]
Texts = Annotated[list[str], BeforeValidator(_as_texts)]
TextMap = Annotated[dict[str, str], BeforeValidator(_as_text_map)]
Text = Annotated[str, BeforeValidator(lambda value: str(value) if isinstance(value, int | float) else value)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, arbitrary_types_allowed=True)


class Column(_Strict):
    """Where one field comes from and how its text is changed on the way.

    The order is fixed: cell → `extract` → `replace` → `values` → `template` → understood as the field's type.
    """

    source: Headers = Field(default=[], alias="from", description="Header candidates; the first that exists is read.")
    join: list[str] = Field(default=[], description="Several columns, read together with a space between.")
    constant: Text | None = Field(default=None, description="The same value in every row; no column is read.")
    optional: bool = Field(default=False, description="The file may lack the column.")
    extract: str | None = Field(default=None, description="Regular expression; its first group (or all of it) is kept.")
    replace: list[tuple[str, str]] = Field(default=[], description="Pairs of regular expression and replacement.")
    values: TextMap = Field(default={}, description="What stands in the file = our code.")
    otherwise: Literal["reject", "skip", "keep", "default"] = Field(
        default="reject", description="What happens to a value that `values` does not list.")
    default: Text | None = Field(default=None, description="Stands in for an empty cell, and for otherwise = default.")
    template: str | None = Field(default=None, description="Puts the value into a text: {} or {:02d}.")
    formats: Headers = Field(default=[], description="Date formats of this column, tried before the profile's.")
    transform: Literal["first_instant_of_month_after"] | None = Field(
        default=None, description="first_instant_of_month_after: 2014-03 becomes 2014-04-01 00:00.")

    @field_validator("extract")
    @classmethod
    def _extract_compiles(cls, value: str | None) -> str | None:
        if value is not None:
            _compile(value)
        return value

    @field_validator("replace")
    @classmethod
    def _replace_compiles(cls, value: list[tuple[str, str]]) -> list[tuple[str, str]]:
        for pattern, replacement in value:
            try:
                _compile(pattern).sub(replacement, "")
            except (re.error, IndexError) as error:
                message = f"the replacement {replacement!r} does not fit {pattern!r}: {error}"
                raise ValueError(message) from error
        return value

    @field_validator("template")
    @classmethod
    def _template_is_plain(cls, value: str | None) -> str | None:
        if value is None:
            return None
        holes = [(name, form) for _, name, form, _ in string.Formatter().parse(value) if name is not None]
        if len(holes) != 1 or holes[0][0] != "" or not re.fullmatch(r"(0?\d+d)?", holes[0][1] or ""):
            message = f"{value!r} needs exactly one {{}} or {{:03d}}"
            raise ValueError(message)
        return value

    @field_validator("formats")
    @classmethod
    def _formats_work(cls, value: list[str]) -> list[str]:
        return _check_formats(value)

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (bool(self.source) + bool(self.join) + (self.constant is not None)) != 1:
            message = "give exactly one of 'from', 'join' and 'constant'"
            raise ValueError(message)
        if self.otherwise == "default" and self.default is None:
            message = "otherwise = \"default\" needs a 'default'"
            raise ValueError(message)
        if self.otherwise != "reject" and not self.values:
            message = "'otherwise' means nothing without 'values'"
            raise ValueError(message)
        return self


def _compile(pattern: str) -> re.Pattern[str]:
    try:
        found = re.compile(pattern)
    except re.error as error:
        message = f"{pattern!r} is no regular expression: {error}"
        raise ValueError(message) from error
    if _is_endless(_parser.parse(pattern), within=False):
        message = f"{pattern!r} repeats what is itself repeated, like (a+)+: a long cell would take for ever"
        raise ValueError(message)
    return found


def _is_endless(parsed: object, *, within: bool) -> bool:
    """Return whether an expression repeats without limit what holds such a repetition: exponential time."""
    if isinstance(parsed, list | tuple | _parser.SubPattern):
        parts = list(parsed)
        if len(parts) == 2 and parts[0] in (_parser.MAX_REPEAT, _parser.MIN_REPEAT):
            is_many = parts[1][1] > _MANY
            return (within and is_many) or _is_endless(parts[1][2], within=within or is_many)
        return any(_is_endless(part, within=within) for part in parts)
    return False


def _check_formats(formats: list[str]) -> list[str]:
    probe = datetime(2020, 11, 22, 13, 14, 15)  # noqa: DTZ001 - only tries the format out
    for form in formats:
        try:
            datetime.strptime(probe.strftime(form), form)  # noqa: DTZ007
            usable = "%" in form
        except ValueError:
            usable = False
        if not usable:
            message = f"{form!r} is no date format; %Y-%m-%d is one"
            raise ValueError(message)
    return formats


class PlaceName(Column):
    """A place found by its name."""

    level: Level = Field(default=Level.VILLAGE, description="Level of the places that may be meant.")
    match: Literal["normal", "exact"] = Field(
        default="normal", description="normal: also in spellings that cannot mean another place, and by accepted "
        "aliases, with proposals for the rest; exact: only as in the register.")


class PlacePoint(_Strict):
    """A place found by the shape that holds the row's point."""

    level: Level = Field(default=Level.VILLAGE, description="Level of the shapes.")
    outer_edge: bool = Field(default=True, description="A point on an edge with no place to its upper right belongs "
                             "to the place whose edge it is; false: to none, as in a grid.")


class PlaceSection(_Strict):
    """How the place of a row is found; the first way that finds one decides."""

    order: list[Literal["code", "name", "point"]] = Field(
        default=["code", "name", "point"], description="Which way is tried first, second, third.")
    code: Column | None = Field(default=None, description="By code.")
    name: PlaceName | None = Field(default=None, description="By name.")
    parent: Column | None = Field(default=None, description="Name or code of the place above, where names repeat.")
    point: PlacePoint | None = Field(default=None, description="By the shape that holds the point.")

    @model_validator(mode="after")
    def _some_way(self) -> Self:
        if self.code is None and self.name is None and self.point is None:
            message = "give at least one of [place.code], [place.name] and [place.point]"
            raise ValueError(message)
        if self.parent is not None and self.name is None:
            message = "[place.parent] means nothing without [place.name]"
            raise ValueError(message)
        return self


class PointSection(_Strict):
    """Coordinates of a row."""

    lon: Column = Field(description="Longitude in degrees.")
    lat: Column = Field(description="Latitude in degrees.")
    crs: Literal["wgs84", "gcj02", "bd09"] = Field(default="wgs84", description="Coordinate system of the file.")
    convert: bool = Field(default=False, description="Convert into the database's system, where the two differ.")


class FileSection(_Strict):
    """How the file is opened, where guessing fails."""

    sheet: Text | None = Field(default=None, description="Name or number (from 1) of the sheet; *: every "
                               "sheet whose headers fit; default: the same.")
    header_row: int | None = Field(default=None, ge=1, le=100_000, description="Row that holds the headers, or the "
                                   "first of them; default: found.")
    header_rows: int | None = Field(default=None, ge=1, le=3, description="How many rows the headers take; default: "
                                    "found, or 1 where header_row is given.")
    encoding: str | None = Field(default=None, description="Text encoding; default: UTF-8, then GB18030, then guessed.")
    delimiter: str | None = Field(default=None, min_length=1, max_length=1, description="Between cells of a text file.")
    year: int | None = Field(default=None, ge=1990, le=2100, description="Year of dates without one (3月5日).")
    serial_dates: Literal[1900, 1904] = Field(
        default=1900, description="What day numbers (45000) count from: 1900, or 1904 in workbooks of old Macs.")
    empty: Texts = Field(default=[], description="Words that mean an empty cell, beside the usual ones.")


class OnlyRule(_Strict):
    """Which rows are meant; all others are counted as skipped."""

    source: Headers = Field(alias="from", description="Header candidates.")
    values: Texts = Field(description="Rows with one of these values are read.")


class NewCategory(_Strict):
    """A category that this source needs and the reference list lacks."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]{1,39}$", description="ASCII code.")
    stream: Stream = Field(description="The stream it belongs to.")
    name_zh: str = Field(min_length=1, max_length=60, description="Chinese name.")
    name_en: str = Field(min_length=1, max_length=60, description="English name.")


class Profile(_Strict):
    """One import profile."""

    about: About = Field(description="What the rows are.")
    name: str = Field(min_length=1, max_length=60, description="Name of the profile, kept with the batch.")
    source: str = Field(min_length=1, max_length=40, description="Where the rows come from; with source_ref the key.")
    sample: bool = Field(default=False, description="Invented data, for a sample database only.")
    own_names: bool = Field(default=False, description="Read each unmentioned field from a column of its own name.")
    incident_source: str | None = Field(default=None, description="Source of the incidents that incident_ref names.")
    time_zone: str | None = Field(default=None, description="Zone of instants without an offset.")
    date_formats: list[str] = Field(default=[], description="Date formats of the file, beside the usual ones.")
    file: FileSection = Field(default=FileSection(), description="How the file is opened.")
    only: list[OnlyRule] = Field(default=[], description="Which rows are meant.")
    category: list[NewCategory] = Field(default=[], description="Categories to add.")
    fields: dict[str, Column] = Field(default={}, description="Our fields.")
    place: PlaceSection | None = Field(default=None, description="How the place is found.")
    point: PointSection | None = Field(default=None, description="Coordinates.")

    @property
    def kind(self) -> RecordKind:
        """What the rows are, described."""
        return RECORD_KINDS[self.about]

    @field_validator("date_formats")
    @classmethod
    def _formats_work(cls, value: list[str]) -> list[str]:
        return _check_formats(value)

    @field_validator("time_zone")
    @classmethod
    def _zone_exists(cls, value: str | None) -> str | None:
        try:
            if value is not None:
                ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            message = f"{value!r} is no IANA time zone (for instance Asia/Shanghai)"
            raise ValueError(message) from error
        return value

    @model_validator(mode="after")
    def _sections_fit(self) -> Self:
        kind = self.kind
        unknown = [name for name in self.fields if name not in kind.names]
        if unknown:
            told = [f"fields.{name}: {self.about} have no such field{suggest(name, list(kind.names))}"
                    for name in unknown]
            raise ValueError("; ".join(told))
        if self.place is not None and not kind.has_place:
            message = f"{self.about} have no place of their own"
            raise ValueError(message)
        if self.point is not None and not kind.has_point:
            message = f"{self.about} have no point"
            raise ValueError(message)
        if self.place is not None and self.place.point is not None and not self._has_point:
            message = "[place.point] needs a section [point] (or own_names)"
            raise ValueError(message)
        return self

    @property
    def _has_point(self) -> bool:
        return self.point is not None or (self.own_names and self.kind.has_point)

    @model_validator(mode="after")
    def _required_are_mapped(self) -> Self:
        if self.own_names:
            return self
        missing = [item.name for item in self.kind.fields if item.required and item.name not in self.fields]
        if self.about == "incidents" and not {"occurred_on", "reported_at"} & set(self.fields):
            missing.append("occurred_on or reported_at")
        if self.kind.place_required and self.place is None:
            missing.append("[place]")
        if missing:
            message = f"{self.about} need {', '.join(missing)}; map them, or set own_names = true"
            raise ValueError(message)
        return self


def _known_keys(model: type[BaseModel]) -> list[str]:
    return [info.alias or name for name, info in model.model_fields.items()]


#: Which model stands at which key, to suggest the right name for a misspelt one.
_MODELS: dict[str, type[BaseModel]] = {
    "file": FileSection, "only": OnlyRule, "category": NewCategory, "fields": Column, "place": PlaceSection,
    "place.code": Column, "place.name": PlaceName, "place.parent": Column, "place.point": PlacePoint,
    "point": PointSection, "point.lon": Column, "point.lat": Column,
}


def _model_at(path: tuple[str | int, ...]) -> type[BaseModel]:
    names = [str(part) for part in path if isinstance(part, str)]
    if names[:1] == ["fields"]:
        names = names[:1]
    return _MODELS.get(".".join(names), Profile)


def _explain(error: ValidationError) -> str:
    lines = []
    for item in error.errors(include_url=False):
        path = item["loc"]
        where = ".".join(str(part) for part in path)
        if item["type"] == "extra_forbidden":
            word = str(path[-1])
            lines.append(f"{where}: no such key{suggest(word, _known_keys(_model_at(path[:-1])))}")
        elif item["type"] == "missing":
            lines.append(f"{where}: is missing")
        else:
            text = item["msg"].removeprefix("Value error, ")
            if item["type"] in ("literal_error", "enum"):
                text += suggest(str(item["input"]), re.findall(r"'(\w+)'", item["msg"]))
            lines.append(f"{where}: {text}" if where else text)
    return "\n".join(lines)


def parse_profile(text: str, name: str = "") -> Profile:
    """Return the profile written in `text`.

    Parameters
    ----------
    text : str
        TOML.
    name : str
        Name (and source) where the profile gives none; usually the file's stem.

    Raises
    ------
    ProfileError
        When it is no TOML, has a key that does not exist (the message suggests the right one) or lacks something.
    """
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = f"not valid TOML: {error}"
        raise ProfileError(message) from error
    if name:
        found.setdefault("name", name)
    if "name" in found:
        found.setdefault("source", found["name"])
    try:
        return Profile.model_validate(found)
    except ValidationError as error:
        raise ProfileError(_explain(error)) from error


def read_profile(path: Path) -> Profile:
    """Return the profile in the file at `path`.

    Raises
    ------
    ProfileError
        When it cannot be read or used; the message names the file.
    """
    try:
        return parse_profile(path.read_text(encoding="utf-8-sig"), path.stem)
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path}: cannot be read as UTF-8 text ({type(error).__name__})"
        raise ProfileError(message) from error
    except ProfileError as error:
        message = f"{path.name}: {error}"
        raise ProfileError(message) from error
