"""Settings are checked once, and each is documented."""

import re

import pytest
from pydantic import ValidationError

from govdesk.settings import ROOT, Settings


def test_settings_default_is_sqlite_in_the_work_folder(tmp_path):
    assert Settings(var=tmp_path).url == f"sqlite:///{tmp_path}/govdesk.db"


@pytest.mark.parametrize(("name", "value", "said"), [
    ("GOVDESK_ZONE", "Asia/Shangai", "no IANA time zone"),
    ("GOVDESK_NOW", "2026-11-22T08:00:00", "needs an offset"),
    ("GOVDESK_LANGUAGE", "fr", "'zh' or 'en'"),
])
def test_settings_with_unusable_value_refused(monkeypatch, name, value, said):
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=said):
        Settings()


def test_every_setting_is_documented():
    documented = set(re.findall(r"^\| `(GOVDESK_[A-Z_]+)`", (ROOT / "docs" / "settings.md").read_text(), re.M))
    assert documented == {f"GOVDESK_{name.upper()}" for name in Settings.model_fields}
