"""Makes the first page as quick as the next: what pages are drawn with is imported before anybody asks."""

import gc
import importlib
import pkgutil

import govdesk.ui


def warm_up() -> None:
    """Import every module of `govdesk.ui` but the frame script, and take them out of the garbage collector's way.

    Notes
    -----
    The libraries behind a page hold about a million objects that live as long as the process; walking them at each
    full collection cost a fifth of a rerun. `gc.freeze` leaves them out.
    """
    prefix = f"{govdesk.ui.__name__}."
    for module in pkgutil.walk_packages(govdesk.ui.__path__, prefix):
        if module.name != f"{prefix}main":  # the frame is a script: Streamlit runs it once for each rerun
            importlib.import_module(module.name)
    gc.collect()
    gc.freeze()
