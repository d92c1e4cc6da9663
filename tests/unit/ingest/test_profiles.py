"""Profiles are checked before a row is read; the documents name every key and their example works."""

import re
import tomllib

import pytest
from sqlalchemy import select

from govdesk.ingest import profiles
from govdesk.ingest.profiles import ProfileError, parse_profile, read_profile
from govdesk.ingest.record_fields import RECORD_KINDS
from govdesk.settings import ROOT
from govdesk.storage.engine import read_transaction
from govdesk.tables import Incident
from tests.support import tiny_county
from tests.support.importing import run

DOCS = (ROOT / "docs" / "import-profiles.md").read_text(encoding="utf-8")
BASE = 'about = "incidents"\nname = "t"\nown_names = true\n'


@pytest.mark.parametrize(("text", "told"), [
    ('abuot = "incidents"', "did you mean 'about'"),
    ('about = "incidnts"', "did you mean 'incidents'"),
    (BASE + "own_nmaes = true", "did you mean 'own_names'"),
    (BASE + '[fields.straem]\nfrom = "x"', "did you mean 'stream'"),
    (BASE + '[fields.stream]\nfrm = "x"', "did you mean 'from'"),
    (BASE + '[fields.stream]\nfrom = "x"\nvalus = { a = "b" }', "did you mean 'values'"),
    (BASE + '[place.code]\nfrom = "x"\ntemplat = "{}"', "did you mean 'template'"),
    (BASE + '[place.point]\nlevl = "village"', "did you mean 'level'"),
    (BASE + '[point]\nlon = { from = "x" }\nlat = { from = "y" }\ncsr = "wgs84"', "did you mean 'crs'"),
    (BASE + '[[category]]\ncod = "x"', "did you mean 'code'"),
    (BASE + '[[only]]\nfrom = "x"\nvalue = ["y"]', "did you mean 'values'"),
    (BASE + '[file]\nheader = 2', "did you mean 'header_row'"),
    (BASE + '[fields.stream]\nfrom = "x"\nextract = "("', "no regular expression"),
    (BASE + '[fields.stream]\nfrom = "x"\nreplace = [["(a)", "\\\\2"]]', "does not fit"),
    (BASE + '[fields.stream]\nfrom = "x"\ntemplate = "{0.__class__}"', "exactly one"),
    (BASE + '[fields.stream]\nfrom = "x"\ntemplate = "{:>99999999}"', "exactly one"),
    (BASE + '[fields.stream]\nfrom = "x"\nconstant = "y"', "exactly one of"),
    (BASE + '[fields.stream]\nvalues = { a = "b" }', "exactly one of"),
    (BASE + '[fields.stream]\nfrom = "x"\notherwise = "skip"', "means nothing without"),
    (BASE + '[fields.stream]\nfrom = "x"\nvalues = { a = "b" }\notherwise = "default"', "needs a 'default'"),
    (BASE + '[fields.reported_at]\nfrom = "x"\nformats = ["yyyy-mm-dd"]', "no date format"),
    (BASE + 'time_zone = "Asia/Beijing"', "no IANA time zone"),
    (BASE + '[place]\norder = ["code"]', "give at least one"),
    ('about = "incidents"\nname = "t"\n[fields.stream]\nfrom = "x"', "need occurred_on or reported_at, [place]"),
    ('about = "steps"\nown_names = true\nname = "t"\n[place.code]\nfrom = "x"', "no place of their own"),
    ("about = ", "not valid TOML"),
])
def test_wrong_profile_says_which_key_and_why(text, told):
    with pytest.raises(ProfileError) as refused:
        parse_profile(text, "t")
    assert told in str(refused.value)


def test_name_and_source_come_from_the_file(tmp_path):
    path = tmp_path / "city.toml"
    path.write_text('\ufeffabout = "steps"\nown_names = true\n', encoding="utf-8")
    assert (read_profile(path).name, read_profile(path).source) == ("city", "city")
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ProfileError, match=r"city\.toml"):
        read_profile(path)


def test_every_delivered_profile_is_valid():
    found = sorted((ROOT / "data" / "profiles").glob("*.toml"))
    assert found
    for path in found:
        read_profile(path)


def models():
    return [profiles.Profile, profiles.Column, profiles.PlaceSection, profiles.PlaceName, profiles.PlacePoint,
            profiles.PointSection, profiles.FileSection, profiles.OnlyRule, profiles.NewCategory]


@pytest.mark.parametrize("model", models())
def test_every_key_is_documented(model):
    for key in profiles._known_keys(model):
        assert f"`{key}`" in DOCS or f".{key}]`" in DOCS, f"{model.__name__}.{key}"


@pytest.mark.parametrize("about", list(RECORD_KINDS))
def test_every_field_and_code_is_documented(about):
    for field in RECORD_KINDS[about].fields:
        assert f"`{field.name}`" in DOCS, field.name
        for code in field.codes or ():
            assert f"`{code.value}`" in DOCS, (field.name, code)


def blocks(kind):
    return re.findall(rf"```{kind}\n(.*?)```", DOCS, flags=re.DOTALL)


def test_examples_of_the_documents_parse():
    examples = blocks("toml")
    assert len(examples) == DOCS.count("```toml\n") > 0
    for text in examples:
        profile = parse_profile(text, "example")
        assert profile.name == tomllib.loads(text)["name"]


def test_worked_example_imports_its_own_file(empty_engine, tmp_path):
    tiny_county.build(empty_engine, n_incidents=0)
    profile = blocks("toml")[0] + '[file]\nencoding = "utf-8"\n'
    profile = profile.replace('name = "my_city"', 'name = "my_city"\nsample = true')
    content = blocks("csv")[0].replace("东门社区", "第1镇1村").replace("西门社区", "第1镇2村").replace("城关街道", "第1镇")
    report = run(empty_engine, tmp_path, content, profile)
    assert (report.read, report.inserted, report.rejected) == (3, 2, 0), report.errors
    with read_transaction(empty_engine) as connection:
        first, second = connection.execute(select(Incident.__table__).order_by(Incident.source_ref)).all()
    assert (first.stream, first.category, first.channel, first.place_code) == ("dispute", "neighbour", "hotline", "990101001001")
    assert (second.stream, second.category, second.place_code) == ("request", "street_light", "990101001002")
    assert first.recorded_at.isoformat() == "2023-03-31T16:00:00+00:00"


@pytest.mark.parametrize("pattern", ["^(a+)+$", r"(?:\\d*,?)*x", "(.*a){20}"])
def test_expression_that_may_take_for_ever_is_refused(pattern):
    text = f'about = "incidents"\nname = "t"\n[fields.stream]\nfrom = "a"\nextract = "{pattern}"\n'
    with pytest.raises(ProfileError, match="for ever"):
        parse_profile(text, "t")
