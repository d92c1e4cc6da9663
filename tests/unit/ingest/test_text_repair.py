"""Garbled text is restored where its bytes prove it; a text that is fine never changes."""

import random

import ftfy.bad_codecs  # noqa: F401 - registers sloppy-windows-1252
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdesk.ingest.folding import fold, simplify
from govdesk.ingest.text_repair import _first_level, everyday_share, narrow, repair, simplify_prose
from govdesk.synthetic import names, villages
from govdesk.words import read_words

MEANT = ["中国", "邻里因排水沟发生纠纷", "环境卫生投诉", "鄰裡糾紛，環境污染問題", "东门社区12号楼漏水，水管破裂（三次）。"]


def through(text, *codecs):
    for write, read in codecs:
        text = text.encode(write).decode(read)
    return text


@pytest.mark.parametrize("text", MEANT)
@pytest.mark.parametrize("codecs", [
    [("gb18030", "latin-1")],
    [("utf-8", "latin-1")],
    [("utf-8", "sloppy-windows-1252")],
    [("utf-8", "sloppy-windows-1252"), ("utf-8", "sloppy-windows-1252")],
    [("utf-8", "latin-1"), ("utf-8", "latin-1")],
])
def test_chinese_read_as_a_western_alphabet_is_restored(text, codecs):
    assert repair(through(text, *codecs)) == type(repair(""))(text, ("text_repaired",))


@pytest.mark.parametrize("text", ["邻里因排水沟发生纠纷", "中国", "环境卫生投诉", "东门社区12号楼漏水"])
def test_utf_8_read_as_gbk_is_restored(text):
    assert repair(through(text, ("utf-8", "gb18030"))).text == text


@pytest.mark.parametrize("text", ["锟斤拷锟斤拷", "处理�结果", "????", "??? 12 ???", "烫烫烫烫", "é‚»é‡Œå›\xa0æŽ’æ°´æ²Ÿå�‘"])
def test_lost_bytes_are_told_and_left(text):
    found = repair(text)
    assert found.codes == ("text_broken",)
    assert found.text == text


@pytest.mark.parametrize("text", ["为什么???", "what???", "café naïve", "Ärger über Öl", "№ 12 §3", "50 °C ± 2", "25 µg/m³", "×", "©®™", "“引号”——破折号……", "①②③ ㎡", "翃堃犇淼", "αβγ", "おはよう"])
def test_rare_signs_and_other_alphabets_are_fine(text):
    assert repair(text) == type(repair(""))(text)


def test_glosses_are_taken_out_and_told():
    assert repair("環(huán)境(jìng)污染").text == "環境污染"
    assert repair("環(huán)境").codes == ("phonetics_removed",)
    assert repair("处理(abc)了（已办）").codes == ()


def test_prose_in_traditional_characters_is_simplified():
    assert simplify_prose("鄰裡因環境污染發生糾紛") == type(repair(""))("邻里因环境污染发生纠纷", ("text_simplified",))
    assert simplify_prose("因瞭望塔归属问题与邻居发生纠纷").codes == ()
    assert simplify_prose("乾隆").text == "乾隆"
    assert simplify_prose("於潜镇邻里纠纷").codes == ()  # a name in an old spelling within a simplified text
    assert simplify("於潜镇") == "于潜镇"


def test_numbers_and_codes_are_narrowed():
    assert narrow("Ａ－１２３　（二）").text == "A-123 （二）"
    assert narrow("〔2023〕12号").codes == ()


def test_comparing_minds_neither_width_nor_case_nor_forms():
    assert fold(" ＡＢ類別 ") == fold("ab类别")
    assert simplify("abc") == "abc"


def test_everyday_characters_are_the_first_level():
    assert len(_first_level()) == 3_755
    assert everyday_share("中国") == 1.0
    assert everyday_share("abc") == 0.0


def test_the_texts_of_the_sample_county_and_of_the_screens_never_change():
    words = {text for module in (names, villages) for value in vars(module).values() for text in _strings(value)}
    words |= set(read_words("zh").values()) - {word for word in read_words("zh").values() if "環" in word or "锟" in word}
    assert len(words) > 1_000
    for text in words:
        assert repair(text).codes == ()
        assert simplify_prose(text).text == text


def _strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _strings(key)
            yield from _strings(item)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _strings(item)


@settings(deadline=None)
@given(st.text(st.sampled_from(sorted(_first_level())), min_size=1, max_size=60))
def test_everyday_texts_never_change(text):
    assert repair(text).codes == ()


@settings(deadline=None)
@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), max_size=30))
def test_texts_of_rare_characters_are_changed_only_on_proof(text):
    found = repair(text)
    assert found.text == text or ("text_repaired" in found.codes and found.text.encode().decode("gb18030") == text)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_no_text_breaks_the_repair(text):
    repair(text), simplify_prose(text), narrow(text), fold(text)


@settings(deadline=None)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=0x17F), max_size=40))
def test_western_texts_become_chinese_only_on_proof(text):
    found = repair(text)
    assert "text_repaired" not in found.codes or everyday_share(found.text) >= 0.8


def test_almost_every_garbled_sentence_of_common_words_is_restored():
    chooser, characters = random.Random(1), sorted(_first_level())
    sentences = ["".join(chooser.choices(characters, k=12)) for _ in range(300)]
    for codecs in ([("gb18030", "latin-1")], [("utf-8", "latin-1")], [("utf-8", "gb18030")]):
        garbled = []
        for text in sentences:
            try:
                garbled.append((through(text, *codecs), text))
            except UnicodeError:
                continue  # UTF-8 bytes that are no GBK: such a file cannot have come about without loss
        restored = sum(repair(bad).text == text for bad, text in garbled)
        assert restored >= 0.98 * len(garbled)


