"""Every action and every subject of the audit has a word in both languages."""

import ast
import re

import pytest

from govdesk.ingest.record_fields import RECORD_KINDS
from govdesk.rules.access import ALLOWED
from govdesk.rules.audit_words import NOTED, SUBJECTS
from govdesk.rules.export_purposes import REFUSED
from govdesk.settings import ROOT
from govdesk.words import LANGUAGES, read_words

NAMED = re.compile(r"""\.audit\(\s*"([a-z_]+)"|note_page\("([a-z_]+)\"""")


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_action_and_subject_has_a_word(language):
    words = read_words(language)
    missing = [f"audit.action_{code}" for code in (*ALLOWED, *NOTED) if f"audit.action_{code}" not in words]
    missing += [f"audit.subject_{code}" for code in SUBJECTS if f"audit.subject_{code}" not in words]
    assert missing == [], "add these words to locales/*/audit.toml"


def test_each_subject_that_code_names_is_known():
    found = set()
    for path in [*(ROOT / "govdesk").rglob("*.py"), *(ROOT / "pages").glob("*.py")]:
        found |= {one for pair in NAMED.findall(path.read_text(encoding="utf-8")) for one in pair if one}
    assert len(found) > 25
    found |= {kind.table for kind in RECORD_KINDS.values()}
    assert found - set(SUBJECTS) == set(), "add these to govdesk/rules/audit_words.py and to locales/*/audit.toml"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_detail_that_an_action_tells_has_a_word(language):
    words = read_words(language)
    told = set()
    for path in (ROOT / "govdesk").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "audit":
                told |= {keyword.arg for keyword in node.keywords if keyword.arg}
    assert len(told) > 60
    assert sorted(name for name in told if f"audit.detail_{name}" not in words) == [], "add to locales/*/audit.toml"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_reason_of_a_refusal_has_a_word(language):
    """Reasons are words of ours that stand in code as they are; what is put together is listed here."""
    told = {f"photo_{key}" for key in ("no_incident", "empty", "too_large", "kind", "broken", "too_many_pixels", "too_many")}
    told |= {f"purpose_{key}" for key in ("none", "unknown", *REFUSED)}
    for path in (ROOT / "govdesk").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "note_refused(" in text or "refuse_provider" in text or "sign_in.note(" in text:
            told |= set(re.findall(r'reason="([a-z_]+)"', text)) | set(re.findall(r'_(?:note|fail)\([^)]*?"([a-z_]+)"', text))
    words = read_words(language)
    assert {"not_found", "ended_sign_in", "oidc_state"} <= told
    assert sorted(name for name in told if f"audit.reason_{name}" not in words) == [], "add to locales/*/audit.toml"
