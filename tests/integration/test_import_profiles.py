"""Saved profiles: the newest of a name counts, a retired one is not offered, what came with the program is."""

import json

import pytest
from sqlalchemy import func, insert, select

from govdesk.actions.import_profiles import offer_profiles, retire_profile, save_profile
from govdesk.ingest.profiles import ProfileError
from govdesk.queries.import_profiles import list_sources
from govdesk.rules.access import RefusedError, Scope
from govdesk.storage.engine import get_engine, read_transaction, write_transaction
from govdesk.tables import AuditEvent, ImportProfile
from govdesk.terms import Role
from tests.support import tiny_county
from tests.support.importing import HEAD, INCIDENTS, incident, run

CLERK = Scope("clerk_1", Role.CLERK)
CENTRE = Scope("centre", Role.CENTRE)


@pytest.fixture
def county():
    engine = get_engine()
    tiny_county.build(engine, n_incidents=0)
    return engine


def _text(name, source="s"):
    return INCIDENTS.replace('name = "t"', f'name = "{name}"').replace('source = "t"', f'source = "{source}"')


def _list(engine, by=CLERK, **options):
    return offer_profiles(engine, by=by, **{"sample": True, **options})


def test_newest_of_a_name_counts_and_all_are_kept(county):
    save_profile(county, by=CLERK, text=_text("石江", "old"), headers=["a"])
    save_profile(county, by=CLERK, text=_text("石江", "new"), headers=["编号", "村"])
    first = _list(county)[0]
    assert (first.profile.name, first.profile.source, first.by, first.headers) == ("石江", "new", "clerk_1", ("编号", "村"))
    assert first.at == tiny_county.NOW
    assert [one.profile.name for one in _list(county)].count("石江") == 1
    with read_transaction(county) as connection:
        assert connection.scalar(select(func.count()).select_from(ImportProfile)) == 2


def test_retired_profile_is_not_offered_until_it_is_saved_again(county):
    save_profile(county, by=CLERK, text=_text("石江"), headers=[])
    retire_profile(county, by=CLERK, name="石江")
    assert "石江" not in {one.profile.name for one in _list(county)}
    save_profile(county, by=CLERK, text=_text("石江"), headers=[])
    assert "石江" in {one.profile.name for one in _list(county)}


def test_what_came_with_the_program_is_offered_where_it_may_be_used(county):
    assert "sample_incidents" in {one.profile.name for one in _list(county)}
    assert "stlouis" not in {one.profile.name for one in _list(county)}
    assert {one.profile.name for one in _list(county, sample=False)} == {"stlouis", "stlouis_cells"} | {
        one.profile.name for one in _list(county, sample=False) if not one.by}
    save_profile(county, by=CLERK, text=_text("sample_incidents", "mine"), headers=[])
    found = [one for one in _list(county) if one.profile.name == "sample_incidents"]
    assert [one.profile.source for one in found] == ["mine"]


def test_profile_that_cannot_be_used_is_not_kept(county):
    with pytest.raises(ProfileError, match="did you mean"):
        save_profile(county, by=CLERK, text=_text("x") + "[fields.categry]\nfrom='a'", headers=[])
    with write_transaction(county) as connection:
        connection.execute(insert(ImportProfile), {"name": "old", "about": "incidents", "text": "nonsense = 1",
                                                   "headers": "[]", "by": "x", "at": tiny_county.NOW})
    assert "old" not in {one.profile.name for one in _list(county)}


def test_saving_and_retiring_is_for_who_may_and_audited(county):
    for act in (lambda: save_profile(county, by=CENTRE, text=_text("x"), headers=[]),
                lambda: retire_profile(county, by=CENTRE, name="x"), lambda: _list(county, CENTRE)):
        with pytest.raises(RefusedError):
            act()
    save_profile(county, by=CLERK, text=_text("石江"), headers=[])
    retire_profile(county, by=CLERK, name="石江")
    with read_transaction(county) as connection:
        rows = connection.execute(select(AuditEvent.action, AuditEvent.detail).where(~AuditEvent.is_refused)
                                  .order_by(AuditEvent.id)).all()
    assert [row.action for row in rows] == ["save_profile"] * 2
    assert [json.loads(row.detail).get("retired") for row in rows] == [None, 1]


def test_sources_so_far_are_listed_the_usual_one_first(county, tmp_path):
    for ref, source in (("A1", "hotline"), ("A2", "court"), ("A3", "hotline")):
        run(county, tmp_path, HEAD + incident(ref), profile=_text("p", source))
    with read_transaction(county) as connection:
        assert list_sources(connection, CLERK) == ("hotline", "court")
