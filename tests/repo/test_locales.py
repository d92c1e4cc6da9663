"""Both languages say the same things, and code holds no Chinese."""

import io
import re
import tokenize
import tomllib

import pytest

from govdesk import terms
from govdesk.settings import ROOT
from govdesk.words import LANGUAGES, LOCALES, placeholders, read_words, say

HAN = re.compile(r"[\u3400-\u9fff]")
#: Header tables of files that Chinese offices write, and what reads their numerals.
HAN_ALLOWED = ("govdesk/synthetic/", "tests/", "benchmarks/", "migrations/", "govdesk/ingest/",
               "tools/fuzz_")  # files made to be broken


def test_languages_have_the_same_files_and_keys():
    files = [{path.name for path in (LOCALES / language).glob("*.toml")} for language in LANGUAGES]
    assert files[0] == files[1]
    assert read_words("zh").keys() == read_words("en").keys()


def test_languages_have_the_same_placeholders():
    zh, en = read_words("zh"), read_words("en")
    different = {key for key in zh if placeholders(zh[key]) != placeholders(en[key])}
    assert different == set()


def test_every_word_is_a_text():
    for language in LANGUAGES:
        for path in (LOCALES / language).glob("*.toml"):
            for key, text in tomllib.loads(path.read_text(encoding="utf-8")).items():
                assert isinstance(text, str), (path.name, key)
                assert text.strip(), (path.name, key)


def test_english_has_no_chinese():
    # Names of the languages themselves, and of marks the law prescribes, stay as they are.
    kept = {"frame.language_zh", "frame.sample_mark", "frame.map_approval"}
    assert {key for key, text in read_words("en").items() if HAN.search(text)} <= kept


@pytest.mark.parametrize(("group", "codes"), [
    ("stream", terms.Stream), ("level", terms.Level), ("kind", terms.PlaceKind), ("change", terms.PlaceChangeKind),
    ("shape", terms.ShapeKind), ("point", terms.PointKind), ("petition", terms.PetitionKind),
    ("channel", terms.Channel), ("resolution", terms.ResolutionLevel), ("step", terms.StepKind),
    ("status", terms.Status), ("outcome", terms.Outcome), ("method", terms.MediationMethod),
    ("mediation", terms.MediationChannel), ("revisit", terms.RevisitResult), ("source", terms.SourceChangeKind),
    ("works", terms.WorksKind), ("role", terms.Role), ("capacity", terms.CapacityKind),
])
def test_every_code_has_words(group, codes):
    for code in codes:
        for language in LANGUAGES:
            assert say(f"term.{group}_{code}", language)


def _chinese_literals(path):
    source = path.read_text(encoding="utf-8")
    before = None
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.STRING:
            # A docstring stands where a statement stands: after a line's beginning.
            is_docstring = before in (None, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.NL)
            if HAN.search(token.string) and not is_docstring:
                yield f"{path.relative_to(ROOT)}:{token.start[0]}"
        if token.type != tokenize.COMMENT:
            before = token.type


def test_code_holds_no_chinese_literal():
    found = [
        place
        for path in ROOT.rglob("*.py")
        if ".venv" not in path.parts
        and not str(path.relative_to(ROOT)).startswith(HAN_ALLOWED)
        for place in _chinese_literals(path)
    ]
    assert found == []
