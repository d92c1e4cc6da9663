"""A reader at a page: opens it, follows links, moves its widgets, as the browser's half of the websocket would."""

from dataclasses import dataclass
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

#: Elements that offer a choice, and the field in which the browser sends what was chosen.
_FIELDS = {"selectbox": "string_value", "button_group": "string_array_value", "slider": "double_array_value"}


@dataclass(frozen=True, slots=True)
class Widget:
    """A choice on the page: its number, what it offers, and which part of the page it redraws."""

    number: str
    field: str
    options: tuple[str, ...]
    fragment: str


class Reader:
    """One session on one page; `is_embedded` asks for the page alone (``embed=true``)."""

    def __init__(self, wire: Any, page: str, *, is_embedded: bool = False) -> None:
        self._wire, self._page, self._query = wire, page, ""
        self._is_embedded = is_embedded
        self._kept: set[str] = set()
        #: The part of the page that asks to be drawn again by itself; "" while there is none.
        self.repeated = ""
        self._widgets: dict[str, Widget] = {}
        self._values: dict[str, WidgetState] = {}
        self.messages: list[ForwardMsg] = []

    async def go(self, click: str) -> int:
        """Do one thing and return the bytes of the answer.

        ``?query`` follows a link, ``key:3`` takes an option, ``again`` is the part that draws itself again. The answer
        itself is in ``messages``.
        """
        if click == "again":
            fragment = self.repeated
        elif ":" not in click:
            self._query, fragment = click.removeprefix("?"), ""
        else:
            key, position = click.split(":")
            widget = self._widgets[key]
            self._values[key] = self._state(widget, widget.options[int(position)])
            fragment = widget.fragment
        return await self._ask(fragment)

    @staticmethod
    def _state(widget: Widget, value: str) -> WidgetState:
        state = WidgetState(id=widget.number)
        if widget.field == "string_value":
            state.string_value = value
        elif widget.field == "double_array_value":
            state.double_array_value.data.append(float(value))
        else:
            state.string_array_value.data.append(value)
        return state

    async def _ask(self, fragment: str) -> int:
        wish = BackMsg()
        wish.rerun_script.query_string, wish.rerun_script.page_name = self._query, self._page
        wish.rerun_script.fragment_id = fragment
        wish.rerun_script.context_info.is_embedded = self._is_embedded
        wish.rerun_script.cached_message_hashes.extend(self._kept)
        wish.rerun_script.widget_states.widgets.extend(self._values.values())
        await self._wire.send(wish.SerializeToString())
        size, self.messages = 0, []
        while True:
            message = ForwardMsg()
            message.ParseFromString(await self._wire.recv())
            size += message.ByteSize()
            self.messages.append(message)
            kind = message.WhichOneof("type")
            if self._is_embedded and message.metadata.cacheable:  # a wall stays: what it has is not sent again
                self._kept.add(message.hash)
            if kind == "auto_rerun":
                self.repeated = message.auto_rerun.fragment_id
            if kind == "delta":
                self._meet(message.delta)
            elif kind == "page_info_changed":
                self._query = message.page_info_changed.query_string
            elif kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return size

    def _meet(self, delta: Any) -> None:
        """Remember the choice that an element offers, and what it holds."""
        element = delta.new_element
        kind = element.WhichOneof("type")
        if kind not in _FIELDS:
            return
        found = getattr(element, kind)
        options = found.options if kind == "selectbox" else [one.content for one in found.options] if (
            kind == "button_group") else [str(step) for step in range(int(found.min), int(found.max) + 1)]
        key = found.id.rsplit("-", 1)[1]
        widget = Widget(found.id, _FIELDS[kind], tuple(options), delta.fragment_id)
        self._widgets[key] = widget
        if kind == "selectbox":
            raw = [found.raw_value] if found.HasField("raw_value") else []  # an emptied box holds nothing, not ""
        else:
            raw = list(map(str, found.value) if kind == "slider" else found.raw_values)
        if found.set_value and raw:
            self._values[key] = self._state(widget, raw[0])
