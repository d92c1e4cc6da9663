"""The document of the case flow shows the flow that is delivered; a file that cannot be used is said on the page."""

from streamlit.testing.v1 import AppTest

from govdesk.cli.draw_flow import draw_flow, replace_drawing
from govdesk.rules.case_flow import read_flow
from govdesk.settings import ROOT, get_settings
from govdesk.storage.case_flow import DELIVERED
from tests.support.screens import all_html


def test_document_equals_the_configuration():
    text = (ROOT / "docs" / "case-flow.md").read_text(encoding="utf-8")
    flow = read_flow(DELIVERED.read_text(encoding="utf-8"))
    assert replace_drawing(text, draw_flow(flow)) == text, "python manage.py draw-flow docs/case-flow.md --commit"


def test_another_flow_is_another_drawing():
    five = read_flow((DELIVERED.parent / "case_flow_five.toml").read_text(encoding="utf-8"))
    seven = read_flow(DELIVERED.read_text(encoding="utf-8"))
    assert draw_flow(five) != draw_flow(seven)


def test_flow_that_cannot_be_used_is_said_instead_of_a_page_until_it_is_mended(tiny_engine):
    own = get_settings().var / "case_flow.toml"
    own.write_text(DELIVERED.read_text(encoding="utf-8").replace('statuses = ["answered"]', "statuses = []"), "utf-8")
    frame = AppTest.from_file(str(ROOT / "govdesk" / "ui" / "main.py"), default_timeout=60).run()
    assert not frame.exception
    html = all_html(frame)
    assert "流程或时限的文件不能用" in html
    assert "case_flow.toml" in html
    assert "status answered: stands in 0 nodes" in html
    own.unlink()
    frame.run()
    assert "流程或时限的文件不能用" not in all_html(frame)


def test_limits_that_cannot_be_used_are_said_too(tiny_engine):
    (get_settings().var / "time_limits.csv").write_text("stage,stream\ntriage,\n", encoding="utf-8")
    frame = AppTest.from_file(str(ROOT / "govdesk" / "ui" / "main.py"), default_timeout=60).run()
    assert not frame.exception
    assert "time_limits.csv" in all_html(frame)
