"""The pages of the brief, looked at as a reader and as a printer would: text, boxes, fonts and pictures."""

import re
import subprocess
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from govdesk.brief import pdf
from govdesk.brief.carried import write_foot
from govdesk.brief.pictures import to_png
from govdesk.queries.brief_text import write_brief
from govdesk.rules.brief import Edit
from govdesk.rules.brief_edits import LONGEST_EDIT
from tests.support import brief_county

#: Points of a page of A4, and of its margins.
WIDTH, HEIGHT, SIDE = 595.3, 841.9, 48.0
CASES = [("zh", False), ("zh", True), ("en", True)]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """Facts, and pictures and PDF of each case, of a county with a hostile name."""
    folder = tmp_path_factory.mktemp("pdf")
    engine, facts = brief_county.read_once()
    made = {}
    for language, is_internal in CASES:
        pictures = brief_county.draw(engine, facts, language, is_internal=is_internal)
        brief = brief_county.write(facts, language, is_internal=is_internal)
        done = pdf.write_pdf(brief, pictures, base_url="http://127.0.0.1:8501",
                             foot=write_foot(brief, brief_county.CARRIED))
        path = folder / f"{language}_{is_internal}.pdf"
        path.write_bytes(done.content)
        made[language, is_internal] = (brief, pictures, done, path)
    return facts, made


def _run(*command):
    return subprocess.run(command, capture_output=True, check=True, text=True, timeout=60).stdout


def _pages(path):
    return _run("pdftotext", "-layout", path, "-").split("\f")[:-1]


def _plain(text):
    return re.sub(r"\s+", "", text)


def _boxes(path):
    """Yield for each page the boxes of its words: left, top, right, bottom, text."""
    found = _run("pdftotext", "-bbox", path, "-")
    for page in found.split("<page")[1:]:
        yield [(*map(float, word[:4]), word[4]) for word in re.findall(
            r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>', page)]


@pytest.mark.parametrize("case", CASES)
def test_leader_has_one_page_and_the_meeting_at_most_four(drawn, case):
    brief, _, done, path = drawn[1][case]
    pages = _pages(path)
    assert len(pages) == done.n_pages <= pdf.MOST_PAGES
    assert brief.sections[0].tables[0].title.split("（")[0].split("(")[0].strip() in pages[0]
    assert brief.sections[1].title in pages[1]


@pytest.mark.parametrize("case", CASES)
def test_every_page_has_mark_sentence_on_use_and_its_number(drawn, case):
    brief, _, _, path = drawn[1][case]
    pages = _pages(path)
    for number, page in enumerate(pages, 1):
        for wanted in (brief.mark, brief.use, brief.as_of, brief.version, f"{number}/{len(pages)}"):
            assert _plain(wanted) in _plain(page)


@pytest.mark.parametrize("case", CASES)
def test_every_sentence_is_printed(drawn, case):
    brief, _, _, path = drawn[1][case]
    text = _plain(_run("pdftotext", "-raw", path, "-"))
    text = re.sub(r"B\d-\d\d", "", text)
    for sentence in brief.sentences():
        assert _plain(sentence.text) in text


@pytest.mark.parametrize("case", CASES)
def test_nothing_lies_outside_the_margins_or_on_other_text(drawn, case):
    for words in _boxes(drawn[1][case][3]):
        assert len(words) > 20
        for left, top, right, bottom, text in words:
            assert left >= SIDE - 1, text
            assert right <= WIDTH - SIDE + 1, text
            assert top >= 20, text
            assert bottom <= HEIGHT - 20, text
        for at, one in enumerate(words):
            for other in words[at + 1:]:
                wide = min(one[2], other[2]) - max(one[0], other[0])
                tall = min(one[3], other[3]) - max(one[1], other[1])
                # Boxes of lines are taller than their signs, and full-width punctuation shares half a sign.
                low = min(one[3] - one[1], other[3] - other[1])
                assert not (wide > 0.55 * low and tall > 0.6 * low), (one, other)


def test_fonts_are_inside(drawn):
    lines = _run("pdffonts", drawn[1]["zh", True][3]).splitlines()[2:]
    assert lines
    for line in lines:
        assert "NotoSansCJKsc" in line
        assert line.split()[-5] == "yes", line


def test_pages_are_no_blank_paper_and_keep_their_edges_white(drawn, tmp_path):
    from PIL import Image

    _run("pdftoppm", "-r", "40", "-gray", drawn[1]["zh", True][3], tmp_path / "page")
    pages = sorted(tmp_path.glob("*.pgm"))
    assert len(pages) == drawn[1]["zh", True][2].n_pages
    for path in pages:
        page = Image.open(path)
        ink = sum(page.histogram()[:200]) / (page.width * page.height)
        assert 0.01 < ink < 0.5
        for edge in ((0, 0, page.width, 12), (0, 0, 12, page.height), (page.width - 12, 0, page.width, page.height),
                     (0, page.height - 12, page.width, page.height)):
            assert page.crop(edge).getextrema()[0] > 240


def test_hostile_village_name_is_printed_as_it_is(drawn):
    text = _plain(_run("pdftotext", "-raw", drawn[1]["zh", True][3], "-"))
    assert _plain(brief_county.HOSTILE) in text
    assert _plain(brief_county.HOSTILE) not in _plain(_run("pdftotext", "-raw", drawn[1]["zh", False][3], "-"))


def test_edited_sentences_are_text_and_fit(drawn):
    facts, made = drawn
    brief, pictures, _, _ = made["zh", False]
    hostile = '#read("/etc/passwd") $x$ */ #import "@preview/x:1.0.0" ' + "很长的一句改写，" * 30
    edits = {one.key: Edit(hostile[:LONGEST_EDIT], one.original, "研判员", datetime(2026, 11, 20, tzinfo=UTC))
             for one in brief.sentences()}
    done = pdf.write_pdf(write_brief(facts, "zh", edits=edits), pictures)
    assert done.n_pages <= pdf.MOST_PAGES
    assert done.size < 1


def test_missing_font_is_a_failure_not_boxes(drawn, tmp_path, monkeypatch):
    brief, pictures, _, _ = drawn[1]["zh", False]
    wrong = tmp_path / "brief.typ"
    wrong.write_text(pdf.TEMPLATE.read_text(encoding="utf-8").replace("Noto Sans CJK SC", "No Such Font"))
    monkeypatch.setattr(pdf, "TEMPLATE", wrong)
    with pytest.raises(pdf.BriefFailedError, match="font"):
        pdf.write_pdf(brief, pictures)


def test_brief_without_shapes_and_real_data_has_no_map_and_no_mark(drawn):
    brief, pictures, _, _ = drawn[1]["zh", False]
    done = pdf.write_pdf(replace(brief, mark="", is_sample=False), pictures | {"map": "", "alerts": ""})
    assert done.n_pages <= pdf.MOST_PAGES


def test_same_brief_is_the_same_file(drawn):
    brief, pictures, done, _ = drawn[1]["zh", False]
    foot = write_foot(brief, brief_county.CARRIED)
    assert pdf.write_pdf(brief, pictures, base_url="http://127.0.0.1:8501", foot=foot).content == done.content


def test_maps_and_charts_are_pictures_to_take_away(drawn):
    _, pictures, _, _ = drawn[1]["zh", True]
    assert {"map", "alerts", "course", "stock"} <= set(pictures)
    assert brief_county.HOSTILE not in pictures["map"]
    for name in ("map", "course"):
        assert to_png(pictures[name]).startswith(b"\x89PNG")


@pytest.mark.parametrize("case", CASES)
def test_foot_of_each_page_says_who_when_what_for_and_of_what(drawn, case):
    brief, _, _, path = drawn[1][case]
    foot = _plain(write_foot(brief, brief_county.CARRIED))
    assert "2026-11-2209:05" in foot
    assert _plain(brief.window) in foot
    assert all(foot in _plain(page) for page in _pages(path))
