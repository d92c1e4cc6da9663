"""One who attacks a running server, and what must hold after each attempt: nothing of the data, nothing changed, noted."""

import itertools
import json
import re
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from itsdangerous import URLSafeSerializer
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from govdesk.actions.sign_in import Granted, sign_in_as_known
from govdesk.clock import real_now
from govdesk.rules.access import Visitor
from govdesk.storage.engine import get_engine
from govdesk.storage.secret import read_secret
from govdesk.terms import SignInMethod

#: Tables that an attempt may add to: the trail of who asked for what, and the doors' own counting.
TRAIL = frozenset({"audit_events", "audit_blocks", "sign_ins", "sign_in_failures"})
PAGE = {"accept": "text/html,application/xhtml+xml"}
#: Seconds until an attempt must stand in the audit.
PATIENCE = 6.0


@dataclass
class Target:
    """A running server, its database and its log."""

    base: str
    var: Path
    log: Path
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def url(self) -> str:
        return f"sqlite:///{self.var / 'govdesk.db'}"

    def new_address(self) -> str:
        """Return an address that nobody came from: the audit counts the refusals of one address together."""
        number = next(self.numbers)
        return f"10.66.{number // 250}.{number % 250 + 1}"

    def ask(self, path: str, *, method: str = "GET", cookie: str = "", address: str = "", **more: Any) -> httpx.Response:
        headers = {**more.pop("headers", {})}
        headers |= {"cookie": cookie} if cookie else {}
        headers |= {"x-forwarded-for": address} if address else {}
        with httpx.Client(timeout=30, trust_env=False) as client:
            url = httpx.URL(self.base).copy_with(raw_path=path.encode())
            return client.send(client.build_request(method, url, headers=headers, **more))

    def come_in(self, account: str, address: str) -> str:
        """Return the cookie of a sign-in as an account, from an address."""
        engine = get_engine(self.url)
        found = sign_in_as_known(engine, by=Visitor(address), account=account, now=real_now(), method=SignInMethod.DEMO)
        engine.dispose()
        assert isinstance(found, Granted)
        return f"govdesk_session={self.seal({'t': found.token, 'e': int(found.ends_at.timestamp())})}"

    def seal(self, payload: object, salt: str = "sign-in", secret: bytes | None = None) -> str:
        """Return what the server would sign; with another secret what a forger makes."""
        return str(URLSafeSerializer(secret or read_secret(self.var), salt=salt).dumps(payload))

    def read(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.var / "govdesk.db", timeout=20)) as connection:
            return connection.execute(sql, values).fetchall()

    def write(self, sql: str, *values: object) -> None:
        with closing(sqlite3.connect(self.var / "govdesk.db", timeout=20)) as connection, connection:
            connection.execute(sql, values)

    def watch(self) -> None:
        """Let the database itself count every row that is put in, changed or taken out of any table but the trail."""
        with closing(sqlite3.connect(self.var / "govdesk.db", timeout=20)) as connection, connection:
            names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
                     if name not in TRAIL and not name.startswith("sqlite_")]
            connection.execute("CREATE TABLE seen_changes (name TEXT PRIMARY KEY, n INTEGER NOT NULL)")
            connection.executemany("INSERT INTO seen_changes VALUES (?, 0)", [(name,) for name in names])
            for name in names:
                for what in ("INSERT", "UPDATE", "DELETE"):
                    connection.execute(f'CREATE TRIGGER "seen_{name}_{what}" AFTER {what} ON "{name}" BEGIN UPDATE '
                                       f"seen_changes SET n = n + 1 WHERE name = '{name}'; END")

    def count_changes(self) -> dict[str, int]:
        """Return how many rows of each table were written since the watch began, also such as were put back."""
        found = dict(self.read("SELECT name, n FROM seen_changes"))
        assert len(found) > 40
        return found

    def refusals(self, address: str) -> list[dict[str, Any]]:
        """Return what the audit says was refused to an address."""
        rows = self.read('SELECT "by", action, subject, subject_key, detail FROM audit_events WHERE is_refused = 1 '
                         "AND address = ? ORDER BY id", address)
        return [{"by": by, "action": action, "subject": subject, "key": key, **json.loads(detail)}
                for by, action, subject, key, detail in rows]

    @contextmanager
    def attempt(self, reason: str | None, *, by: str | None = "nobody", address: str | None = None) -> Iterator[str]:
        """Give the address to try it from; afterwards nothing has changed, and the audit says who, what and where from.

        Parameters
        ----------
        reason : str or None
            Why it was refused, as the audit says; None: any reason.
        by : str or None
            The account that the audit must name; None: whichever.
        """
        where = address or self.new_address()
        before = self.count_changes()
        yield where
        after = self.count_changes()
        assert [name for name in after if after[name] != before[name]] == []
        rows = self.wait_for(lambda: [
            row for row in self.refusals(where) if by in (None, row["by"]) and reason in (None, row.get("reason"))])
        assert rows, f"not in the audit: {reason} by {by} from {where}; there is {self.refusals(where)}"

    @staticmethod
    def wait_for(look: Callable[[], Any]) -> Any:
        end = time.monotonic() + PATIENCE
        while not (found := look()) and time.monotonic() < end:
            time.sleep(0.03)
        return found

    def wire(self, *parts: bytes, wait: float = 2.0, gap: float = 0.0, source: str = "127.0.0.1") -> bytes:
        """Send bytes as no client would; return what came until the server closed, or fell silent for `wait` seconds."""
        host, port = self.base.removeprefix("http://").split(":")
        answer = b""
        with socket.create_connection((host, int(port)), timeout=wait, source_address=(source, 0)) as line:
            try:
                for part in parts:
                    line.sendall(part)
                    time.sleep(gap)
                while piece := line.recv(65_536):
                    answer += piece
            except (TimeoutError, ConnectionError):
                pass
        return answer


@dataclass(frozen=True)
class Widget:
    """A widget as the wire describes it."""

    id: str
    kind: str
    label: str
    options: tuple[str, ...] = ()


def list_widgets(messages: list[ForwardMsg]) -> list[Widget]:
    """Return the widgets of a run."""
    found: dict[str, Widget] = {}
    for message in messages:
        if message.WhichOneof("type") != "delta" or message.delta.WhichOneof("type") != "new_element":
            continue
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        drawn = getattr(element, kind)
        if getattr(drawn, "id", "").startswith("$$"):
            options = tuple(str(getattr(one, "content", one)) for one in getattr(drawn, "options", ()))
            found[drawn.id] = Widget(drawn.id, kind, str(getattr(drawn, "label", "")), options)
    return list(found.values())


def forge(widget: Widget, text: str) -> WidgetState:
    """Return the state of a widget that holds a text which it never offered."""
    state = WidgetState(id=widget.id)
    match widget.kind:
        case "button" | "download_button":
            state.trigger_value = True
        case "checkbox":
            state.bool_value = True
        case "number_input":
            state.double_value = 10.0**18
        case "slider" if widget.options:
            state.string_array_value.data.extend([text, text])
        case "slider":
            state.double_array_value.data.append(10.0**18)
        case "multiselect" | "button_group" | "date_input":
            state.string_array_value.data.append(text)
        case "arrow_data_frame":
            state.string_value = json.dumps({"selection": {"rows": [99_999, -1], "columns": [text]}})
        case "deck_gl_json_chart" | "arrow_vega_lite_chart":
            state.string_value = json.dumps({"selection": {
                "objects": {"areas": [{"code": text, "properties": {"code": text}}]}, "indices": {"areas": [99_999]}}})
        case _:
            state.string_value = text
    return state


async def send(wire: Any, *, page: str, query: str = "", states: list[WidgetState] | tuple[()] = ()) -> list[ForwardMsg]:
    """Run a page with widget states as they stand; return all messages, also of the runs that follow by themselves."""
    wish = BackMsg()
    wish.rerun_script.query_string = query
    wish.rerun_script.page_name = page
    wish.rerun_script.widget_states.widgets.extend(states)
    await wire.send(wish.SerializeToString())
    messages: list[ForwardMsg] = []
    while True:
        message = ForwardMsg()
        message.ParseFromString(await wire.recv())
        messages.append(message)
        if message.WhichOneof("type") == "script_finished" and (
                message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN):
            return messages


@dataclass
class Chooser:
    """The file chooser of an open page: what a browser sends to it, and the page after that."""

    target: Target
    wire: Any
    cookie: str
    address: str
    page: str
    session: str = ""
    widget: str = ""
    token: str = ""

    async def open(self) -> "Chooser":
        messages = await send(self.wire, page=self.page)
        self.session = next(one.new_session.initialize.session_id for one in messages
                            if one.WhichOneof("type") == "new_session")
        self.widget = next(one.id for one in list_widgets(messages) if one.kind == "file_uploader")
        return self

    def put(self, data: bytes, name: str = "a.csv", *, number: str = "", session: str = "") -> httpx.Response:
        """Send a file to the chooser, as a browser does."""
        return self._ask("PUT", number or str(uuid4()), session, files={"file": (name, data, "application/octet-stream")})

    def remove(self, number: str) -> httpx.Response:
        """Take a file out of the chooser again."""
        return self._ask("DELETE", number)

    def _ask(self, method: str, number: str, session: str = "", **more: Any) -> httpx.Response:
        self.token = self.token or self.target.ask("/_stcore/health").cookies["_streamlit_xsrf"]
        return self.target.ask(
            f"/_stcore/upload_file/{session or self.session}/{number}", method=method, address=self.address,
            cookie=f"{self.cookie}; _streamlit_xsrf={self.token}", headers={"x-xsrftoken": self.token}, **more)

    async def choose(self, data: bytes, name: str) -> list[ForwardMsg]:
        """Send a file and let the page see that it is chosen."""
        number = str(uuid4())
        assert self.put(data, name, number=number).status_code == 204
        state = WidgetState(id=self.widget)
        state.file_uploader_state_value.uploaded_file_info.add(file_id=number, name=name, size=len(data))
        return await send(self.wire, page=self.page, states=[state])


def words_of(screen: str) -> str:
    """Return a screen without the parts that differ at every run."""
    return re.sub(r"\$\$[\w-]+|/api/geo/\S+|[0-9a-f]{32,}", "", screen)
