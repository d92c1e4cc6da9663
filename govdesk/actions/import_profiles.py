"""Keeps mappings made on screen: rows are only added, the newest of a name counts, and a name can be retired."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Engine, insert, update

from govdesk.actions.acting import acting
from govdesk.clock import now
from govdesk.ingest.mapping_profile import write_profile
from govdesk.ingest.masking import mask
from govdesk.ingest.profiles import Profile, ProfileError, parse_profile, read_profile
from govdesk.queries.import_profiles import list_saved_profiles
from govdesk.rules.access import Scope
from govdesk.settings import ROOT
from govdesk.storage.engine import read_transaction
from govdesk.tables import ImportProfile

_ACTION = "save_profile"


def save_profile(engine: Engine, *, by: Scope, text: str, headers: Sequence[str]) -> int:
    """Keep a profile under its own name; return its number.

    Parameters
    ----------
    text : str
        TOML; checked before it is kept.
    headers : sequence of str
        Headers of the file it was made for.

    Raises
    ------
    ProfileError
        When it cannot be used.
    RefusedError
        When the caller may not save profiles.
    """
    profile = parse_profile(text)
    with acting(engine, by=by, action=_ACTION) as act:
        key = act.connection.execute(insert(ImportProfile).values(
            name=profile.name, about=profile.about, text=write_profile(profile),
            headers=json.dumps([mask(header)[0] for header in headers], ensure_ascii=False),
            by=by.account, at=now())).inserted_primary_key
        if key is None:
            message = "the profile got no number"
            raise RuntimeError(message)
        act.audit("import_profiles", int(key[0]), name=profile.name, about=profile.about, source=profile.source)
    return int(key[0])


def retire_profile(engine: Engine, *, by: Scope, name: str) -> None:
    """Stop offering a profile; batches made with it keep its name.

    Raises
    ------
    RefusedError
        When the caller may not save profiles.
    """
    with acting(engine, by=by, action=_ACTION) as act:
        done = act.connection.execute(update(ImportProfile).where(
            ImportProfile.name == name, ImportProfile.retired_at.is_(None)).values(retired_at=now()))
        act.audit("import_profiles", name, retired=done.rowcount)


@dataclass(frozen=True, slots=True)
class OfferedProfile:
    """A profile that may be chosen.

    Attributes
    ----------
    profile : Profile
        As checked.
    text : str
        Its TOML.
    by : str
        Account; empty for one that came with the program.
    at : datetime or None
        When it was saved.
    headers : tuple of str
        Headers it was made for.
    """

    profile: Profile
    text: str
    by: str = ""
    at: datetime | None = None
    headers: tuple[str, ...] = ()


def offer_profiles(engine: Engine, *, by: Scope, sample: bool) -> tuple[OfferedProfile, ...]:
    """Return the saved profiles that are not retired, then those that came with the program, each by name.

    Parameters
    ----------
    sample : bool
        Whether the database is one of invented data: only profiles for it are returned.

    Raises
    ------
    RefusedError
        When the caller may not import.
    """
    with read_transaction(engine) as connection:
        rows = list_saved_profiles(connection, by)
    saved = []
    for row in rows:
        try:
            saved.append(OfferedProfile(parse_profile(row.text), row.text, row.by, row.at, row.headers))
        except ProfileError:
            continue  # another version of the program may know other keys; the row stays, it is only not offered
    names = {one.profile.name for one in saved}
    shipped = [one for one in _read_shipped() if one.profile.name not in names]
    return tuple(one for one in [*saved, *shipped] if one.profile.sample == sample)


@cache
def _read_shipped() -> tuple[OfferedProfile, ...]:
    profiles = [read_profile(path) for path in sorted((ROOT / "data" / "profiles").glob("*.toml"))]
    return tuple(OfferedProfile(profile, write_profile(profile)) for profile in profiles)
