"""Cells of every type as offices fill them in: numbers, yes and no, codes, words for nothing, broken text."""

from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdesk.ingest.cell_numbers import read_chinese, read_whole
from govdesk.ingest.cells import Failure, Meanings, Told, make_reader
from govdesk.ingest.code_words import _OFFICE_WORDS, code_words
from govdesk.ingest.columns import Bound, convert_column
from govdesk.ingest.dates import NULL
from govdesk.ingest.empty_cells import make_empty_test
from govdesk.ingest.profiles import Column
from govdesk.ingest.readers import Piece
from govdesk.ingest.record_fields import INCIDENTS, MEDIATIONS, RECORD_KINDS, STEPS, Field
from govdesk.words import LANGUAGES, read_words

SHANGHAI = ZoneInfo("Asia/Shanghai")
MEANINGS = Meanings(zone=SHANGHAI, county=SHANGHAI, categories={"neighbour": "dispute"}, category_words={"邻里纠纷": "neighbour"}, this_year=2026)


def read(name, text, kind=INCIDENTS, column=None, meanings=MEANINGS):
    return make_reader(column, kind.field(name), meanings)(text)


def code_of(*args, **kwargs):
    found = read(*args, **kwargs)
    assert isinstance(found, Failure), found
    for language in LANGUAGES:
        assert f"note.{found.code}" in read_words(language)
        read_words(language)[f"note.{found.code}"].format(**dict(found.values))
        read_words(language).get(f"fix.{found.code}", "").format(**dict(found.values))
    return found.code


@pytest.mark.parametrize(("text", "expected"), [
    ("'00123", "00123"), ("’00123", "00123"), ("' 00123", "00123"), ("'A-1'", "'A-1'"), ("A'1", "A'1"),
])
def test_the_apostrophe_that_kept_a_running_number_as_text_is_no_part_of_it(text, expected):
    assert read("source_ref", text) == expected


def test_an_apostrophe_in_a_description_stays():
    assert read("summary", "'鑫达厂欠薪") == "'鑫达厂欠薪"


# Numbers

@pytest.mark.parametrize(("text", "number"), [
    ("12", 12), ("12.0", 12), (" 12 ", 12), ("12人", 12), ("3起", 3), ("3 件", 3), ("共3人", 3), ("1,234", 1234), ("１２", 12), ("１，２３４", 1234),
    ("十二", 12), ("一百零五", 105), ("两", 2), ("二十人", 20), ("2万", 20_000), ("1.5万", 15_000), ("两万三千", 23_000), ("3千", 3_000), ("1.2E+05", 120_000), ("１２人次", 12),
])
def test_numbers_with_one_clear_reading(text, number):
    assert read_whole(text) == number


@pytest.mark.parametrize(("text", "code"), [
    ("约20", "number_unsure"), ("20余人", "number_unsure"), ("几十人", "number_unsure"), (">5", "number_unsure"), ("10人以上", "number_unsure"),
    ("10-20", "number_range"), ("10~20人", "number_range"), ("3至5人", "number_range"), ("三、四人", "number_range"),
    ("50%", "number_is_share"), ("百分之五", "number_is_share"), ("3.5", "number_unreadable"), ("1,23", "number_unreadable"), ("十人八", "number_unreadable"),
    ("1_000", "number_unreadable"), ("多人", "number_unsure"), ("三五", "number_unreadable"), ("一百五", "number_unreadable"), ("两万三", "number_unreadable"),
    ("0", "number_out_of_range"), ("二十万", "number_out_of_range"), ("9E99", "number_unreadable"),
])
def test_numbers_that_are_none_say_why(text, code):
    assert code_of("n_people", text) == code


@settings(deadline=None)
@given(st.integers(0, 99_999_999))
def test_chinese_numerals_read_back(number):
    assert read_chinese(_write(number)) == number


def _write(number):
    if number >= 10_000:
        low = number % 10_000
        rest = ("零" if low < 1_000 else "") + _small(low) if low else ""
        return _small(number // 10_000) + "万" + rest
    return _small(number)


def _small(number):
    text, zero = "", False
    for digit, step in zip(f"{number:04d}", ("千", "百", "十", ""), strict=True):
        if digit == "0":
            zero = bool(text)
            continue
        text += ("零" if zero else "") + "零一二三四五六七八九"[int(digit)] + step
        zero = False
    return text or "零"


def test_severity_and_weight_keep_their_rules():
    assert read("severity", "Ⅱ级") == 2
    assert code_of("severity", "五级") == "number_out_of_range"
    assert code_of("weight", "2") == "weight_invalid"
    assert read("weight", "−1") == -1


# Yes and no

@pytest.mark.parametrize(("text", "value"), [("是", 1), ("有", 1), ("√", 1), ("Y", 1), ("已", 1), ("否", 0), ("无", 0), ("没有", 0), ("×", 0), ("N", 0), ("未", 0), ("-", NULL), ("不详", NULL), ("", NULL)])
def test_yes_and_no(text, value):
    assert read("is_settled", text, MEDIATIONS) == value


def test_neither_yes_nor_no_is_an_error():
    assert code_of("is_settled", "大概", MEDIATIONS) == "yes_no_unreadable"


# Nothing

@pytest.mark.parametrize("text", ["无", "—", "——", "-", "--", "/", "\\", "空", "不详", "未知", "N/A", "NULL", "None", "暂无", "　", "－", "（无）"])
def test_words_for_nothing_are_nothing_in_typed_columns(text):
    assert read("n_people", text) == NULL
    assert read("occurred_on", text) == NULL
    assert read("channel", text) is None
    assert read("category", text) is None
    assert read("handling_unit", text) is None
    assert read("source_ref", text) is None


def test_in_prose_only_signs_are_nothing():
    assert read("summary", "——") is None
    assert read("summary", "N/A") is None
    assert read("summary", "无") == "无"
    assert read("summary", "暂无") == "暂无"
    assert read("summary", "同上") == "同上"
    assert make_reader(None, Field("place_name", length=100), MEANINGS)("无") == "无"
    assert make_reader(None, Field("place_name", length=100), MEANINGS)("/") is None


def test_the_profile_names_more_words_for_nothing():
    meanings = Meanings(zone=SHANGHAI, county=SHANGHAI, empties=("待补",))
    assert read("n_people", "待补", meanings=meanings) == NULL
    assert read("summary", "待补", meanings=meanings) is None
    assert code_of("n_people", "待补") == "number_unreadable"


def test_a_word_that_the_profile_translates_is_not_nothing():
    column = Column(source=["渠道"], values={"无": "other"}, otherwise="reject")
    assert read("channel", "无", column=column) == "other"


def test_an_empty_word_takes_the_profiles_default():
    column = Column(source=["人数"], default="1")
    assert read("n_people", "不详", column=column) == 1


def test_an_unlisted_value_may_be_nothing():
    column = Column(source=["类别"], values={"邻里": "neighbour"}, otherwise="default", default="")
    assert read("category", "树木", column=column) is None


def test_dates_that_programs_write_for_none_are_none():
    assert read("occurred_on", "0000-00-00") == NULL
    assert read("occurred_on", "1900-01-00") == NULL


@pytest.mark.parametrize("text", ["同上", "〃", "同前"])
def test_as_above_is_an_error_outside_prose(text):
    assert code_of("occurred_on", text) == "cell_same_as_above"
    assert code_of("channel", text) == "cell_same_as_above"


@pytest.mark.parametrize("text", ["#REF!", "#VALUE!", "#DIV/0!", "#####", "#NAME?", "#N/A"])
def test_a_spreadsheets_fault_is_an_error(text):
    assert code_of("n_people", text) == "cell_formula_error"
    assert code_of("source_ref", text) == "cell_formula_error"
    assert read("summary", text) is None


@pytest.mark.parametrize("text", ["2.02303E+17", "1.23457e17", "1234567890123456.0"])
def test_running_numbers_that_a_spreadsheet_ruined_are_an_error(text):
    assert code_of("source_ref", text) == "code_rounded"
    assert code_of("handling_unit", text) == "code_rounded"
    assert code_of("incident_ref", text, STEPS) == "code_rounded"
    assert read("n_people", "1.2E+02") == 120


@settings(deadline=None)
@given(st.text(max_size=12))
def test_no_text_breaks_the_test_for_nothing(text):
    assert make_empty_test(is_typed=True)(text) in (True, False)


# Codes

@pytest.mark.parametrize(("name", "text", "code"), [
    ("petition_kind", "初信初访", "first"), ("petition_kind", "重访", "repeat"), ("petition_kind", "集访", "group"), ("petition_kind", "越级上访", "skip_level"),
    ("channel", "12345热线", "hotline"), ("channel", "１２３４５熱線", "hotline"), ("channel", "其它", "other"), ("stream", "矛盾糾紛", "dispute"),
    ("lodged_level", "镇级", "township"), ("channel", "APP", "app"), ("channel", "Hotline", "hotline"), ("category", "鄰裡糾紛", "neighbour"), ("outcome", "已化解", "settled"),
])
def test_words_of_offices_are_understood(name, text, code):
    found = read(name, text)
    assert (found.value if isinstance(found, Told) else found) == code


def test_already_closed_is_a_closing_step():
    assert read("kind", "已办结", STEPS) == "close"


def test_unknown_words_name_the_nearest():
    found = read("petition_kind", "初信初仿")
    assert found.code == "code_unknown"
    assert "初信" in dict(found.values)["hint"]


def test_no_word_of_offices_means_two_codes_and_every_code_exists():
    groups = {item.group: {code.value for code in item.codes} for kind in RECORD_KINDS.values() for item in kind.fields if item.codes}
    for group, listed in _OFFICE_WORDS.items():
        assert set(listed) <= groups[group]
        words = [word for text in listed.values() for word in text.split()]
        assert len(words) == len(set(words)), group
    screens = {code: read_words("zh")[f"term.petition_{code}"] for code in groups["petition"]}
    assert all(code_words(INCIDENTS.field("petition_kind"))[word] == code for code, word in screens.items())


# Text

def test_full_width_numbers_are_narrowed_and_told():
    assert read("source_ref", "Ａ－１２３") == Told("A-123", ("text_narrowed",))
    assert read("summary", "１２３号楼（Ａ）") == "１２３号楼（Ａ）"


def test_garbled_prose_is_restored_and_broken_prose_is_told():
    assert read("summary", "邻里纠纷".encode("gb18030").decode("latin-1")) == Told("邻里纠纷", ("text_repaired",))
    assert read("summary", "锟斤拷锟斤拷") == Told("锟斤拷锟斤拷", ("text_broken",))


def test_a_broken_cell_is_an_error_only_where_it_is_needed():
    assert code_of("stream", "锟斤拷锟斤拷") == "text_broken_needed"
    assert read("channel", "锟斤拷锟斤拷") == Told(None, ("text_broken",))
    assert isinstance(make_reader(None, Field("place_name", length=100), MEANINGS)("锟斤拷锟斤拷村"), Failure)


def test_bytes_of_a_garbled_text_outlive_the_removal_of_control_characters():
    assert read("summary", "环境卫生投诉".encode().decode("latin-1")).value == "环境卫生投诉"


def test_garbled_dates_and_words_are_restored_too():
    assert read("occurred_on", "2023年3月5日".encode().decode("latin-1")) == Told(19_421, ("text_repaired",))
    assert read("is_settled", "是".encode().decode("latin-1"), MEDIATIONS).value == 1


def test_several_things_are_told_of_one_cell():
    found = read("summary", "環(huán)境污染，鄰裡糾紛，電話13800138000")
    assert found.codes == ("phonetics_removed", "text_simplified")
    assert found.masked
    assert "环境污染" in found.value


def test_a_column_tells_rows_by_code():
    texts = np.array(["45000", "2023-03-05", "45000", "3月5日", ""], dtype=object)
    piece = Piece(np.arange(2, 7), [texts])
    wanted = INCIDENTS.field("occurred_on")
    column = convert_column(Bound(wanted, make_reader(None, wanted, MEANINGS), (0,)), piece)
    assert column.told["date_from_serial"].tolist() == [0, 2]
    assert list(column.failures) == [3]
    assert column.values[4] == NULL
    assert column.values[0] == column.values[2] == 19_431


@settings(deadline=None)
@given(st.sampled_from([(kind, item.name) for kind in RECORD_KINDS.values() for item in kind.fields]), st.text(max_size=30))
def test_no_cell_breaks_any_reader(what, text):
    kind, name = what
    read(name, text, kind)
