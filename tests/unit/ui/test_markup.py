"""All HTML is escaped in one place."""

import ast

import pytest

from govdesk.settings import ROOT
from govdesk.ui.markup import Html, address, clean_text, join, link, show, tag

HOSTILE = ['<img src=x onerror=alert(1)>', '"><script>alert(1)</script>', "' onmouseover='x", "&lt;b&gt;", "a\x00b"]


@pytest.mark.parametrize("value", HOSTILE)
def test_tag_escapes_children_and_attributes(value):
    made = tag("p", value, title=value)
    assert "<img" not in made
    assert "<script" not in made
    assert made.count("<") == 2
    assert "\x00" not in made
    assert "onmouseover='" not in made


def test_tag_keeps_what_is_markup_already():
    assert tag("p", tag("b", "x"), None, "<") == "<p><b>x</b>&lt;</p>"


def test_join_escapes_a_plain_string_and_its_separator():
    assert join(["<", tag("i", "x")], "&") == "&lt;&amp;<i>x</i>"


def test_text_loses_marks_that_turn_the_writing():
    assert clean_text("\u202e村\u2066上\u200f湾\ufeff") == "村上湾"


def test_text_of_five_thousand_characters_is_cut():
    assert len(clean_text("长" * 5000)) == 200


@pytest.mark.parametrize("href", ["javascript:alert(1)", "https://elsewhere", "//elsewhere", "data:text/html,x"])
def test_link_refuses_to_leave_the_product(href):
    with pytest.raises(ValueError, match="only pages of this product"):
        link("x", href)


def test_address_encodes_and_leaves_out_what_is_empty():
    assert address("/incident_map", place="99&x=1", streams=("a", "b"), week=None, kind="") == \
        "/incident_map?place=99%26x%3D1&streams=a,b"


def test_show_refuses_a_plain_string():
    with pytest.raises(TypeError, match="markup"):
        show("<b>x</b>")  # type: ignore[arg-type]


def test_html_survives_no_operation_as_html():
    # A plain `+` or `format` gives a plain string, which is escaped again: nothing slips through by accident.
    assert not isinstance(tag("b", "x") + "<i>", Html)


def _raw_html(path):
    """Yield the lines that make or show markup from anything but a call of the helper."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        is_raw = name == "html" and not (node.args and isinstance(node.args[0], ast.Call | ast.Name))
        if is_raw or name == "Html" or any(key.arg == "unsafe_allow_html" for key in node.keywords):
            yield name, node.lineno


OURS = ("cards", "charts", "export", "figure_cards", "formats", "incident_view", "place_view", "search_box",
        "sentences", "sparkline", "tables", "timeline")


@pytest.mark.parametrize("path", [*(ROOT / "pages").glob("*.py"), *(ROOT / "govdesk/ui" / f"{name}.py" for name in OURS)],
                         ids=lambda path: path.name)
def test_html_is_made_only_by_the_helper(path):
    assert not path.exists() or list(_raw_html(path)) == []
