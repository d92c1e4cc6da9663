"""The configuration: what is in force, what is refused, and when its version changes."""

import pytest

from govdesk.rules.escalation_parts import OFFICE_PARTS, PARTS, EscalationConfigError, EscalationParts, read_parts
from govdesk.settings import get_settings
from govdesk.storage.escalation_parts import DELIVERED, list_delivered_categories, read_parts_file
from govdesk.words import LANGUAGES, say


def test_delivered_file_says_what_the_code_has_as_default():
    assert read_parts(DELIVERED.read_text(encoding="utf-8")) == EscalationParts()
    assert set(EscalationParts().violence.categories) <= list_delivered_categories()


def test_petitions_are_off_and_belong_to_the_office():
    assert set(EscalationParts().list_on()) == set(PARTS) - OFFICE_PARTS
    assert read_parts("[group_petition]\nis_on = true").group_petition.is_on


@pytest.mark.parametrize(("text", "words"), [
    ("[reopend_twice]\ntimes = 2", "reopend_twice: unknown key; did you mean 'reopened_twice'?"),
    ("[reopened_twice]\ntime = 3", "reopened_twice.time: unknown key; did you mean 'times'?"),
    ("[county_level]\nlevels = ['capital']", "county_level.levels.0"),
    ("[county_level]\nalert_days = -1", "county_level.alert_days"),
    ("[zzz]\nq = 1", "zzz: unknown key; known are police_handover"),
    ("times = = 2", "no TOML"),
])
def test_what_means_nothing_is_refused_with_the_right_key(text, words):
    with pytest.raises(EscalationConfigError) as error:
        read_parts(text)
    assert words in str(error.value)


def test_version_is_of_what_is_in_force():
    base = EscalationParts().version
    assert read_parts("# a remark\n[reopened_twice]\ntimes = 2").version == base
    assert read_parts("[group_petition]\nunanswered_days = 30").version == base  # it is off
    assert read_parts("[reopened_twice]\ntimes = 3").version != base
    assert read_parts("[violence]\nis_on = false").version != base
    assert len(base) <= 20


def test_own_file_of_the_office_wins_and_its_faults_name_it():
    assert read_parts_file() == EscalationParts()
    own = get_settings().var / "escalation_parts.toml"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text("[violence]\nis_on = false\n")
    assert "violence" not in read_parts_file().list_on()
    own.write_text("[violance]\n")
    with pytest.raises(EscalationConfigError, match=r"escalation_parts.toml: violance: unknown key; did you mean 'violence'"):
        read_parts_file()


@pytest.mark.parametrize("part", PARTS)
def test_every_part_has_words(part):
    for language in LANGUAGES:
        assert say(f"escalation.part_{part}", language)
        assert say(f"escalation.about_{part}", language)
