"""The year of dates without one, from what stands above a table."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdesk.ingest.title_dates import find_year


@pytest.mark.parametrize(("titles", "found"), [
    (["示例县2023年3月矛盾纠纷台账"], (2023, 3)), (["2023年台账"], (2023, None)), (["２０２３年度台账"], (2023, None)), (["二〇二三年三月台账"], (2023, 3)),
    (["2023年1-3月台账"], (2023, 3)), (["2023年第一季度"], (2023, 3)), (["2023年上半年"], (2023, 6)), (["2023年12月台账"], (2023, 12)),
    (["2022—2023年度台账"], None), (["2022-2023年"], None), (["台账"], None), ([], None), (["编号20230305"], None),
    (["示例县2023年1月台账", "填报单位：云溪镇 填报日期：2023年2月2日"], (2023, 1)), (["2023年台账", "填报日期：2024年1月5日"], (2023, None)),
    (["政法办〔2022〕15号", "2023年台账"], (2023, None)), (["政法办〔2022〕15号", "台账"], None), (["附件1", "（2023年）"], (2023, None)),
])
def test_titles(titles, found):
    assert find_year(titles) == found


@settings(deadline=None)
@given(st.lists(st.text(max_size=20), max_size=4))
def test_no_text_breaks_it(texts):
    found = find_year(texts)
    assert found is None or (1900 <= found[0] < 2100 and (found[1] is None or 1 <= found[1] <= 12))
