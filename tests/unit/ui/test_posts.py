"""Nobody reads a code where a post belongs."""

import pytest

from govdesk.ui.posts import name_post


@pytest.mark.parametrize(("title", "zh"), [
    ("system", "系统（自动）"), ("centre", "综治中心值班员"), ("水利局值班岗", "水利局值班岗")])
def test_a_post_is_named_by_its_title(title, zh):
    assert name_post(title, "zh") == zh
