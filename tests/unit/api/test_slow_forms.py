"""A form of the door that drips, ends half-way or never ends is given up, and lets nobody in."""

import asyncio

import pytest
from starlette.requests import Request

from govdesk.api import sign_in


def _read(receive):
    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", b"application/x-www-form-urlencoded")]}
    return asyncio.run(asyncio.wait_for(sign_in._read_form(Request(scope, receive)), 3))


async def _drip():
    await asyncio.sleep(0.02)
    return {"type": "http.request", "body": b"a", "more_body": True}


async def _hang():
    await asyncio.sleep(60)


async def _leave():
    return {"type": "http.disconnect"}


async def _flood():
    return {"type": "http.request", "body": b"a" * 4_000, "more_body": True}


@pytest.mark.parametrize("receive", [_drip, _hang, _leave, _flood])
def test_form_that_does_not_come_is_given_up(monkeypatch, receive):
    monkeypatch.setattr(sign_in, "PATIENCE", 0.2)
    assert _read(receive) is None


def test_whole_form_is_read(monkeypatch):
    parts = [{"type": "http.request", "body": b"account=a&", "more_body": True},
             {"type": "http.request", "body": b"password=b", "more_body": False}]

    async def receive():
        return parts.pop(0)

    assert _read(receive) == {"account": "a", "password": "b"}
