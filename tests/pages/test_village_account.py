"""An account of one village: its score, reasons and data on one page, an objection from there, nothing of others."""

import pytest
from sqlalchemy import select

from govdesk.actions.sample_accounts import add_sample_accounts
from govdesk.rules.access import SYSTEM
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.tables import Account, Place, RiskListing, RiskObjection
from tests.support import scored_county
from tests.support.screens import all_html, all_text, open_page


@pytest.fixture
def village():
    """The code of the village whose account the sample county offers."""
    scored_county.build(get_engine())
    add_sample_accounts(get_engine(), by=SYSTEM)
    with read_transaction(get_engine()) as connection:
        return connection.scalar(select(Account.area_code).where(Account.code == "sample_village"))


def _widget(page, kind, key):
    return next(one for one in getattr(page, kind) if str(one.key).startswith(key))


def test_village_sees_its_score_with_reasons_and_data_and_no_other_village(village):
    with read_transaction(get_engine()) as connection:
        assert village in set(connection.scalars(select(RiskListing.place_code)))
        others = set(connection.scalars(select(Place.code).where(Place.level == "village"))) - {village}
    page = open_page("early_warning", account="sample_village", rest="all")
    html = all_html(page)
    assert f"/village?place={village}" in html
    assert 'class="gd-warning-p"' in html
    assert 'class="gd-odds"' in html
    assert "/incident?id=" in html
    assert others
    assert not [code for code in others if f"place={code}" in html]


def test_village_objects_on_the_page_of_its_score_and_the_count_on_the_model_card_rises(village):
    assert "共 1 条" not in all_text(open_page("model_card", account="local_clerk", section="objections"))
    page = open_page("early_warning", account="sample_village")
    _widget(page, "radio", "objection_about_").set_value("village").run()
    _widget(page, "text_area", "objection_text_").input("这两件是同一件，已调解").run()
    _widget(page, "button", "objection_save_").click().run()
    assert not page.exception
    with read_transaction(get_engine()) as connection:
        row = connection.execute(select(RiskObjection.place_code, RiskObjection.by, RiskObjection.run_id)).one()
    assert (row.place_code, row.by) == (village, "sample_village")
    assert row.run_id is not None
    assert "共 1 条，1 条未答复" in all_text(open_page("model_card", account="local_analyst", section="objections"))


def test_township_has_its_form_on_the_model_card_only(village):
    page = open_page("early_warning", account="local_centre")
    assert not [one for one in page.text_area if str(one.key).startswith("objection_text_")]
