"""What all changes of settings share: a reason, nobody overwrites unseen, before and after in the audit."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from govdesk.actions.acting import Act
from govdesk.clock import zone
from govdesk.ingest.masking import mask, shown_name, strip_hidden
from govdesk.rules.access import Scope
from govdesk.rules.record_checks import FormRefusedError, Problem, problem
from govdesk.storage.engine import take_turn
from govdesk.storage.setting_changes import LastChange, read_last_changes, write_change

ACTION = "change_settings"
LONGEST_REASON = 200


class SettingRefusedError(FormRefusedError):
    """Nothing was written; `problems` say what to correct."""


@dataclass(frozen=True, slots=True)
class SettingChanged:
    """What was written: number of the change, whether the reason was masked, whether it stood there already."""

    change_id: int
    is_masked: bool = False
    is_repeated: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a setting is changed, and the last change that the form had seen (0: none)."""

    text: str
    was: int = 0


def check_reason(reason: Reason) -> list[Problem]:
    """Return what is wrong with a reason: it is needed, and short."""
    text = reason.text.strip()
    if not text:
        return [problem("missing", "reason")]
    if len(text) > LONGEST_REASON:
        return [problem("too_long", "reason", most=LONGEST_REASON, n=len(text))]
    return []


def check_texts(fields: Iterable[tuple[str, str, int]]) -> list[Problem]:
    """Return which texts are too long or hold what looks like a person's name or number: field, text, longest.

    Such a text is refused, not masked: rules read it, and posts and units are never called after a person.
    """
    found = []
    for name, text, most in fields:
        if len(text) > most:
            found.append(problem("too_long", name, most=most, n=len(text)))
        elif strip_hidden(text) != text or "\n" in text:
            found.append(problem("hidden", name))
        elif mask(text)[1] or shown_name(text) != text:
            found.append(problem("personal", name))
    return found


def find_last(connection: Connection, subject: str, key: str) -> LastChange | None:
    """Return the change of a key that holds; whoever comes at the same moment waits until this one is through."""
    take_turn(connection, f"setting_changes {subject}")
    return read_last_changes(connection, subject).get(key)


def check_unseen(last: LastChange | None, reason: Reason) -> list[Problem]:
    """Return that somebody else was first since the form was opened, and who."""
    if last is None or last.id == reason.was:
        return []
    at = f"{last.at.astimezone(zone()):%m-%d %H:%M}"
    return [problem("meanwhile", "row", by=last.by, at=at)]


def is_same(last: LastChange | None, by: Scope, value: Mapping[str, object] | None) -> bool:
    """Return whether the same account has just set this: a form sent twice is written once."""
    return last is not None and last.by == by.account and last.value == value


def keep_change(act: Act, by: Scope, subject: str, key: str, *, before: object, value: Mapping[str, object] | None,
                reason: Reason) -> SettingChanged:
    """Write a change with its audit row."""
    kept, is_masked = mask(strip_hidden(reason.text.strip()))
    number = write_change(act.connection, by=by.account, subject=subject, key=key, value=value, reason=kept)
    act.audit("setting_changes", number, setting=subject, row=key, before=before, after=value, because=kept)
    return SettingChanged(number, is_masked)


def repeat(act: Act, last: LastChange) -> SettingChanged:
    """Say to the audit that a form came twice."""
    act.audit("setting_changes", last.id, repeated=True)
    return SettingChanged(last.id, is_repeated=True)
