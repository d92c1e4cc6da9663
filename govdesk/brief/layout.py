"""A brief as plain values for the templates of PDF and Word: texts stay texts, nothing becomes markup."""

from typing import Any

from govdesk.rules.brief import Brief, Card, Number, Picture, Pieces, Row, Section, Sentence, Table, Trace
from govdesk.rules.brief_indicators import words_of
from govdesk.rules.plain_text import clean_line
from govdesk.words import say

_LONGEST = 600
#: Column of the band in tables whose rows have one.
BAND_AT = 2


def lay_out(
    brief: Brief, pictures: dict[str, str], *, base_url: str = "", with_originals: bool = True, foot: str = ""
) -> dict[str, Any]:
    """Return a brief as nested lists and dicts of text.

    Parameters
    ----------
    pictures : dict of name to SVG
        Of those that are drawn; a picture that is missing or empty is left out.
    base_url : str
        Where the program is reached, without a slash at the end; empty: codes are printed without links.
    with_originals : bool
        Whether the sentence as the rules wrote it is printed below an edited one.
    foot : str
        Who takes it away, when and what for (`carried.write_foot`); empty: it is looked at on screen.
    """
    language = brief.language
    return {
        "language": language, "area": clean_line(brief.area), "title": brief.title, "window": brief.window,
        "version": brief.version, "as_of": brief.as_of, "mark": brief.mark, "use": brief.use, "carried": foot,
        "internal": brief.is_internal, "codes": say("brief.codes", language),
        "sections": [_section(one, brief, pictures, base_url, with_originals) for one in brief.sections],
        "counting-title": say("brief.title_counting", language), "counting": _explain(brief),
    }


def _explain(brief: Brief) -> list[dict[str, str]]:
    """Return how each indicator is counted that a number of the brief is of, in the order in which they occur."""
    found = []
    for key in dict.fromkeys(number.indicator for number in brief.numbers()):
        words = words_of(key)
        text = say("brief.counting", brief.language, **{name: say(f"{words}_{name}", brief.language)
                                                        for name in ("formula", "denominator", "window")})
        found.append({"name": say(words, brief.language), "text": text})
    return found


def _section(
    section: Section, brief: Brief, pictures: dict[str, str], base_url: str, with_originals: bool
) -> dict[str, Any]:
    return {
        "key": section.key, "title": section.title, "note": section.note,
        "sentences": [_sentence(one, brief.language, base_url, with_originals) for one in section.sentences],
        "cards": [_card(one, pictures, base_url) for one in section.cards],
        "pictures": [_picture(one, base_url) for one in section.pictures if pictures.get(one.name)],
        "tables": [_table(one, base_url) for one in section.tables if one.rows],
    }


def _trace(trace: Trace | None, base_url: str) -> dict[str, str]:
    if trace is None:
        return {"code": "", "url": ""}
    return {"code": trace.code, "url": f"{base_url}{trace.address}" if base_url else ""}


def _sentence(sentence: Sentence, language: str, base_url: str, with_originals: bool) -> dict[str, Any]:
    if sentence.edit is None:
        return {"pieces": write_pieces(sentence.pieces, base_url), "edited": ""}
    edit = sentence.edit
    codes = list(dict.fromkeys(number.trace for number in sentence.numbers))
    pieces: list[dict[str, Any]] = [{"text": clean_line(edit.text, _LONGEST), "strong": False, "code": "", "url": ""}]
    pieces += [{"text": "", "strong": False, **_trace(trace, base_url)} for trace in codes]
    edited = say("brief.edited" if with_originals else "brief.edited_short", language, by=clean_line(edit.by),
                 at=f"{edit.at:%Y-%m-%d}", original=clean_line(edit.original, _LONGEST))
    return {"pieces": pieces, "edited": edited}


def write_pieces(pieces: Pieces, base_url: str) -> list[dict[str, Any]]:
    """Return words and numbers; a code stands beside the last number of a text that has it."""
    last = {piece.trace.code: at for at, piece in enumerate(pieces) if isinstance(piece, Number)}
    found: list[dict[str, Any]] = []
    for at, piece in enumerate(pieces):
        if isinstance(piece, Number):
            is_last = last[piece.trace.code] == at
            found.append({"text": _keep_together(piece.text), "strong": True,
                          **_trace(piece.trace if is_last else None, base_url)})
        else:
            text = _keep_together(clean_line(piece, _LONGEST, strip=False))
            found.append({"text": text, "strong": False, "code": "", "url": ""})
    return found


def _keep_together(text: str) -> str:
    """Return a text in which no line breaks before a per cent sign."""
    return text.replace(" %", "\u00a0%")


def _card(card: Card, pictures: dict[str, str], base_url: str) -> dict[str, Any]:
    spark = f"spark_{card.number.indicator}"
    return {"label": card.label, "text": card.number.text, "unit": card.unit,
            "notes": [_keep_together(note) for note in card.notes],
            "spark": spark if pictures.get(spark) else "", **_trace(card.number.trace, base_url)}


def _picture(picture: Picture, base_url: str) -> dict[str, Any]:
    return {"name": picture.name, "caption": picture.caption, "alt": picture.alt, **_trace(picture.trace, base_url)}


def _table(table: Table, base_url: str) -> dict[str, Any]:
    return {
        "key": table.key, "title": table.title, "note": _keep_together(table.note), "band-at": BAND_AT,
        "spread": sum(one.is_number for one in table.columns) > 2 and not any(row.band for row in table.rows),
        "columns": [{"label": one.label, "number": one.is_number, "width": one.width} for one in table.columns],
        "rows": [_row(one, base_url) for one in table.rows]}


def _row(row: Row, base_url: str) -> dict[str, Any]:
    cells = [_keep_together(cell.text if isinstance(cell, Number) else clean_line(cell, _LONGEST))
             for cell in row.cells]
    return {"cells": cells, "band": row.band, **_trace(row.trace, base_url)}
