"""Every code that an import of records may say has its sentence in both languages, and every error its remedy."""

import ast

import pytest

from govdesk.settings import ROOT
from govdesk.words import LANGUAGES, placeholders, read_words

#: Modules of a record's way in, beside those of places as such (import-places has messages only).
PLACES_ONLY = {"place_headers", "place_rows", "place_tree", "place_checks", "place_files", "place_change_checks",
               "place_positions", "place_cells", "geometry", "drawing", "outlines", "context_features", "schematic",
               "tile_map"}
MODULES = [path for path in sorted((ROOT / "govdesk/ingest").glob("*.py")) if path.stem not in PLACES_ONLY] + [
    ROOT / "govdesk/actions" / name for name in (
        "importing.py", "record_storing.py", "incident_links.py", "import_context.py")]
#: Functions whose first text is the code of a note, and whether it is an error.
SAYING = {"note": True, "failure": True, "reject": True, "_reject": True, "DateRefusedError": True, "warn": False, "group": False}
#: What is said about notes, not about rows; and what a person need not mend.
WITHOUT_REMEDY = {"errors_more", "warnings_more", "hint"}


def _name(call):
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def _codes(path):
    """Yield (code, is_error) of every call that makes a note; a text with an underscore that `note` knows is a code."""
    known = {key.removeprefix("note.") for key in read_words("zh") if key.startswith("note.")}
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call) and _name(call) in SAYING:
            texts = [one.value for argument in call.args for one in ast.walk(argument)
                     if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            said = [text for text in texts if text in known] or [text for text in texts[:1] if "_" in text]
            for code in said[:2]:
                yield code, SAYING[_name(call)]


def _all_codes():
    found: dict[str, bool] = {}
    for path in MODULES:
        for code, is_error in _codes(path):
            found[code] = found.get(code, False) or is_error
    return found


def test_codes_are_found():
    found = _all_codes()
    assert {"value_missing", "date_unreadable", "key_twice", "step_edited", "category_unknown", "place_unknown"} <= {
        code for code, is_error in found.items() if is_error}
    assert "rows_skipped" in found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_its_sentence(language):
    missing = sorted(code for code in _all_codes() if f"note.{code}" not in read_words(language))
    assert missing == [], "add these to locales/*/note.toml"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_has_its_remedy(language):
    errors = {code for code, is_error in _all_codes().items() if is_error} - WITHOUT_REMEDY
    missing = sorted(code for code in errors if f"fix.{code}" not in read_words(language))
    assert missing == [], "add these to locales/*/fix.toml: what to do, in plain words of an office"


@pytest.mark.parametrize("language", LANGUAGES)
def test_remedies_belong_to_sentences_and_say_nothing_they_cannot_know(language):
    words = read_words(language)
    for key, text in words.items():
        if key.startswith("fix."):
            sentence = words.get(f"note.{key.removeprefix('fix.')}")
            assert sentence is not None, key
            assert placeholders(text) <= placeholders(sentence), key
