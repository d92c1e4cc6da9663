"""Whether this process and its database understand each other; asked before anything is drawn."""

from dataclasses import dataclass, field
from functools import cache

from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from govdesk.clock import EPOCH_MONDAY
from govdesk.rules.case_flow import FlowConfigError
from govdesk.rules.time_limits import TimeLimitsError
from govdesk.settings import get_settings
from govdesk.storage.case_flow import read_flow_in_force
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.storage.properties import WrongDatabaseError, read_properties
from govdesk.storage.schema import NewerSchemaError, check_schema, is_initialised
from govdesk.storage.sqlite_file import find_file
from govdesk.storage.time_limits import check_clocks
from govdesk.storage.versions import read_versions


@dataclass(frozen=True, slots=True)
class Fault:
    """Why nothing can be shown: a key of ``frame.fault_*`` and what fills it in."""

    key: str
    values: dict[str, str] = field(default_factory=dict)


class _FaultFoundError(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.key)
        self.fault = fault


def find_fault() -> Fault | None:
    """Return why the database cannot be used, or None; a good answer is kept, a bad one is asked again."""
    settings = get_settings()
    try:
        _check(settings.url, settings.zone)
    except _FaultFoundError as error:
        return error.fault
    return _find_file_fault()


def _find_file_fault() -> Fault | None:
    """Return which file of the flow or of the clocks cannot be used; asked each time, for the office may mend it.

    A file that was not changed is not read again.
    """
    try:
        read_flow_in_force()
        check_clocks()
    except (FlowConfigError, TimeLimitsError, OSError) as error:
        return Fault("wrong_file", {"detail": str(error)})
    return None


@cache
def _check(url: str, zone: str) -> bool:
    file = find_file(make_url(url))
    if file is not None and not file.exists():
        raise _FaultFoundError(Fault("no_database"))
    engine = get_engine()
    try:
        if not is_initialised(engine):
            raise _FaultFoundError(Fault("no_database"))
        with read_transaction(engine) as connection:
            properties = read_properties(connection)
            if properties.zone != zone:
                raise _FaultFoundError(Fault("wrong_zone", {"found": properties.zone, "expected": zone}))
            if properties.epoch != EPOCH_MONDAY.isoformat():
                raise _FaultFoundError(Fault("wrong_epoch", {"found": properties.epoch}))
            check_schema(connection)
    except NewerSchemaError as error:
        raise _FaultFoundError(Fault("newer_schema", {"detail": str(error)})) from error
    except WrongDatabaseError as error:
        raise _FaultFoundError(Fault("wrong_schema", {"detail": str(error)})) from error
    except OperationalError as error:
        raise _FaultFoundError(Fault("no_answer")) from error
    return True


def is_answering() -> bool:
    """Return whether the database answers right now; never raises, never kept."""
    try:
        with read_transaction(get_engine()) as connection:
            return bool(read_versions(connection))
    except SQLAlchemyError:
        return False
