"""A profile made of choices: what it says, that its TOML says the same, and what is missing."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdesk.ingest.mapping_profile import Choice, Choices, build_profile, write_profile
from govdesk.ingest.profiles import ProfileError, parse_profile, read_profile
from govdesk.ingest.wanted_headers import HeaderNames
from govdesk.settings import ROOT

COLUMNS = {
    "stream": Choice(constant="dispute"), "source_ref": Choice("编号"), "occurred_on": Choice("发生日期"),
    "category": Choice("类别", values={"邻里矛盾": "neighbour", "怪": ""}), "place.name": Choice("村"), "place.parent": Choice("镇"),
    "point.lon": Choice("经度"), "point.lat": Choice("纬度"), "channel": Choice(),
}


def _choices(columns=None, **more):
    return Choices("石江镇台账", "shijiang", COLUMNS if columns is None else columns, **more)


def test_profile_says_what_was_chosen():
    profile = build_profile("incidents", _choices(sample=True, level="grid", file={"sheet": "一月"}, crs="gcj02",
                                                  convert=True))
    assert (profile.name, profile.source, profile.sample, profile.file.sheet) == ("石江镇台账", "shijiang", True, "一月")
    assert set(profile.fields) == {"stream", "source_ref", "occurred_on", "category"}
    assert profile.fields["category"].values == {"邻里矛盾": "neighbour"}
    assert profile.fields["category"].otherwise == "keep"
    assert (profile.place.name.source, profile.place.name.level, profile.place.parent.source) == (["村"], "grid", ["镇"])
    assert (profile.point.crs, profile.point.convert) == ("gcj02", True)


def test_half_a_point_and_a_parent_alone_are_left_out():
    columns = {**COLUMNS, "place.name": Choice(), "place.code": Choice("代码"), "point.lat": Choice()}
    profile = build_profile("incidents", _choices(columns))
    assert (profile.point, profile.place.parent, profile.place.code.source) == (None, None, ["代码"])


@pytest.mark.parametrize(("gone", "said"), [
    ("stream", "stream"), ("occurred_on", "occurred_on or reported_at"), ("place.name", r"\[place\]")])
def test_what_is_needed_and_missing_is_named(gone, said):
    with pytest.raises(ProfileError, match=said):
        build_profile("incidents", _choices({**COLUMNS, gone: Choice()}))


@pytest.mark.parametrize("name", ["", "  "])
def test_profile_needs_a_name_and_a_source(name):
    with pytest.raises(ProfileError):
        build_profile("incidents", Choices(name, "s", COLUMNS))
    with pytest.raises(ProfileError):
        build_profile("incidents", Choices("n", name, COLUMNS))


TEXTS = st.text(st.sampled_from(string.ascii_letters + "村镇\"'\\\n\t{}[]=#. <>%"), min_size=1, max_size=12).filter(str.strip)


@settings(max_examples=60, deadline=None)
@given(TEXTS, TEXTS, st.dictionaries(TEXTS, st.sampled_from(["neighbour", "family"]), max_size=4))
def test_text_of_a_profile_makes_the_same_profile(name, header, values):
    columns = {**COLUMNS, "category": Choice(header, values=values), "place.code": Choice(header)}
    profile = build_profile("incidents", Choices(name, "s", columns))
    assert parse_profile(write_profile(profile)) == profile


@pytest.mark.parametrize("path", sorted((ROOT / "data" / "profiles").glob("*.toml")), ids=lambda path: path.stem)
def test_text_of_every_shipped_profile_makes_the_same_profile(path):
    profile = read_profile(path)
    assert parse_profile(write_profile(profile)) == profile


def test_written_profile_holds_nothing_of_a_person_and_still_finds_its_column():
    text = """about = "incidents"
name = "t"
source = "t"
[fields.stream]
from = "类型"
values = { "纠纷" = "dispute", "纠纷13800138000" = "dispute" }
[fields.summary]
from = "内容（电话13800138000）"
[fields.occurred_on]
from = "日期"
[place.code]
from = "村"
"""
    written = write_profile(parse_profile(text, "t"))
    assert "13800138000" not in written
    kept = parse_profile(written, "t")
    assert list(kept.fields["stream"].values) == ["纠纷"]
    assert HeaderNames(["日期", "内容（电话13800138000）"]).columns(kept.fields["summary"].source[0]) == [1]
