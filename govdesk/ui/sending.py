"""What becomes of a form that was sent: kept, or refused with what to correct; what was typed stays."""

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

from govdesk.rules.record_checks import FormRefusedError, Problem
from govdesk.terms import Role
from govdesk.ui import faults, loaders, session
from govdesk.ui.i18n import t
from govdesk.ui.markup import show, tag

log = logging.getLogger("govdesk.ui")

T = TypeVar("T")


def send(form: str, act: Callable[[], T], words: str, *, keep: Callable[[T], object] | None = None,
         fields: str = "field_", key: str | None = None) -> None:
    """Run what a form asks for; on success the page is drawn anew, and finds what was done by `session.find_sent`.

    Parameters
    ----------
    form : str
        Name of the form.
    words : str
        Subject of its texts: ``failed``, ``errors_title``, ``error_<key>`` and, behind `fields`, the fields.
    keep : callable, optional
        What of the result is kept; all of it by default.
    key : str, optional
        Key of the form, where the act keeps one record for it (`session.act_and_keep`).
    """
    try:
        session.act_and_keep(form, act if keep is None else lambda: keep(act()), key=key)
    except FormRefusedError as error:
        draw_problems(error.problems, words, fields)
    except Exception as error:
        # Nothing was kept; what was typed must not be lost with it.
        log.exception("the form %s could not be kept", form)
        faults.draw_not_saved(error, t(f"{words}.failed"))
    else:
        loaders.begin()  # whatever is drawn next is of the data as it is now
        st.rerun()


def draw_problems(problems: Sequence[Problem], words: str, fields: str = "field_") -> None:
    """Draw what to correct, each in a sentence that names its field."""
    lines = write_problems(problems, words, fields)
    title = tag("strong", t(f"{words}.errors_title", n=len(lines)))
    show(tag("div", title, tag("ul", *(tag("li", line) for line in lines)), class_="gd-notice gd-warn", role="alert"))


def write_problems(problems: Sequence[Problem], words: str, fields: str = "field_") -> list[str]:
    """Return a sentence for each problem; it names the field, and who was first."""
    return [t(f"{words}.error_{one.key}", field=t(f"{words}.{fields}{one.field}"), **_worded(one)) for one in problems]


def _worded(one: Problem) -> dict[str, str]:
    """Return what fills the sentence in; the kind of a step (``did``) and a role as its words."""
    values = dict(one.values)
    if "did" in values:
        values["did"] = t(f"term.step_{values['did']}")
    if values.get("by") in list(Role):  # the first local accounts are titled by their role
        values["by"] = t(f"term.role_{values['by']}")
    return values
