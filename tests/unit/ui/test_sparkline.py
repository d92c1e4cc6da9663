"""The shape of some weeks in the space of a word."""

from urllib.parse import unquote

from govdesk.ui.sparkline import draw_sparkline


def _svg(markup):
    return unquote(markup.split('src="data:image/svg+xml,')[1].split('"')[0])


def test_sparkline_says_its_title_to_a_screen_reader():
    made = draw_sparkline([1, 2, 3], '近 26 周 <img src=x onerror="x">')
    assert 'alt="近 26 周 &lt;img' in made
    assert made.count("<") == 1


def test_sparkline_with_one_known_value_is_a_dash():
    assert "—" in draw_sparkline([None, 3.0], "x")
    assert "—" in draw_sparkline([], "x")


def test_sparkline_breaks_where_nothing_is_known():
    svg = _svg(draw_sparkline([1, 2, None, float("nan"), 3, 4], "x"))
    assert svg.count("<polyline") == 2


def test_sparkline_that_hardly_moves_looks_so():
    heights = {float(pair.split(",")[1]) for pair in
               _svg(draw_sparkline([100, 101, 100, 101], "x")).split('points="')[1].split('"')[0].split()}
    assert max(heights) - min(heights) < 2


def test_sparkline_of_zeros_is_a_line():
    assert "<polyline" in _svg(draw_sparkline([0, 0, 0], "x"))
