"""What an account must be: a post that may sign in, bound to an area or a unit where its role asks for one."""

import re
from dataclasses import dataclass
from ipaddress import ip_network

from govdesk.rules.record_checks import Problem, problem
from govdesk.terms import Role

#: Written in addresses and in the audit.
CODE = re.compile(r"[a-z][a-z0-9_.-]{1,39}\Z")
#: What the audit calls those who are no account.
RESERVED = frozenset({"nobody", "system"})
LONGEST_TITLE = 60
LONGEST_RANGE = 100
#: Roles that somebody signs in with; an intake has tokens instead.
ROLES = tuple(role for role in Role if role is not Role.INTAKE)
#: A township that has no area would see the whole county; a department that has no unit could handle nothing.
_NEEDS = {Role.TOWNSHIP: "area_code", Role.DEPARTMENT: "unit_code"}


@dataclass(frozen=True, slots=True)
class AccountForm:
    """An account as filled in.

    Attributes
    ----------
    code : str
        What is typed at the door; never changed afterwards.
    title : str
        The post, never a name of a person.
    role : str
        One of `ROLES`.
    area_code, unit_code, post_code : str or None
        Place whose tree is seen (None: the whole database), unit, post.
    address_range : str or None
        CIDR ranges, separated by commas; None: from anywhere.
    """

    code: str
    title: str
    role: str
    area_code: str | None = None
    unit_code: str | None = None
    post_code: str | None = None
    address_range: str | None = None


def check_account(form: AccountForm) -> list[Problem]:
    """Return what is wrong with a form, in the order of its fields; places, units and posts are looked up elsewhere."""
    found = []
    if not CODE.match(form.code) or form.code in RESERVED:
        found.append(problem("code", "code"))
    if not form.title:
        found.append(problem("missing", "title"))
    if len(form.title) > LONGEST_TITLE:
        found.append(problem("too_long", "title", most=LONGEST_TITLE, n=len(form.title)))
    if form.role not in list(ROLES):
        found.append(problem("missing", "role"))
    elif (needed := _NEEDS.get(Role(form.role))) and getattr(form, needed) is None:
        found.append(problem("missing", needed))
    if form.address_range and not is_range(form.address_range):
        found.append(problem("range", "address_range"))
    return found


def is_range(text: str) -> bool:
    """Return whether a text is one or more CIDR ranges, none of them "everything"."""
    parts = [part.strip() for part in text.split(",")]
    try:
        return len(text) <= LONGEST_RANGE and all(ip_network(part, strict=True).prefixlen > 0 for part in parts)
    except ValueError:
        return False
