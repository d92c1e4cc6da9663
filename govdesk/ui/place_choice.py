"""Getting to a place: the way down to it as links, and boxes to choose one."""

import streamlit as st

from govdesk.queries.places import PlaceFacts, find_breadcrumb, find_roots, list_children
from govdesk.ui import faults, session
from govdesk.ui.formats import write_term
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import address, join, link, show, tag
from govdesk.ui.setting import Setting


def go_to(key: str) -> None:
    """Put the chosen place into the address."""
    chosen = st.session_state.get(key)
    if chosen:
        session.write_params(place=str(chosen))


def draw_way(place: PlaceFacts, setting: Setting) -> None:
    """Draw the way from the root to a place, and a box to go one level down."""
    way = load(find_breadcrumb, setting.scope, place.code, setting.day) or [place]
    left, right = st.columns([3, 2], vertical_alignment="center")
    with left:
        steps = [link(step.name, address("/village", place=step.code)) for step in way[:-1]]
        steps.append(tag("strong", place.name))
        show(tag("nav", join(steps, " › "), class_="gd-way", aria_label=t("village.belongs_to")))
    with right:
        _draw_children(place, setting)


def _draw_children(place: PlaceFacts, setting: Setting) -> None:
    children = load(list_children, setting.scope, place.code, setting.day)
    if children.empty:
        return
    names = dict(zip(children["code"], children["name"], strict=True))
    key = f"down_from_{place.code}"
    st.selectbox(
        t("village.children"), list(names), index=None, format_func=lambda code: names.get(code, code), key=key,
        placeholder=f"{t('village.children')}: {write_term('level', children['level'].iloc[0], setting.words)}",
        label_visibility="collapsed", on_change=go_to, args=(key,),
    )


def draw_chooser(setting: Setting) -> None:
    """Draw boxes to choose a place from the top of the tree; says what to do where there is no tree."""
    roots = load(find_roots, setting.scope, setting.day)
    if not roots:
        faults.draw_empty(t("village.no_places"), command="python manage.py import-places FILE.csv --commit")
        return
    show(tag("p", t("village.chooser"), class_="gd-muted"))
    names = {root.code: root.name for root in roots}
    st.selectbox(
        write_term("level", roots[0].level, setting.words), list(names), index=None, key="choose_root",
        format_func=lambda code: names.get(code, code), placeholder=t("frame.choose"), on_change=go_to,
        args=("choose_root",),
    )
    children = load(list_children, setting.scope, roots[0].code, setting.day)
    if len(roots) == 1 and not children.empty:
        below = dict(zip(children["code"], children["name"], strict=True))
        st.selectbox(
            write_term("level", children["level"].iloc[0], setting.words), list(below), index=None, key="choose_child",
            format_func=lambda code: below.get(code, code), placeholder=t("frame.choose"), on_change=go_to,
            args=("choose_child",),
        )
