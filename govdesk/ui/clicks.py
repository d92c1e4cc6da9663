"""A click that must not be lost: what it asks for is done before the page is drawn anew, and told on it once.

Where somebody else was quicker, the row or the button that was clicked is drawn no more. A click looked at while
drawing would then be lost, and nobody told; one that is done first is refused, and says by whom.
"""

import logging
from collections.abc import Callable

from govdesk.rules.record_checks import FormRefusedError
from govdesk.ui import faults, session
from govdesk.ui.i18n import t
from govdesk.ui.sending import draw_problems

log = logging.getLogger("govdesk.ui")


class _Failed:
    """A click that was not kept, and the error it ended with."""

    def __init__(self, error: Exception) -> None:
        self.error = error


def do(form: str, act: Callable[[], object]) -> None:
    """Run what a click asks for and keep what became of it: the ``on_click`` of a button.

    `act` reads what was typed from the session's widgets, not from the run that drew the button. What it returns must
    not be None.
    """
    try:
        session.act_and_keep(form, act)
    except FormRefusedError as error:
        session.keep_sent(form, error)
    except Exception as error:
        # Nothing was kept; what was typed must not be lost with it.
        log.exception("the click on %s failed", form)
        session.keep_sent(form, _Failed(error))


def tell(form: str, words: str) -> object | None:
    """Return what a click did, once; where it was refused or failed, say so and return None.

    Parameters
    ----------
    words : str
        Subject of the texts, as for `sending.send`; fields have no prefix.
    """
    sent = session.find_sent(form)
    if sent is None:
        return None
    session.renew_form(form)
    if isinstance(sent, FormRefusedError):
        draw_problems(sent.problems, words, "")
        return None
    if isinstance(sent, _Failed):
        faults.draw_not_saved(sent.error, t(f"{words}.failed"))
        return None
    return sent
