"""Tells the audit when a browser says what no page offered it: a value that is no option, a button that was not drawn.

Streamlit takes neither: a box goes back to where it stood, a button that this session never had does nothing. But it
says so to nobody, and has no place to ask. So three methods of its session are wrapped, each of which goes on as before
whatever happens here. What was offered before in the same session is no forgery: lists change while somebody looks.
"""

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import wraps
from itertools import islice
from typing import Any

from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.state.common import user_key_from_element_id
from streamlit.runtime.state.session_state import SessionState

from govdesk.actions.audit_trail import note_refused
from govdesk.storage.engine import get_engine
from govdesk.ui import session, signed_in

log = logging.getLogger("govdesk.audit")

#: Widgets of one session that are remembered, and how many different lists of each.
_MOST = 2_000
_LISTS = 4
#: Values looked at in one widget, and widgets in one message.
_LOOKED_AT = 200
#: How a browser says that something was pressed.
_PRESSED = frozenset({"trigger_value", "string_trigger_value", "json_trigger_value", "chat_input_value"})


@dataclass(frozen=True, slots=True)
class Offer:
    """What one widget took at one time: a kind of value, and its options or its ends where it has them."""

    kind: str
    options: tuple[str, ...] | None = None
    ends: tuple[Any, Any] | None = None

    def takes(self, state: WidgetState) -> bool:
        """Return whether a browser may say this; None is what a box says that was emptied."""
        kind = state.WhichOneof("value")
        if kind is None or kind in _PRESSED or self.kind in _PRESSED:
            return True
        if kind != self.kind:
            return False
        value = getattr(state, kind)
        values = list(islice(value.data, _LOOKED_AT)) if kind.endswith("_array_value") else [value]
        if self.options is not None:
            return all(one in self.options for one in values)
        return self.ends is None or all(_is_between(one, self.ends) for one in values)


@dataclass(slots=True)
class Seen:
    """What a session was offered, and what its browser said of widgets that are not known yet."""

    offers: dict[str, deque[Offer]] = field(default_factory=dict)
    waiting: dict[str, WidgetState] = field(default_factory=dict)


def _is_between(value: Any, ends: tuple[Any, Any]) -> bool:
    try:
        found = date.fromisoformat(value.replace("/", "-")) if isinstance(value, str) else value
        return bool(ends[0] <= found <= ends[1])  # not a number: never
    except (ValueError, TypeError):
        return False


def _read_offer(metadata: Any) -> Offer:
    """Return what a widget takes, as Streamlit describes it: options as the browser sees them, else its ends."""
    serde = getattr(metadata.deserializer, "__self__", None)
    options = metadata.formatted_options
    if options is None:
        options = getattr(serde, "formatted_option_to_index", None)  # a slider of words
    low = getattr(serde, "min_value", None)
    if low is not None:
        return Offer(metadata.value_type, ends=(low, getattr(serde, "max_value", None)))
    value: Any = getattr(serde, "value", None)
    ends = (value.min, value.max) if hasattr(value, "min") and hasattr(value, "max") else None
    return Offer(metadata.value_type, None if options is None else tuple(options), ends)


def _seen(state: SessionState) -> Seen:
    if session.OFFERED not in state:
        state[session.OFFERED] = Seen()
    found: Seen = state[session.OFFERED]
    return found


def _come(state: SessionState, *said: Any, **_: Any) -> None:
    """Look at what a browser says before a run: at known widgets now, at others when they are drawn."""
    seen = _seen(state)
    seen.waiting = {}
    for one in islice(said[0].widgets if said and said[0] is not None else (), _LOOKED_AT):
        offers = seen.offers.get(one.id)
        if offers is None:
            seen.waiting[one.id] = one
        elif not any(offer.takes(one) for offer in offers):
            _note(state, "not_offered", one.id)


def _draw(state: SessionState, metadata: Any, *_: Any) -> None:
    """Keep what a widget offers, and look at what the browser had said of it."""
    seen, offer = _seen(state), _read_offer(metadata)
    offers = seen.offers.setdefault(metadata.id, deque(maxlen=_LISTS))
    if offer not in offers:
        offers.append(offer)
    while len(seen.offers) > _MOST:
        del seen.offers[next(iter(seen.offers))]
    said = seen.waiting.pop(metadata.id, None)
    if said is not None and not offer.takes(said):
        _note(state, "not_offered", metadata.id)


def _end(state: SessionState, *_: Any, remove_stale_widgets: bool = True) -> None:
    """Tell of what a whole run did not draw; a run that was broken off says nothing about that."""
    seen = _seen(state)
    if remove_stale_widgets and seen.waiting:
        seen.waiting = {}
        _note(state, "not_drawn", None)


def _note(state: SessionState, reason: str, widget: str | None) -> None:
    """Tell the audit which widget of which page; neither what was said nor a name that the browser made up."""
    who = signed_in.find()
    note_refused(
        get_engine(), by=None if who is None else who.scope, action="set_widget", reason=reason,
        subject=session.page_of(state), subject_key=None if widget is None else user_key_from_element_id(widget))


def _first(look: Callable[..., None], then: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(then)
    def both(state: SessionState, *args: Any, **named: Any) -> Any:
        try:
            look(state, *args, **named)
        except Exception:  # a page is never stopped by being looked at
            log.exception("what a browser said could not be looked at")
        return then(state, *args, **named)

    both.is_watched = True  # type: ignore[attr-defined]
    return both


def watch_widgets() -> None:
    """Look from now on at all that browsers say of widgets; more than once is once."""
    for name, look in (("on_script_will_rerun", _come), ("register_widget", _draw), ("on_script_finished", _end)):
        then = getattr(SessionState, name)
        if not hasattr(then, "is_watched"):
            setattr(SessionState, name, _first(look, then))
