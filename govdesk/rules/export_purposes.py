"""For what a file may be taken away: a locked list, and two purposes that are named only to be refused; pure.

SOURCE: Personal Information Protection Law of the PRC, art. 6 (a definite and reasonable purpose, and only what is
directly related to it) and art. 34 (state organs act within their statutory powers and procedures). What is recorded
here was told to the governance centre so that a dispute be settled. The police ask by the procedure of their own law,
and get an answer from the office, not from a button; an appraisal would reward whoever records less. The words, and
what the deploying office still has to look up, stand in docs/privacy.md, section 7.
"""

from govdesk.rules.access import RefusedError

#: What a file may be for. Publication is not among them: that is another processing, to be assessed first (art. 55).
OFFERED = ("mediation", "deliberation", "data_check", "report_up", "security_check")

#: Shown in the list and always refused, so that whoever has it in mind is told why, and the audit that it was asked.
REFUSED = ("policing", "appraisal")


class PurposeRefusedError(RefusedError):
    """No file is made for this purpose.

    Attributes
    ----------
    purpose : str
        One of `REFUSED`; "none" where none was stated, "unknown" where it is not on the list.
    """

    def __init__(self, purpose: str) -> None:
        super().__init__(f"no export for the purpose {purpose}", "export")
        self.purpose = purpose


def require_purpose(purpose: str | None) -> str:
    """Return a purpose of the list.

    Raises
    ------
    PurposeRefusedError
        When it is one of `REFUSED`, not on the list, or none.
    """
    if purpose in OFFERED:
        return str(purpose)
    if not purpose:
        raise PurposeRefusedError("none")
    raise PurposeRefusedError(purpose if purpose in REFUSED else "unknown")
