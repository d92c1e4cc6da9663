"""A server process of its own on a free port, and a client that speaks its websocket as no browser would."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import httpx
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from govdesk.settings import ROOT

T = TypeVar("T")

#: Seconds a server may take until it answers.
PATIENCE = 60


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Address(str):
    """Where a server answers, and the number of its process."""

    pid: int

    def cpu_seconds(self) -> float:
        """Return the processor time the server has used so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serve(var: Path | None = None, *, script: Path = ROOT / "app.py", now: str | None = None,
          port: int | None = None, log_file: Path | None = None, **settings: str) -> Iterator[Address]:
    """Run a server until the block ends; gives its address. `settings` are further variables of its environment.

    What it logs goes to `log_file`, if one is named.
    """
    port = port or free_port()
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("GOVDESK_", "STREAMLIT_"))}
    if var is not None:
        environment["GOVDESK_VAR"] = str(var)
    if now is not None:
        environment["GOVDESK_NOW"] = now
    environment.update(settings)
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port),
               "--server.address", "127.0.0.1", "--server.headless", "true"]
    log: Any = subprocess.PIPE if os.environ.get("GOVDESK_TEST_SERVER_LOG") is None else None
    log = log if log_file is None else log_file.open("wb")
    process = subprocess.Popen(command, cwd=script.parent, env=environment, stdout=log, stderr=subprocess.STDOUT,
                               start_new_session=True)
    try:
        _wait(f"http://127.0.0.1:{port}/_stcore/health", process)
        address = Address(f"http://127.0.0.1:{port}")
        address.pid = process.pid
        yield address
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def _wait(url: str, process: subprocess.Popen) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(process.stdout.read().decode() if process.stdout else "the server stopped")
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 our own address
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.15)
    raise TimeoutError(url)


def run_apart(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end in a thread of its own: a browser test before may have left a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def run_script(base: str, *, page_hash: str = "", page_name: str = "", query: str = "",
               wait: float = 60, cookie: str | None = None) -> list[ForwardMsg]:
    """Ask a server to run, naming a page as the wire allows; return all messages until the script finished."""
    cookie = sign_in(base) if cookie is None else cookie
    return run_apart(_run_script(base, page_hash, page_name, query, wait, cookie))


async def _run_script(base: str, page_hash: str, page_name: str, query: str, wait: float,
                      cookie: str) -> list[ForwardMsg]:
    async with connect(base, cookie=cookie) as wire, asyncio.timeout(wait):
        return await ask(wire, page_hash=page_hash, page_name=page_name, query=query)


@cache
def sign_in(base: str, account: str = "local_centre") -> str:
    """Come in as an account of the sample county, as the demonstration lets one; return the header of its cookie."""
    with httpx.Client(base_url=base, follow_redirects=False, timeout=30) as client:
        form = client.get("/login")
        token = re.search(r'name="token" value="([^"]+)"', form.text)
        if token is None:
            return ""  # without a database there is no form
        answer = client.post("/login/demo", data={"token": token[1], "next": "/", "account": account})
        if answer.status_code != 303:
            raise RuntimeError(answer.text)
        return f"govdesk_session={client.cookies['govdesk_session']}"


def connect(base: str, account: str | None = None, *, cookie: str | None = None) -> websockets.connect:
    """Open a session, as the page of `base` would, signed in as an account of the sample county, or with a cookie."""
    cookie = sign_in(base, account or "local_centre") if cookie is None else cookie
    address = base.replace("http", "ws", 1) + "/_stcore/stream"
    return websockets.connect(address, subprotocols=["streamlit"], max_size=None, origin=base,
                              additional_headers={"Cookie": cookie} if cookie else None)


async def ask(wire, *, page_hash: str = "", page_name: str = "", query: str = "") -> list[ForwardMsg]:
    """Send one wish to run over an open session; return all messages until the script finished."""
    wish = BackMsg()
    wish.rerun_script.query_string = query
    wish.rerun_script.page_script_hash = page_hash
    wish.rerun_script.page_name = page_name
    await wire.send(wish.SerializeToString())
    messages: list[ForwardMsg] = []
    while True:
        message = ForwardMsg()
        message.ParseFromString(await wire.recv())
        messages.append(message)
        if message.WhichOneof("type") == "script_finished":
            return messages


def read_screen(messages: list[ForwardMsg]) -> str:
    """Return the text of everything that was put on the screen."""
    return "\n".join(str(message.delta) for message in messages if message.WhichOneof("type") == "delta")
