"""Makes an import profile of what was chosen on screen, and writes it as TOML."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import tomli_w

from govdesk.ingest.masking import mask
from govdesk.ingest.profiles import Profile, ProfileError, parse_profile
from govdesk.ingest.record_fields import RECORD_KINDS, About

#: Mapped names that are parts of a section, and where they stand in the profile.
_PARTS = ("place.code", "place.name", "place.parent", "point.lon", "point.lat")


@dataclass(frozen=True, slots=True)
class Choice:
    """Where one field comes from.

    Attributes
    ----------
    header : str or None
        Column of the file.
    constant : str or None
        The same in every row; exactly one of the two.
    values : dict of str to str
        Their word → our code.
    otherwise : str
        What happens to other words: ``reject``, ``skip`` (the row), ``keep`` (read as it stands).
    """

    header: str | None = None
    constant: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    otherwise: str = "keep"


@dataclass(frozen=True, slots=True)
class Choices:
    """Everything chosen about one file.

    Attributes
    ----------
    name, source : str
        Name of the profile; where the rows come from.
    columns : dict of str to Choice
        By field, as `mapping.list_targets` names them.
    sample : bool
        Whether the database is one of invented data.
    level : str
        Level of the places whose names are given.
    file : dict
        Section ``[file]``.
    crs : str
        Coordinate system of the file's points.
    convert : bool
        Convert into the database's.
    incident_source : str or None
        Source of the incidents that steps, mediations and revisits name.
    """

    name: str
    source: str
    columns: Mapping[str, Choice]
    sample: bool = False
    level: str = "village"
    file: Mapping[str, Any] = field(default_factory=dict)
    crs: str = "wgs84"
    convert: bool = False
    incident_source: str | None = None


def build_profile(about: About, choices: Choices) -> Profile:
    """Return the profile of what was chosen.

    Raises
    ------
    ProfileError
        When something needed is not chosen; the message names it.
    """
    return parse_profile(tomli_w.dumps(_as_table(about, choices)), choices.name)


def _as_table(about: About, choices: Choices) -> dict[str, Any]:
    kind = RECORD_KINDS[about]
    chosen = {name: one for name, one in choices.columns.items() if one.header or one.constant is not None}
    if not choices.name.strip() or not choices.source.strip():
        message = "name, source: needed"
        raise ProfileError(message)
    table: dict[str, Any] = {"about": about, "name": choices.name.strip(), "source": choices.source.strip(),
                             "sample": choices.sample}
    if choices.incident_source:
        table["incident_source"] = choices.incident_source
    if choices.file:
        table["file"] = dict(choices.file)
    table["fields"] = {name: _column(chosen[name]) for name in kind.names if name in chosen}
    if kind.has_place and ("place.code" in chosen or "place.name" in chosen):
        table["place"] = {part.partition(".")[2]: _column(chosen[part]) for part in _PARTS[:3]
                          if part in chosen and (part != "place.parent" or "place.name" in chosen)}
        if "name" in table["place"]:
            table["place"]["name"]["level"] = choices.level
    if kind.has_point and "point.lon" in chosen and "point.lat" in chosen:
        table["point"] = {"crs": choices.crs, "convert": choices.convert, "lon": _column(chosen["point.lon"]),
                          "lat": _column(chosen["point.lat"])}
    return table


def _column(choice: Choice) -> dict[str, Any]:
    if choice.constant is not None:
        return {"constant": choice.constant}
    column: dict[str, Any] = {"from": choice.header}
    values = {word: code for word, code in choice.values.items() if code}
    if values:
        column["values"] = values
        if choice.otherwise != "reject":
            column["otherwise"] = choice.otherwise
    return column


def write_profile(profile: Profile) -> str:
    """Return a profile as TOML, without what is as usual; `parse_profile` makes the same of it.

    What is personal in a header is masked, and still finds its column; a word that holds it is left out.
    """
    return tomli_w.dumps(_without_persons(profile.model_dump(mode="json", by_alias=True, exclude_defaults=True)))


def _without_persons(table: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for key, item in table.items():
        if key == "values" and isinstance(item, dict):
            plain[key] = {word: code for word, code in item.items() if not mask(word)[1]}
        elif isinstance(item, dict):
            plain[key] = _without_persons(item)
        elif key in ("from", "join") and isinstance(item, list):
            plain[key] = [mask(header)[0] for header in item]
        elif key in ("name", "source") and isinstance(item, str):
            plain[key] = mask(item, is_reference=True)[0]
        else:
            plain[key] = item
    return plain
