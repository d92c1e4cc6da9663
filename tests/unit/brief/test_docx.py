"""The Word file: whole, in the order the schema asks for, each style with its Chinese font, and printable without loss."""

import re
import shutil
import subprocess
from io import BytesIO
from zipfile import ZipFile

import pytest
from docx import Document
from docx.oxml.ns import qn
from lxml import etree
from openxml_audit import FileFormat, OpenXmlValidator

from govdesk.brief.docx import FONT
from govdesk.brief.make import draw_brief
from tests.support import brief_county

#: Order of children in the schema of WordprocessingML (ECMA-376 part 1, 17.3 and 17.4); those that occur here.
ORDER = {
    "w:pPr": ["pStyle", "keepNext", "keepLines", "pageBreakBefore", "widowControl", "numPr", "pBdr", "shd", "tabs",
              "spacing", "ind", "contextualSpacing", "jc", "outlineLvl", "rPr", "sectPr"],
    "w:rPr": ["rStyle", "rFonts", "b", "bCs", "i", "iCs", "caps", "smallCaps", "strike", "color", "spacing", "kern",
              "sz", "szCs", "u", "vertAlign", "lang"],
    "w:tblPr": ["tblStyle", "tblStyleRowBandSize", "tblStyleColBandSize", "tblW", "jc", "tblInd", "tblBorders",
                "shd", "tblLayout", "tblCellMar", "tblLook"],
    "w:tcPr": ["tcW", "gridSpan", "vMerge", "tcBorders", "shd", "vAlign"],
    "w:sectPr": ["headerReference", "footerReference", "type", "pgSz", "pgMar", "cols", "titlePg", "docGrid"],
}


@pytest.fixture(scope="module")
def made():
    """A brief with a hostile village name, for internal use, with links."""
    engine, facts = brief_county.read_once()
    maps = {name: svg for name, svg in brief_county.draw(engine, facts, "zh", is_internal=True).items()
            if name in ("map", "alerts")}
    return draw_brief(facts, brief_county.write(facts, is_internal=True), maps, carried=brief_county.CARRIED,
                      base_url="http://127.0.0.1:8501")


@pytest.fixture(scope="module")
def parts(made):
    with ZipFile(BytesIO(made.docx)) as book:
        return {name: book.read(name) for name in book.namelist()}


def _plain(text):
    return re.sub(r"\s+", "", text)


def _text(made):
    return [_plain("".join(node.text or "" for node in paragraph.iter(qn("w:t"))))
            for paragraph in Document(BytesIO(made.docx)).element.body.iter(qn("w:p"))]


def test_every_sentence_table_and_picture_is_in_it(made):
    text = re.sub(r"B\d-\d\d", "", "".join(_text(made)))
    for sentence in made.brief.sentences():
        assert _plain(sentence.text) in text
    book = Document(BytesIO(made.docx))
    n_tables = sum(len(section.tables) for section in made.brief.sections)
    assert len(book.tables) == n_tables + 1  # the leader's map beside the figures
    assert len(list(book.element.body.iter(qn("pic:pic")))) == len(made.pictures)
    assert _plain(brief_county.HOSTILE) in text


def test_mark_version_and_sentence_on_use_stand_on_every_page(made):
    page = Document(BytesIO(made.docx)).sections[0]
    head, foot = ("".join(one.text for one in part.paragraphs) for part in (page.header, page.footer))
    assert made.brief.mark in head
    assert made.brief.version in head
    assert made.brief.use in foot


def test_each_style_names_its_chinese_font(parts):
    styles = etree.fromstring(parts["word/styles.xml"])
    found = styles.findall(qn("w:style"))
    assert len(found) > 20
    for style in found:
        if style.get(qn("w:type")) in ("paragraph", "character", "table"):
            fonts = style.find(f"{qn('w:rPr')}/{qn('w:rFonts')}")
            assert fonts is not None, style.get(qn("w:styleId"))
            assert fonts.get(qn("w:eastAsia")) == FONT
            assert not [name for name in fonts.attrib if "Theme" in name]


def test_file_is_valid_against_the_schema(made, tmp_path):
    file = tmp_path / "brief.docx"
    file.write_bytes(made.docx)
    found = OpenXmlValidator(FileFormat.OFFICE_2019).validate(file)
    assert [f"{one.part_uri} {one.path}: {one.description}" for one in found.errors] == []
    assert found.is_valid


def test_parts_are_whole_and_in_the_order_of_the_schema(parts):
    for name, content in parts.items():
        if name.endswith((".xml", ".rels")):
            etree.fromstring(content)
    for name in ("word/document.xml", "word/styles.xml", "word/header1.xml", "word/footer1.xml"):
        root = etree.fromstring(parts[name])
        for kind, order in ORDER.items():
            for one in root.iter(qn(kind)):
                names = [etree.QName(child).localname for child in one]
                assert set(names) <= set(order), (name, kind, names)
                assert names == sorted(names, key=order.index), (name, kind, names)
        for cell in root.iter(qn("w:tc")):
            assert etree.QName(cell[-1]).localname == "p"  # a cell ends with a paragraph


def test_every_relation_leads_somewhere_and_pages_are_the_only_fields(parts):
    rels = etree.fromstring(parts["word/_rels/document.xml.rels"])
    targets = {one.get("Id"): one for one in rels}
    used = set(re.findall(rb'r:(?:id|embed)="(\w+)"', parts["word/document.xml"]))
    assert {one.decode() for one in used} <= set(targets)
    for one in rels:
        if one.get("TargetMode") == "External":
            assert one.get("Target").startswith("http://127.0.0.1:8501/")
        else:
            assert f"word/{one.get('Target')}" in parts or one.get("Target").lstrip("/") in parts or (
                one.get("Target").startswith("../"))
    fields = {node.text.strip() for content in (parts["word/document.xml"], parts["word/footer1.xml"])
              for node in etree.fromstring(content).iter(qn("w:instrText"))}
    assert fields == {"PAGE", "NUMPAGES"}


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed: tools/system_packages.sh")
def test_libreoffice_prints_the_same_text(made, tmp_path):
    (tmp_path / "brief.docx").write_bytes(made.docx)
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path / 'profile'}", "--headless", "--convert-to", "pdf",
         "--outdir", tmp_path, tmp_path / "brief.docx"], capture_output=True, check=True, timeout=150)
    text = subprocess.run(["pdftotext", "-raw", tmp_path / "brief.pdf", "-"], capture_output=True, check=True,
                          text=True, timeout=60).stdout
    pages = text.split("\f")[:-1]
    assert len(pages) <= 5
    second = made.brief.sections[1].sentences[0].text
    assert _plain(second) in re.sub(r"B\d-\d\d", "", _plain(pages[1]))  # the leader's part is one page
    for number, page in enumerate(pages, 1):
        assert _plain(made.brief.mark) in _plain(page)
        assert f"{number}/{len(pages)}" in _plain(page)
    printed = re.sub(r"B\d-\d\d", "", _plain(text))
    # What stands at the end of one page and the beginning of the next has foot and head between.
    missing = [one.key for one in made.brief.sentences() if _plain(one.text) not in printed]
    assert not missing


def test_foot_of_each_page_says_who_when_what_for_and_of_what(parts):
    text = "".join(etree.fromstring(parts["word/footer1.xml"]).itertext())
    for part in ("导出：值班长 #panic() · 2026-11-22 09:05", "用途：研判会商", "范围：", "预警是上门帮助的提示"):
        assert part in text
