"""Works as drawn: both comparisons beside the villages concerned, neutral words, few projects as counts, none at all."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import delete, insert

from govdesk.clock import monday_of
from govdesk.storage.engine import write_transaction
from govdesk.tables import WorksProject
from tests.support import tiny_county
from tests.support.part_pages import list_specs, open_part
from tests.support.screens import all_html, all_text
from tests.support.tiny_county import NOW

COUNTY = tiny_county.COUNTY
LAST = 2967


def _draw(**kwargs):
    return open_part("trend_works", "draw_works_exposure", weeks=100, **kwargs)


def _works(engine, n, name="工程{}"):
    with write_transaction(engine) as connection:
        connection.execute(delete(WorksProject))
        connection.execute(insert(WorksProject), [{
            "source": "x", "source_ref": f"W{k}", "content_hash": "0", "name": name.format(k), "kind": "road",
            "recorded_at": NOW - timedelta(days=1), "place_code": f"{COUNTY}00{1 + k % 3}00{1 + k // 3 % 2}",
            "started_on": monday_of(LAST - 80 + 6 * k), "ended_on": monday_of(LAST - 78 + 6 * k)} for k in range(n)])


@pytest.fixture
def county(empty_engine):
    tiny_county.build(empty_engine, 4000)
    return empty_engine


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_finding_and_charts_stand_beside_both_comparisons(county, lang):
    _works(county, 8)
    page = _draw(lang=lang)
    text = all_text(page)
    wanted = {"zh": ("8 个工程开工后的 10 周", "95% 区间", "同一批村上年同周", "同乡镇无工程的村", "原因不是"),
              "en": ("after the start of 8 works projects", "95 % interval", "Same villages, same weeks a year before",
                     "Same townships, no works", "a cause is not")}[lang]
    for part in wanted:
        assert part in text
    for word in ("导致", "造成", "引发", "caused", "because"):
        assert word not in text
    specs = [json.loads(spec) for spec in list_specs(page)]
    assert len(specs) == 2
    assert all(len(spec["description"]) > 30 for spec in specs)
    assert len([one for one in page.get("download_button") if one.proto.label.endswith("CSV")]) == 2


def test_few_projects_have_counts_and_no_curve(county):
    _works(county, 3)
    page = _draw()
    assert list_specs(page) == []
    text = all_text(page)
    assert "少于 5 个不画区间和曲线" in text
    assert "95% 区间" not in text


def test_no_project_says_what_to_do(county):
    with write_transaction(county) as connection:
        connection.execute(delete(WorksProject))
    assert "import-works" in all_text(_draw())


def test_hostile_names_are_text_and_bands_are_given(county):
    _works(county, 6, "<img src=x onerror=alert(1)>{}")
    assert "<img" not in all_html(_draw())
