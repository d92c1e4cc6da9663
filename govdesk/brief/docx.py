"""The brief as a Word file to go on writing in: headings, sentences, tables and pictures as Word knows them.

Each style names its East Asian font; without it Word falls back to another for Chinese. What it says comes from
`brief.layout`, as text: no field, no formula, no markup is made of it.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from io import BytesIO
from typing import Any

import docx
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from govdesk import palette
from govdesk.brief.layout import lay_out
from govdesk.clock import monday_of
from govdesk.rules.brief import Brief
from govdesk.rules.label_placing import measure

#: On every office PC with Chinese Windows; others put their own in its place.
FONT = "Microsoft YaHei"
_SIDE = Mm(17)
_BODY, _SMALL, _CODE = Pt(10), Pt(8), Pt(6)
#: Millimetres: between the margins, of the codes.
_WIDTH, _CODE_WIDTH = 176.0, 13.0
#: Millimetres: how wide pictures are, so that the leader has one page and a list stands on the page of its map.
_LEADER_MAP, _LIST_MAP, _CHART = 88, 74, 160
#: Points of the text in tables, millimetres of a point in a wide font, air of a cell.
_POINTS, _MILLIMETRES, _CELL_AIR = 7, 0.4, 4.5


def write_docx(
    brief: Brief, svgs: Mapping[str, str], pngs: Mapping[str, bytes], *, base_url: str = "", foot: str = ""
) -> bytes:
    """Return the Word file of a brief.

    Parameters
    ----------
    svgs : mapping of name to SVG
        Tells which pictures there are, as for the PDF.
    pngs : mapping of name to PNG
        The same pictures.
    base_url : str
        Where the program is reached; codes are links then.
    foot : str
        Who takes it away, when and what for: on each page.
    """
    layout = lay_out(brief, dict(svgs), base_url=base_url, foot=foot)
    book = docx.Document()
    _drop_old_styles(book)
    _set_styles(book)
    _set_page(book, layout)
    _set_properties(book, brief, layout)
    _write_leader(book, layout, pngs)
    for number, section in enumerate(layout["sections"][1:], 1):
        _write_section(book, section, number, pngs)
    _write_counting(book, layout)
    memory = BytesIO()
    book.save(memory)
    return memory.getvalue()


def _drop_old_styles(book: Any) -> None:
    """Leave out the second set of styles for Word 2007 of the library's template: it would contradict ours."""
    for key, relation in list(book.part.rels.items()):
        if relation.reltype.endswith("/stylesWithEffects"):
            del book.part.rels[key]


def _set_fonts(style: Any) -> None:
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{name}"), FONT)
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):  # a theme's font would win
        fonts.attrib.pop(qn(f"w:{name}"), None)


def _set_styles(book: Any) -> None:
    for style in book.styles:
        if style.element.find(qn("w:name")) is not None and style.type is not None and hasattr(style, "font"):
            _set_fonts(style)
    sizes = {"Normal": (_BODY, palette.INK), "Title": (Pt(26), palette.INK), "Heading 1": (Pt(13), palette.INK),
             "Heading 2": (Pt(10), palette.INK), "List Bullet": (_BODY, palette.INK), "Caption": (_SMALL, palette.INK)}
    for name, (size, colour) in sizes.items():
        style = book.styles[name]
        style.font.size, style.font.color.rgb = size, _colour(colour)
        style.paragraph_format.space_after = Pt(4)
    for name in ("Title", "Heading 1", "Heading 2"):
        book.styles[name].font.bold = True
        book.styles[name].paragraph_format.keep_with_next = True
    # Which of the forms of a Chinese sign, and of its punctuation, is meant.
    defaults = book.styles.element.find(f".//{qn('w:rPrDefault')}/{qn('w:rPr')}/{qn('w:lang')}")
    if defaults is not None:
        defaults.set(qn("w:eastAsia"), "zh-CN")
    borders = book.styles["Title"].element.find(f".//{qn('w:pBdr')}")
    if borders is not None:
        borders.getparent().remove(borders)


def _colour(text: str) -> RGBColor:
    return RGBColor.from_string(text.lstrip("#").upper())


def _set_page(book: Any, layout: Mapping[str, Any]) -> None:
    page = book.sections[0]
    page.orientation, page.page_width, page.page_height = WD_ORIENT.PORTRAIT, Mm(210), Mm(297)
    page.left_margin = page.right_margin = _SIDE
    page.top_margin = page.bottom_margin = Mm(20)
    head = page.header.paragraphs[0]
    head.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _add(head, f"{layout['area']} · {layout['title']} · {layout['window']}　", size=_SMALL, colour=palette.MUTED)
    if layout["mark"]:
        _add(head, f"{layout['mark']}　", size=_SMALL, colour=palette.MARK_INK, bold=True)
    _add(head, layout["version"], size=_SMALL, bold=True,
         colour=palette.BAND_RED if layout["internal"] else palette.MUTED)
    foot = page.footer.paragraphs[0]
    if layout["carried"]:
        _add(foot, layout["carried"], size=_SMALL, colour=palette.MUTED).add_break()
    _add(foot, f"{layout['use']}　{layout['as_of']}　", size=_SMALL, colour=palette.MUTED)
    _add_field(foot, "PAGE")
    _add(foot, " / ", size=_SMALL, colour=palette.MUTED)
    _add_field(foot, "NUMPAGES")


def _add_field(paragraph: Any, name: str) -> None:
    """Add the number of the page, or of pages: the only fields there are."""
    for kind in ("begin", None, "end"):
        run = _add(paragraph, "", size=_SMALL, colour=palette.MUTED)
        if kind is None:
            text = OxmlElement("w:instrText")
            text.set(qn("xml:space"), "preserve")
            text.text = f" {name} "
            run._r.append(text)
        else:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)


def _set_properties(book: Any, brief: Brief, layout: Mapping[str, Any]) -> None:
    about = book.core_properties
    about.title, about.author = f"{layout['area']} {layout['title']}"[:250], layout["area"][:250]
    about.subject, about.comments, about.language = layout["window"], layout["use"], layout["language"]
    # Dated by its week, so that the same brief is the same file.
    about.created = about.modified = datetime.combine(monday_of(brief.week + 1), time(), UTC).replace(tzinfo=None)


def _add(paragraph: Any, text: str, *, size: Any = None, colour: str | None = None, bold: bool | None = None) -> Any:
    run = paragraph.add_run(text)
    run.font.size, run.font.bold = size, bold
    if colour is not None:
        run.font.color.rgb = _colour(colour)
    return run


def _add_code(paragraph: Any, one: Mapping[str, Any]) -> None:
    """Add a trace code in small, as a link where there is an address."""
    if not one["code"]:
        return
    _add(paragraph, "\u00a0", size=_CODE)
    run = _add(paragraph, one["code"], size=_CODE, colour=palette.MUTED)
    if one["url"]:
        link = OxmlElement("w:hyperlink")
        link.set(qn("r:id"), paragraph.part.relate_to(one["url"], RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
        run._r.getparent().replace(run._r, link)
        link.append(run._r)


def _write_sentences(book: Any, section: Mapping[str, Any], size: Any = None) -> None:
    for sentence in section["sentences"]:
        paragraph = book.add_paragraph(style="List Bullet")
        for piece in sentence["pieces"]:
            if piece["text"]:
                _add(paragraph, piece["text"], bold=piece["strong"] or None, size=size)
            _add_code(paragraph, piece)
        if sentence["edited"]:
            paragraph.add_run().add_break()
            _add(paragraph, sentence["edited"], size=_SMALL, colour=palette.MUTED)


def _write_pictures(place: Any, section: Mapping[str, Any], pngs: Mapping[str, bytes], width: int) -> None:
    for one in section["pictures"]:
        caption = place.add_paragraph(style="Caption")
        caption.paragraph_format.keep_with_next = True
        _add(caption, one["caption"])
        _add_code(caption, one)
        paragraph = place.add_paragraph()
        shape = paragraph.add_run().add_picture(BytesIO(pngs[one["name"]]), width=Mm(width))
        shape._inline.docPr.set("descr", one["alt"])


def _write_table(book: Any, table: Mapping[str, Any]) -> None:
    book.add_paragraph(table["title"], style="Heading 2")
    columns = [*table["columns"], {"label": "", "number": False, "width": 0}]
    found = _add_table(book, _share_widths(columns, [row["cells"] for row in table["rows"]]), lines=True)
    for cell, column in zip(found.rows[0].cells, columns, strict=True):
        _write_cell(cell, column["label"], is_number=column["number"], colour=palette.MUTED)
    for row in table["rows"]:
        cells = found.add_row().cells
        for cell, column, text in zip(cells, columns, [*row["cells"], ""], strict=True):
            _write_cell(cell, text, is_number=column["number"])
        _add_code(cells[-1].paragraphs[0], row)
    _repeat_header(found)
    _add(book.add_paragraph(), table["note"], size=_SMALL, colour=palette.MUTED)


def _share_widths(columns: Sequence[Mapping[str, Any]], rows: Sequence[Sequence[str]]) -> list[float]:
    """Return the widths of columns in millimetres: what has no share is as wide as its longest text, the rest share."""
    longest = [max(measure(text, _POINTS) for text in (column["label"], *(row[at] for row in rows)))
               for at, column in enumerate(columns[:-1])]
    fixed = [0.0 if column["width"] else wide * _MILLIMETRES + _CELL_AIR
             for column, wide in zip(columns[:-1], longest, strict=True)] + [_CODE_WIDTH]
    shares = sum(one["width"] for one in columns) or 1
    rest = _WIDTH - sum(fixed)
    return [wide or rest * one["width"] / shares for wide, one in zip(fixed, columns, strict=True)]


def _add_table(place: Any, widths: Sequence[float], *, lines: bool) -> Any:
    """Add a table of one row with columns of these widths in millimetres; `lines` draws a hairline under each row."""
    table = place.add_table(rows=1, cols=len(widths))
    table.autofit = False
    for column, wide in zip(table.columns, widths, strict=True):
        column.width = Mm(wide)
        for cell in column.cells:
            cell.width = Mm(wide)
    if lines:
        borders = OxmlElement("w:tblBorders")
        for side in ("bottom", "insideH"):
            line = OxmlElement(f"w:{side}")
            for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", palette.LINE.lstrip("#"))):
                line.set(qn(f"w:{name}"), value)
            borders.append(line)
        table._tbl.tblPr.insert_element_before(
            borders, "w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook")
    return table


def _write_cell(cell: Any, text: str, *, is_number: bool, colour: str | None = None) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(1)
    if is_number:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    # A figure and its unit stay on one line.
    _add(paragraph, text.replace(" ", "\u00a0") if is_number else text, size=Pt(_POINTS), colour=colour)


def _repeat_header(table: Any) -> None:
    mark = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(mark)


def _write_leader(book: Any, layout: Mapping[str, Any], pngs: Mapping[str, bytes]) -> None:
    lead = layout["sections"][0]
    book.add_paragraph(layout["title"], style="Title")
    under = book.add_paragraph()
    _add(under, f"{layout['area']}　", colour=palette.MUTED)
    _add(under, layout["window"], bold=True)
    book.add_paragraph(lead["title"], style="Heading 1")
    _write_sentences(book, lead)
    left, right = _add_table(book, (_WIDTH * 0.63, _WIDTH * 0.37), lines=False).rows[0].cells
    _write_pictures(left, lead, pngs, _LEADER_MAP)
    for card in lead["cards"]:
        label = right.add_paragraph()
        _add(label, card["label"], size=_SMALL)
        _add_code(label, card)
        figure = right.add_paragraph()
        _add(figure, card["text"], size=Pt(20), bold=True)
        _add(figure, f" {card['unit']}", size=_SMALL)
        for note in card["notes"]:
            paragraph = right.add_paragraph()
            paragraph.paragraph_format.space_after = Pt(0)
            _add(paragraph, note, size=Pt(7.5), colour=palette.MUTED)
    for table in lead["tables"]:
        _write_table(book, table)
    _add(book.add_paragraph(), layout["codes"], size=_SMALL, colour=palette.MUTED)


def _write_counting(book: Any, layout: Mapping[str, Any]) -> None:
    book.add_paragraph(layout["counting-title"], style="Heading 1")
    for one in layout["counting"]:
        paragraph = book.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(1)
        _add(paragraph, f"{one['name']}　", size=_SMALL, bold=True)
        _add(paragraph, one["text"], size=_SMALL, colour=palette.MUTED)


def _write_section(book: Any, section: Mapping[str, Any], number: int, pngs: Mapping[str, bytes]) -> None:
    heading = book.add_paragraph(f"{number}  {section['title']}", style="Heading 1")
    heading.paragraph_format.page_break_before = number == 1
    _write_sentences(book, section)
    _write_pictures(book, section, pngs, _LIST_MAP if section["key"] == "warning" else _CHART)
    for table in section["tables"]:
        _write_table(book, table)
    if section["note"]:
        _add(book.add_paragraph(), section["note"], size=_SMALL, colour=palette.MUTED)
