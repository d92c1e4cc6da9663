"""A connection whose request never comes is closed; one that is being answered, or became a websocket, is not."""

import asyncio
import socket
import threading
import time

import pytest
import uvicorn
import websockets

from govdesk.api import slow_headers

SLOW = 0.8


async def _app(scope, receive, send):
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": message["text"]})
        return
    if scope["path"] == "/slow":
        await asyncio.sleep(SLOW)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture(scope="module")
def port():
    with pytest.MonkeyPatch.context() as patch, socket.socket() as line:
        patch.setattr(slow_headers, "PATIENCE", 0.3)
        for name in ("connection_made", "on_response_complete"):  # put back afterwards
            patch.setattr(slow_headers.H11Protocol, name, getattr(slow_headers.H11Protocol, name))
        slow_headers.bound_heads()
        slow_headers.bound_heads()
        line.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(_app, lifespan="off", log_level="critical", ws="websockets-sansio"))
        thread = threading.Thread(target=server.run, args=([line],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield line.getsockname()[1]
        server.should_exit = True
        thread.join(5)


def _closed_after(port, *parts, gap=0.0):
    """Return the seconds until the server closes, talking on with a pause between parts; None: not within two seconds."""
    begin = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=2) as line:
        for part in parts:
            try:
                line.sendall(part)
            except OSError:
                return time.monotonic() - begin
            time.sleep(gap)
        try:
            while line.recv(65_536):
                pass
        except TimeoutError:
            return None
        except OSError:
            pass
    return time.monotonic() - begin


@pytest.mark.parametrize(("parts", "n_logged"), [
    ((b"",), 0), ((b"GET / HT",), 1), ((b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ",), 1),
    ((b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",), 0)])
def test_connection_without_a_whole_head_is_closed_and_a_begun_one_logged(port, parts, n_logged, caplog):
    assert _closed_after(port, *parts) < 1.5
    assert sum("head did not come" in record.getMessage() for record in caplog.records) == n_logged


def test_head_that_drips_is_closed(port):
    assert _closed_after(port, b"GET / HTTP/1.1\r\nX-A: ", *[b"a"] * 30, gap=0.05) < 1.5


def test_second_head_that_drips_is_closed(port):
    assert _closed_after(port, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", *[b"G"] + [b"E"] * 30, gap=0.05) < 1.5


def test_answer_that_takes_longer_comes(port):
    with socket.create_connection(("127.0.0.1", port), timeout=3) as line:
        line.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        assert line.recv(100).startswith(b"HTTP/1.1 200")


def test_websocket_stays(port):
    async def talk():
        async with websockets.connect(f"ws://127.0.0.1:{port}/", proxy=None) as line:
            await asyncio.sleep(0.7)
            await line.send("a")
            return await line.recv()

    assert asyncio.run(talk()) == "a"
