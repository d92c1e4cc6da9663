"""Who may call which action."""

import pytest

from govdesk.rules.access import ALLOWED, SYSTEM, RefusedError, Scope, allows, require
from govdesk.terms import Role


def test_unlisted_action_refused_to_all():
    for role in Role:
        assert not allows(Scope("x", role), "no_such_action")


@pytest.mark.parametrize(("role", "writes"), [
    (Role.LEADER, {"change_own_password"}), (Role.WALL, set()),
    (Role.ANALYST, {"change_own_password", "adopt_thresholds", "adopt_groups", "answer_objection", "backtest_labels", "edit_brief"})])
def test_reading_roles_write_nothing_and_analysts_what_they_judge(role, writes):
    may = {action for action in ALLOWED if allows(Scope("x", role), action)}
    assert {action for action in may if not action.startswith("view_")} <= writes


def test_require_names_role_and_action():
    with pytest.raises(RefusedError, match="role leader may not import_records"):
        require(Scope("x", Role.LEADER), "import_records")


def test_system_may_import():
    for action in ("import_places", "import_records"):
        require(SYSTEM, action)
        assert allows(SYSTEM, action)
