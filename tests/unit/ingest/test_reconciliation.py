"""A list against the register: every row and every place stands in exactly one column, whatever the list says."""

from hypothesis import given, settings
from hypothesis import strategies as st

from govdesk.ingest.place_book import FIRST_KNOWN, AliasRow, PlaceBook, PlaceRow
from govdesk.ingest.place_names import tidy
from govdesk.ingest.place_proposals import PlacesSeen
from govdesk.ingest.reconciliation import Listed, reconcile, see_places
from tests.support.dongkou_book import make_book, read_rows, row

ROWS = read_rows()
VILLAGES = [one for one in ROWS if one.level == "village"]
TOWNS = {one.code: one.name for one in ROWS if one.level == "township"}
BOOK = make_book()


def listed(villages=VILLAGES, start=2):
    return [Listed(start + at, "", one.name, TOWNS[one.parent_code]) for at, one in enumerate(villages)]


def add_up(found):
    assert found.n_rows == sum(len(getattr(found, name)) for name in ("matched", "elsewhere", "doubled", "ended", "unknown")) + found.n_blank
    assert found.n_known == len(found.matched) + len(found.elsewhere) + len(found.missing)
    assert sum(found.ways.values()) == len(found.matched)


def test_the_whole_register_matches_itself():
    found = reconcile(listed(), BOOK, "village")
    add_up(found)
    assert (found.n_known, len(found.matched), found.ways) == (364, 364, {"exact": 364})


def test_364_against_346_names_the_missing_and_the_unknown():
    kept = VILLAGES[:345]
    wrong = VILLAGES[345]
    rows = [*listed(kept), Listed(400, "", wrong.name.replace("村", "庄"), TOWNS[wrong.parent_code])]
    found = reconcile(rows, BOOK, "village")
    add_up(found)
    assert (found.n_rows, found.n_known, len(found.matched)) == (346, 364, 345)
    assert [one.code for one in found.missing] == sorted(one.code for one in VILLAGES[345:])
    assert found.unknown[0].candidates[0].code == wrong.code


def test_each_kind_of_row_is_told_apart():
    closed = PlaceRow("OLD", "旧村", "village", "430525103", FIRST_KNOWN, 1)
    book = make_book([closed], [AliasRow("老街", tidy("老街"), None, VILLAGES[0].code)])
    rows = [
        Listed(2, "", "温塘", "高沙"), Listed(3, "", "溫塘村", ""), Listed(4, "", "火星", ""), Listed(5, "", "", "高沙镇"),
        Listed(6, "", "罗溪村", "高沙镇"), Listed(7, "OLD", "", ""), Listed(8, "", "老街", ""), Listed(9, "", "金龙村", ""),
        Listed(10, VILLAGES[1].code, "别名村", ""), Listed(11, VILLAGES[2].code, VILLAGES[2].name, "高沙镇"),
        Listed(12, "", "温塘村", "火星镇")]
    found = reconcile(rows, book, "village")
    add_up(found)
    assert [one.line for one in found.matched] == [2, 8, 10]
    assert found.ways == {"normal": 1, "alias": 1, "code": 1}
    assert [(one.line, one.first_line) for one in found.doubled] == [(3, 2)]
    assert [(one.line, one.place.township) for one in found.elsewhere] == [(6, "罗溪瑶族乡"), (11, "文昌街道")]
    assert [one.line for one in found.ended] == [7]
    assert [(one.line, one.way) for one in found.unknown] == [(4, "unknown"), (9, "ambiguous"), (12, "parent_unknown")]
    assert [one.line for one in found.renamed] == [10]


def test_a_row_that_has_the_township_right_goes_before_one_that_has_not():
    found = reconcile([Listed(2, "", "罗溪村", "高沙镇"), Listed(3, "", "罗溪村", "罗溪瑶族乡")], BOOK, "village")
    assert ([one.line for one in found.matched], [one.line for one in found.doubled]) == ([3], [2])


def test_townships_may_be_reconciled_too():
    rows = [Listed(at, "", name.removesuffix("镇"), "") for at, name in enumerate(TOWNS.values(), 2)]
    found = reconcile(rows, BOOK, "township")
    add_up(found)
    assert len(found.matched) == 24


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(
    st.sampled_from(["", *(one.code for one in VILLAGES[:5]), "430525", "没有"]),
    st.sampled_from(["", "温塘村", "温塘", "金龙村", "火星", "罗溪村", "温糖村", "凤凰社区", *(one.name for one in VILLAGES[:5])]),
    st.sampled_from(["", "高沙镇", "高沙", "石江镇", "火星镇", "洞口县"])), max_size=30))
def test_counts_add_up_whatever_is_listed(rows):
    add_up(reconcile([Listed(at, *one) for at, one in enumerate(rows, 2)], BOOK, "village"))


def test_rows_of_grids_speak_of_their_villages_and_townships_without_any_are_named():
    book = make_book([row("G1", "第1网格", "grid", VILLAGES[0].code)])
    seen = see_places({"G1", VILLAGES[1].code, "430525103"}, book, "village")
    assert (seen.n_known, seen.n_in_file) == (364, 2)
    assert len(seen.townships_without) == 22  # one has villages in the file, one is named itself
    assert ("430525001", "文昌街道") not in seen.townships_without
    assert len(seen.absent) == seen.n_known - seen.n_in_file  # each is named, under its township
    assert {parent for parent, _ in seen.absent} >= {name for _, name in seen.townships_without}
    assert PlacesSeen.from_json(seen.as_json()) == seen


def test_a_register_without_the_level_says_nothing():
    assert see_places({"A"}, PlaceBook([row("A", "县", "county", None)]), "village") is None
