"""``/login``: the door itself. Account and password, the demonstration, the address of a wall, a new password."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from functools import wraps
from hmac import compare_digest
from urllib.parse import parse_qs

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from govdesk.actions.audit_trail import note_refused
from govdesk.actions.change_password import PasswordRefusedError, change_own_password
from govdesk.actions.sign_in import Granted, sign_in_as_known, sign_in_by_password, sign_out
from govdesk.api import cookies, gate_page
from govdesk.api.client_address import is_on_this_machine, read_address
from govdesk.api.served import read_served
from govdesk.clock import real_now
from govdesk.queries import known_sign_ins
from govdesk.queries.accounts import AccountRow, list_active_accounts
from govdesk.queries.sign_ins import SignedIn, hash_token
from govdesk.rules.access import Visitor
from govdesk.rules.sign_in import LONGEST, own_path
from govdesk.settings import get_settings
from govdesk.storage.database_check import find_fault
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.storage.properties import read_properties
from govdesk.storage.trouble import explain
from govdesk.terms import DataKind, Role, SignInMethod
from govdesk.words import LANGUAGES, say

#: Most bytes of a form of ours.
_MOST_BYTES = 8_192
#: Seconds until a whole form must have come: nobody keeps a connection by sending a letter a minute.
PATIENCE = 10.0
#: The password of all accounts in a demonstration; shown on its page.
DEMO_PASSWORD = "demo"  # noqa: S105 it stands on the page for everybody
_NO_STORE = {"cache-control": "no-store"}


def choose_language(request: Request) -> str:
    """Return the language of the address, else of the browser's cookie, else of the settings."""
    kept = cookies.read_cookies(request.headers.get("cookie", "")).get("govdesk_language")
    found = (name for name in (request.query_params.get("lang"), kept) if name in LANGUAGES)
    return next(found, get_settings().language) or get_settings().language


def is_demonstration(request: Request) -> bool:
    """Return whether roles may be tried without a password: a sample county, served to and asked from this machine."""
    if not read_served(request).is_local or not is_on_this_machine(request.scope):
        return False
    with read_transaction(get_engine()) as connection:
        return read_properties(connection).kind is DataKind.SAMPLE


async def get_login(request: Request) -> Response:
    """Show the form; who is in goes on to where the link leads."""
    words = choose_language(request)
    next_path = own_path(request.query_params.get("next"))
    if await run_in_threadpool(find_fault) is not None:
        return _show_fault(words)
    who = await run_in_threadpool(_find_who, request)
    is_wall = who is not None and who.scope.role is Role.WALL  # it has no menu to sign out by: whoever types /login may
    if who is not None and not is_wall and "again" not in request.query_params:
        return RedirectResponse(read_served(request).base + next_path, status_code=303, headers=_NO_STORE)
    return await run_in_threadpool(show_login, request, words, next_path)


async def post_login(request: Request) -> Response:
    """Let somebody in, or say in the same words and the same time that it was not right."""
    words = choose_language(request)
    fields = await _read_form(request)
    next_path = own_path((fields or {}).get("next"))
    if fields is None or not _is_token_good(request, fields.get("token", "")):
        note(request, "form_token")
        return await run_in_threadpool(show_login, request, words, next_path, say("sign_in.stale", words), 400)
    account, password = fields.get("account", "").strip(), fields.get("password", "")
    return await run_in_threadpool(_enter, request, words, next_path, account, password)


async def post_demo(request: Request) -> Response:
    """Let somebody try a role of the sample county."""
    words = choose_language(request)
    fields = await _read_form(request)
    next_path = own_path((fields or {}).get("next"))
    if fields is None or not await run_in_threadpool(is_demonstration, request):
        note(request, "no_demonstration")
        return _answer_plain("no demonstration here", 404)
    if not _is_token_good(request, fields.get("token", "")):
        note(request, "form_token")
        return await run_in_threadpool(show_login, request, words, next_path, say("sign_in.stale", words), 400)
    return await run_in_threadpool(_enter_demo, request, words, next_path, fields.get("account", ""))


async def get_wall_link(request: Request) -> Response:
    """Let a wall in by the address that its administrator got; it leads nowhere but to the wall."""
    code, key = (request.query_params.get(name, "").replace("\x00", "") for name in ("account", "key"))
    found = await run_in_threadpool(
        lambda: sign_in_by_password(get_engine(), by=_visitor(request), account=code, password=key, now=real_now(),
                                    method=SignInMethod.LINK))
    if not isinstance(found, Granted):
        notice = gate_page.build_wall_notice(f"{read_served(request).base}/login?next=%2Fwall")
        return HTMLResponse(notice, status_code=403, headers=_NO_STORE)
    answer = RedirectResponse(f"{read_served(request).base}/wall", status_code=303, headers=_NO_STORE)
    cookies.give_ticket(answer, found.token, found.ends_at, is_kept=True)
    return answer


async def get_password(request: Request) -> Response:
    """Show the form for a new password."""
    words = choose_language(request)
    who = await run_in_threadpool(_find_who, request)
    if who is None:
        return RedirectResponse(f"{read_served(request).base}/login", status_code=303, headers=_NO_STORE)
    return _with_form_token(request, words, lambda token: gate_page.build_change(
        words, token, base=read_served(request).base, is_one_time=who.must_change))


async def post_password(request: Request) -> Response:
    """Change the own password; all other sign-ins of the account end."""
    words = choose_language(request)
    fields = await _read_form(request)
    who = await run_in_threadpool(_find_who, request)
    if who is None:
        return RedirectResponse(f"{read_served(request).base}/login", status_code=303, headers=_NO_STORE)
    if fields is None or not _is_token_good(request, fields.get("token", "")):
        reason = say("sign_in.stale", words)
    elif fields.get("new") != fields.get("again"):
        reason = say("sign_in.password_differs", words)
    else:
        try:
            await run_in_threadpool(
                lambda: change_own_password(get_engine(), number=who.id, by=who.scope, now=real_now(),
                                            current=fields.get("current", ""), new=fields.get("new", "")))
        except PasswordRefusedError as error:
            reason = say(f"sign_in.{error.key}", words, **error.values)
        else:
            return RedirectResponse(f"{read_served(request).base}/", status_code=303, headers=_NO_STORE)
    return _with_form_token(request, words, lambda token: gate_page.build_change(
        words, token, base=read_served(request).base, is_one_time=who.must_change, note=reason), status=400)


def get_state(request: Request) -> Response:
    """Say whether who asks is in: 204 or 401. An open window asks, so that it leaves when another one signs out."""
    try:
        who = _find_who(request)
    except SQLAlchemyError:
        return Response(status_code=204, headers=_NO_STORE)  # nobody is sent away because the database is
    return Response(status_code=204 if who is not None else 401, headers=_NO_STORE)


def _enter(request: Request, words: str, next_path: str, account: str, password: str) -> Response:
    if password == DEMO_PASSWORD and is_demonstration(request):
        return _enter_demo(request, words, next_path, account)
    found = sign_in_by_password(get_engine(), by=_visitor(request), account=account, password=password,
                                now=real_now())
    if isinstance(found, Granted):
        return let_in(request, found, next_path)
    if found.wait:
        said = f'{say("sign_in.wrong", words)} {say("sign_in.wait", words, seconds=found.wait)}'
        return show_login(request, words, next_path, said, 429, account, found.wait)
    return show_login(request, words, next_path, say("sign_in.wrong", words), 403, account)


def _enter_demo(request: Request, words: str, next_path: str, account: str) -> Response:
    found = sign_in_as_known(get_engine(), by=_visitor(request), account=account, now=real_now(),
                             method=SignInMethod.DEMO)
    if isinstance(found, Granted):
        return let_in(request, found, next_path, is_kept=False)  # a trial of the wall ends with the browser
    return show_login(request, words, next_path, say("sign_in.wrong", words), 403, account)


def let_in(request: Request, found: Granted, next_path: str, *, is_kept: bool = True) -> Response:
    """Answer with a token that nobody knew before: what a browser brought with it is never taken on."""
    before = _find_who(request)
    if before is not None:  # one browser, one sign-in: windows of the old one leave
        sign_out(get_engine(), by=before.scope, number=before.id, now=real_now(), because="replaced")
    where = "/wall" if found.role is Role.WALL else next_path
    answer = RedirectResponse(read_served(request).base + where, status_code=303, headers=_NO_STORE)
    cookies.give_ticket(answer, found.token, found.ends_at, is_kept=found.role is Role.WALL and is_kept)
    return answer


def note(request: Request, reason: str) -> None:
    """Note in the audit what was refused at the door."""
    note_refused(get_engine(), by=None, action="sign_in", reason=reason, address=read_address(request.scope),
                 subject="gate", subject_key=request.url.path)


def _visitor(request: Request) -> Visitor:
    return Visitor(read_address(request.scope))


def _find_who(request: Request) -> SignedIn | None:
    ticket = cookies.read_ticket(request.headers.get("cookie", ""))
    return None if ticket is None else known_sign_ins.find(hash_token(ticket.token), real_now())


def show_login(request: Request, words: str, next_path: str, said: str | None = None, status: int = 200,
               account: str = "", wait: int = 0) -> Response:
    """Show the form with a sentence above it, and the other ways in that there are."""
    demo = None
    with read_transaction(get_engine()) as connection:
        properties = read_properties(connection)
        if is_demonstration(request):
            demo = gate_page.Demo(tuple(
                (code, say(f"term.role_{role}", words), "" if title == role else title)
                for code, title, role, *_ in sorted(list_active_accounts(connection), key=_rank)
                if role != Role.INTAKE), DEMO_PASSWORD)
    county = (properties.title_en if words == "en" else "") or properties.title_zh
    shown = account[:LONGEST]
    answer = _with_form_token(request, words, lambda token: gate_page.build_login(gate_page.LoginForm(
        language=words, token=token, next_path=next_path, county=county, note=said, account=shown, demo=demo,
        has_oidc=bool(get_settings().oidc_issuer), base=read_served(request).base)),
        status=status)
    if wait:
        answer.headers["retry-after"] = str(wait)
    return answer


def _rank(row: AccountRow) -> tuple[int, str]:
    """Return where an account stands in the list: in the order of the roles, then of the codes."""
    return list(Role).index(Role(row[2])), row[0]


def _show_fault(words: str, trouble: str = "away") -> Response:
    fault = find_fault()
    if fault is None and trouble != "away":
        lines, title = [say(f"faults.todo_{trouble}", words)], say(f"faults.title_{trouble}", words)
        command = None
    elif fault is None:
        lines, title, command = [say("sign_in.away", words)], say("sign_in.away_title", words), None
    else:
        title = say(f"frame.fault_{fault.key}_title", words)
        lines = [say(f"frame.fault_{fault.key}", words, **fault.values)]
        command = {"no_database": "make run", "wrong_schema": "python manage.py upgrade-db --commit"}.get(fault.key)
    return gate_page.answer(gate_page.build_message(title, lines, command), words, status=503, title=title)


def tell_trouble(show: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """Let a page of the door say that the database is away, full or locked, instead of an error without words."""

    @wraps(show)
    async def answer(request: Request) -> Response:
        try:
            return await show(request)
        except (SQLAlchemyError, OSError) as error:
            key = explain(error)
            if key is None:
                raise
            return await run_in_threadpool(_show_fault, choose_language(request), key)

    return answer


def _with_form_token(request: Request, words: str, build: Callable[[str], str], *, status: int = 200) -> Response:
    """Answer with a form whose token fits a cookie of this browser (double submit, signed)."""
    held = cookies.read_cookies(request.headers.get("cookie", "")).get(cookies.form_cookie_name(), "")
    is_ours = isinstance(cookies.unseal(held, "form-cookie"), str)
    kept = held if is_ours else cookies.seal(secrets.token_urlsafe(18), "form-cookie")
    answer = gate_page.answer(build(cookies.seal(kept, "form-token")), words, status=status)
    answer.set_cookie(cookies.form_cookie_name(), kept, path="/", httponly=True, samesite="strict",
                      secure=cookies.is_over_tls())
    return answer


def _is_token_good(request: Request, token: str) -> bool:
    held = cookies.read_cookies(request.headers.get("cookie", "")).get(cookies.form_cookie_name(), "")
    named = cookies.unseal(token, "form-token")
    return bool(held) and isinstance(named, str) and compare_digest(named, held)


async def _read_form(request: Request) -> dict[str, str] | None:
    """Return the fields of a form of ours, each once; None for anything else."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return None
    body = bytearray()
    try:
        async with asyncio.timeout(PATIENCE):
            async for part in request.stream():
                body += part
                if len(body) > _MOST_BYTES:
                    return None
    except (TimeoutError, ClientDisconnect):
        return None
    try:
        fields = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=10, errors="strict")
    except ValueError:
        return None
    return {name: values[0] for name, values in fields.items() if len(values) == 1 and "\x00" not in values[0]}


def _answer_plain(error: str, status: int) -> Response:
    return JSONResponse({"error": error}, status_code=status, headers=_NO_STORE)


ROUTES: list[BaseRoute] = [
    Route("/login", tell_trouble(get_login), methods=["GET"]),
    Route("/login", tell_trouble(post_login), methods=["POST"]),
    Route("/login/demo", tell_trouble(post_demo), methods=["POST"]),
    Route("/login/wall", tell_trouble(get_wall_link), methods=["GET"]),
    Route("/login/password", tell_trouble(get_password), methods=["GET"]),
    Route("/login/password", tell_trouble(post_password), methods=["POST"]),
    Route("/login/state", get_state, methods=["GET"]),
]
