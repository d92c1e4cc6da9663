"""Who asks, and for which area: the scope that every query takes and the caller that every action takes.

Accounts exist from the first day, doors come later: until there is a sign-in the frame supplies a local account.
The rules here are pure; `queries.scoping` turns a scope into a condition of a query.
"""

from dataclasses import dataclass, field

from govdesk.terms import Role


class RefusedError(PermissionError):
    """The caller may not do this; `args[0]` is a sentence for the screen.

    Attributes
    ----------
    action : str or None
        What was tried.
    is_noted : bool
        Whether the audit knows already.
    """

    def __init__(self, message: str = "", action: str | None = None) -> None:
        super().__init__(message)
        self.action = action
        self.is_noted = False


@dataclass(frozen=True, slots=True)
class Scope:
    """What a caller may read.

    Attributes
    ----------
    account : str
        Code of the account (a post with a role and an area), as written in the audit.
    role : Role
        Decides which actions are allowed.
    area_code : str or None
        Place whose tree may be read; None means the whole database.
    unit_code : str or None
        Unit the post belongs to. An incident that concerns this unit is hidden from it.
    address : str or None
        Where the caller comes from, for the audit; None on the office PC itself. What may be read does not depend on
        it, so it is no part of what a scope equals.
    """

    account: str
    role: Role
    area_code: str | None = None
    unit_code: str | None = None
    address: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody before the door: no account and no role yet, only where from."""

    address: str


#: The command line on the office PC acts with the rights of whoever may run it.
SYSTEM = Scope(account="system", role=Role.ADMIN)

#: Those who work at a desk with the county's figures. Not the wall, on which anybody looks; not a machine of intake.
_DESK = frozenset({
    Role.LEADER, Role.CENTRE, Role.ANALYST, Role.TOWNSHIP, Role.DEPARTMENT, Role.CLERK, Role.ADMIN})

#: Which role may call which action; the only such table. An action that is not listed is refused to all. Actions ask
#: it before they write (`actions.acting`), queries before they read (`queries.permission`).
ALLOWED: dict[str, frozenset[Role]] = {
    # Sums, rates, maps and the tree of places, of the account's own area. A department handles for the whole county and
    # a clerk answers for what was entered: both need to see what the figures make of it.
    "view_overview": _DESK,
    # Single incidents: lists, steps, points on the map, search. The wall reads the few that a scene shows by
    # `view_wall`, without steps and points.
    "view_incidents": _DESK,
    "import_places": frozenset({Role.CLERK, Role.ADMIN}),
    "import_records": frozenset({Role.CLERK, Role.ADMIN}),
    # Whoever keeps the data sees what came in and from which file; the centre asks why a number jumped.
    "view_imports": frozenset({Role.CENTRE, Role.ANALYST, Role.CLERK, Role.ADMIN}),
    "undo_import": frozenset({Role.CLERK, Role.ADMIN}),
    "save_profile": frozenset({Role.CLERK, Role.ADMIN}),
    "accept_alias": frozenset({Role.CLERK, Role.ADMIN}),
    # Whether two reports are one matter is judged by those who read them every day.
    "merge_incidents": frozenset({Role.CENTRE, Role.CLERK, Role.ADMIN}),
    "view_data_quality": frozenset({
        Role.LEADER, Role.CENTRE, Role.ANALYST, Role.TOWNSHIP, Role.CLERK, Role.ADMIN}),
    "register_record": frozenset({Role.CENTRE, Role.TOWNSHIP, Role.DEPARTMENT, Role.CLERK, Role.ADMIN}),
    # Not for townships and departments: nobody marks a rise in its own numbers as a change of recording.
    "register_source_change": frozenset({Role.CENTRE, Role.CLERK, Role.ADMIN}),
    "rebuild_counts": frozenset({Role.ADMIN}),
    "find_escalations": frozenset({Role.CLERK, Role.ADMIN}),
    # A score is made by those who act on it or keep the data, judged by those who analyse.
    "backtest_labels": frozenset({Role.CENTRE, Role.ANALYST, Role.CLERK, Role.ADMIN}),
    "train_classifiers": frozenset({Role.CENTRE, Role.CLERK, Role.ADMIN}),
    "score_villages": frozenset({Role.CENTRE, Role.CLERK, Role.ADMIN}),
    # Not for departments and the wall: an alert is an offer of help, no lead for the police, no rank on show.
    "view_warnings": frozenset({Role.LEADER, Role.CENTRE, Role.ANALYST, Role.TOWNSHIP, Role.CLERK, Role.ADMIN}),
    # Sums by township: also for the wall, on which no village is named; departments stay out.
    "view_warning_counts": frozenset({
        Role.LEADER, Role.CENTRE, Role.ANALYST, Role.TOWNSHIP, Role.CLERK, Role.ADMIN, Role.WALL}),
    # Thresholds are adopted by those who judge them; leaders look on.
    "view_thresholds": frozenset({Role.LEADER, Role.ANALYST}),
    "adopt_thresholds": frozenset({Role.ANALYST}),
    "adopt_groups": frozenset({Role.ANALYST}),
    # The centre lives with the list: it reads what the list can be relied on for.
    "view_model_card": frozenset({Role.LEADER, Role.CENTRE, Role.ANALYST, Role.CLERK, Role.ADMIN}),
    # Whoever is scored may object; whoever analyses answers.
    "object_to_score": frozenset({Role.CENTRE, Role.TOWNSHIP, Role.CLERK, Role.ADMIN}),
    "answer_objection": frozenset({Role.ANALYST, Role.ADMIN}),
    # Written for those who decide and those who prepare it; a leader reads what others have signed.
    "view_brief": frozenset({Role.LEADER, Role.CENTRE, Role.ANALYST, Role.ADMIN}),
    "edit_brief": frozenset({Role.CENTRE, Role.ANALYST, Role.ADMIN}),
    # Who was visited because of an alert says who was on the list.
    "view_visits": frozenset({Role.LEADER, Role.CENTRE, Role.ANALYST, Role.TOWNSHIP, Role.CLERK, Role.ADMIN}),
    "record_visit": frozenset({Role.CENTRE, Role.TOWNSHIP, Role.ADMIN}),
    # What hangs on a wall of the centre is meant for those who stand before it; the desk says what it shows.
    "view_wall": frozenset({Role.WALL, Role.CENTRE, Role.LEADER, Role.ANALYST, Role.CLERK, Role.ADMIN}),
    "pin_wall": frozenset({Role.CENTRE, Role.ADMIN}),
    # The loop. Which step an account may take of which incident is said by the case flow (`rules.case_flow`).
    "view_board": frozenset({Role.LEADER, Role.CENTRE, Role.TOWNSHIP, Role.DEPARTMENT, Role.ADMIN}),
    "take_step": frozenset({Role.CENTRE, Role.TOWNSHIP, Role.DEPARTMENT, Role.ADMIN}),
    "urge_overdue": frozenset({Role.ADMIN}),
    "record_mediation": frozenset({Role.CENTRE, Role.TOWNSHIP, Role.DEPARTMENT, Role.ADMIN}),
    # Seen by those who handle; `queries.photos` looks at the incident as well.
    "view_photos": frozenset({Role.CENTRE, Role.TOWNSHIP, Role.DEPARTMENT, Role.ADMIN}),
    # Who reports or handles; an intake adds to what came in through it (`actions.photos`).
    "add_photo": frozenset({Role.CENTRE, Role.TOWNSHIP, Role.DEPARTMENT, Role.ADMIN, Role.INTAKE}),
    # Whoever sees a face in a picture takes it out at once.
    "remove_photos": frozenset({Role.CENTRE, Role.ADMIN}),
    # A township calls, whoever is called answers, the centre sees to it that they do.
    "view_calls": frozenset({Role.LEADER, Role.CENTRE, Role.TOWNSHIP, Role.DEPARTMENT, Role.ADMIN, Role.WALL}),
    "call_units": frozenset({Role.CENTRE, Role.TOWNSHIP, Role.ADMIN}),
    "answer_call": frozenset({Role.CENTRE, Role.TOWNSHIP, Role.DEPARTMENT, Role.ADMIN}),
    "view_handover": frozenset({Role.LEADER, Role.CENTRE, Role.TOWNSHIP, Role.ADMIN}),
    "sign_handover": frozenset({Role.CENTRE, Role.TOWNSHIP, Role.ADMIN}),
    "view_staffing": frozenset({Role.LEADER, Role.CENTRE, Role.ANALYST, Role.TOWNSHIP, Role.ADMIN}),
    "manage_intake": frozenset({Role.ADMIN}),
    "send_incident": frozenset({Role.INTAKE}),
    "order_visits": frozenset({Role.CENTRE, Role.ADMIN}),
    "record_outcome": frozenset({Role.CENTRE, Role.TOWNSHIP, Role.ADMIN}),
    # How the machine fares: asked by the product itself for those who watch it.
    "view_health": frozenset({Role.ADMIN}),
    "manage_accounts": frozenset({Role.ADMIN}),
    "change_settings": frozenset({Role.ADMIN}),
    # Who looks after the doors answers for the trail: sees it, seals it, checks it, removes what is past its time.
    "view_audit": frozenset({Role.ADMIN}),
    "seal_audit": frozenset({Role.ADMIN}),
    "verify_audit": frozenset({Role.ADMIN}),
    "remove_old_audit": frozenset({Role.ADMIN}),
    "make_backup": frozenset({Role.ADMIN}),
    "restore_backup": frozenset({Role.ADMIN}),
    # Whoever signs in with a password changes it; a wall has the key of its address, an intake its tokens.
    "change_own_password": frozenset(set(Role) - {Role.WALL, Role.INTAKE}),
}

#: Actions that concern the whole database, and so are refused to an account that sees only a part of it, whatever its
#: role: a file may hold rows of any place, a scoring scores all, a pin is on every wall, the audit tells of everybody,
#: a setting holds for all.
WHOLE: frozenset[str] = frozenset({
    "import_places", "import_records", "rebuild_counts", "find_escalations", "backtest_labels", "train_classifiers",
    "score_villages", "adopt_thresholds", "adopt_groups", "edit_brief", "pin_wall", "urge_overdue", "manage_intake",
    "manage_accounts", "view_health", "view_audit", "seal_audit", "verify_audit", "remove_old_audit", "make_backup",
    "restore_backup", "change_settings"})


def allows(scope: Scope, action: str) -> bool:
    """Return whether `scope` may call `action`: by its role, and by its area where the action needs the whole."""
    return scope.role in ALLOWED.get(action, frozenset()) and (scope.area_code is None or action not in WHOLE)


def require(scope: Scope, action: str) -> None:
    """Refuse unless allowed.

    Raises
    ------
    RefusedError
        When `scope` may not call `action`.
    """
    if not allows(scope, action):
        message = f"role {scope.role} may not {action}"
        raise RefusedError(message, action)
