"""The one button that gives out a file: first the purpose, then the file, made when it is asked for."""

from collections.abc import Callable
from typing import Literal

import streamlit as st

from govdesk.ui.i18n import t
from govdesk.ui.purpose import ask_purpose, find_purpose
from govdesk.ui.trail import noted


def offer_file(
    label: str, make: Callable[[], bytes] | bytes, *, name: str, kind: str, file_name: str, mime: str, key: str,
    about: str = "", look: Literal["primary", "secondary", "tertiary"] = "secondary",
    icon: str = ":material/download:", width: Literal["stretch", "content"] = "content", hint: str | None = None,
) -> None:
    """Draw the button of a file; where no purpose was stated yet, one that looks the same asks for it.

    Parameters
    ----------
    make : callable or bytes
        The file, or what makes it.
    name : str
        Name of the export in the audit.
    kind : str
        Ending of the file.
    about : str
        What it is filtered by, for the audit.
    """
    purpose = find_purpose()
    if purpose is None:
        if st.button(label, key=f"{key}_purpose", type=look, icon=icon, width=width, help=t("purpose.first")):
            ask_purpose()
        return
    st.download_button(label, data=noted(name, kind, make, about, purpose=purpose), file_name=file_name, mime=mime,
                       on_click="ignore", key=key, type=look, icon=icon, width=width, help=hint)
