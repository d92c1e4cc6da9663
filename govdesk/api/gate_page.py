"""The pages of the gate: one form each, complete in themselves; they ask for nothing else and run nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from starlette.responses import HTMLResponse

from govdesk import palette
from govdesk.rules.sign_in import LONGEST, SHORTEST
from govdesk.words import LANGUAGES, say

#: Only its own style and its own forms; no program, no frame around it.
CONTENT_SECURITY_POLICY = ("default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; "
                           "base-uri 'none'; frame-ancestors 'self'")

_STYLE = f"""*{{box-sizing:border-box}}body{{margin:0;min-height:100vh;display:grid;place-items:center;
background:{palette.PAGE};color:{palette.INK};font:16px/1.6 {escape(palette.FONT, quote=False)}}}
main{{background:{palette.CARD};border:1px solid {palette.LINE};border-radius:8px;padding:32px;margin:16px;
width:min(30rem,calc(100vw - 32px))}}h1{{font-size:22px;margin:0 0 4px}}h2{{font-size:16px;margin:0 0 4px}}
p{{margin:0 0 12px}}.of{{color:{palette.MUTED};margin-bottom:20px}}label{{display:block;margin:0 0 12px}}
label span{{display:block;font-size:14px;color:{palette.MUTED}}}
input{{width:100%;font:inherit;padding:8px 12px;border:1px solid {palette.OUTLINE};border-radius:8px;
background:{palette.CARD};color:{palette.INK}}}
button,.button{{display:block;width:100%;font:inherit;padding:9px 12px;border-radius:8px;
border:1px solid {palette.ACCENT};background:{palette.ACCENT};color:{palette.CARD};cursor:pointer;
text-align:center;text-decoration:none}}
button:focus-visible,input:focus-visible,a:focus-visible{{outline:3px solid {palette.BAND_YELLOW};outline-offset:1px}}
.quiet{{background:{palette.CARD};color:{palette.LINK};border-color:{palette.LINE};text-align:left;margin:0 0 8px}}
.quiet b{{display:inline-block;min-width:7.5em;font-weight:600}}.note{{border-left:4px solid {palette.BAND_RED};
padding:6px 12px;margin:0 0 16px}}.good{{border-color:{palette.ACCENT}}}
.demo{{margin-top:24px;padding:16px;border-radius:8px;background:{palette.MARK};color:{palette.MARK_INK}}}
.small{{font-size:14px;color:{palette.MUTED};margin:16px 0 0}}.small a{{color:{palette.LINK}}}
.other{{margin:12px 0 0}}.other .quiet{{text-align:center;border-color:{palette.ACCENT};margin:0}}
@media (min-width:900px){{main:has(.demo){{width:60rem;display:grid;grid-template-columns:1fr 1fr;gap:0 40px;
align-content:start;grid-auto-flow:dense}}main:has(.demo)>*{{grid-column:1}}main:has(.demo)>.demo{{grid-column:2;
grid-row:1/20;margin-top:0}}}}pre{{white-space:pre-wrap;background:{palette.PAGE};
padding:12px;border-radius:8px;margin:0 0 12px}}"""

_WALL_STYLE = f"""body{{margin:0;min-height:100vh;display:grid;place-items:center;background:{palette.WALL_PAGE};
color:{palette.WALL_INK};font:3vh/1.6 {escape(palette.FONT, quote=False)};text-align:center}}
h1{{font-size:6vh;margin:0 0 2vh}}p{{max-width:70vw;margin:0 auto 2vh}}
section{{margin-bottom:8vh}}a{{color:{palette.WALL_ACCENT};font-size:2vh}}"""


@dataclass(frozen=True, slots=True)
class Demo:
    """What the demonstration offers: code, role and title of each account, and the password of them all."""

    accounts: tuple[tuple[str, str, str], ...]
    password: str


@dataclass(frozen=True, slots=True)
class LoginForm:
    """What the login page shows.

    Attributes
    ----------
    language : str
    token : str
        Must come back with the form, and fit the form's cookie.
    next_path : str
        Where to go afterwards.
    county : str
        Whose desk it is.
    note : str or None
        What went wrong with the last attempt.
    account : str
        What was typed; a password is never given back.
    demo : Demo or None
        Only on the machine itself, and only in a sample county.
    has_oidc : bool
        Whether the office's identity service is configured.
    base : str
        Path under which the application is served, without a slash at its end.
    """

    language: str
    token: str
    next_path: str
    county: str
    note: str | None = None
    account: str = ""
    demo: Demo | None = None
    has_oidc: bool = False
    base: str = ""


def answer(body: str, language: str, *, status: int = 200, title: str | None = None) -> HTMLResponse:
    """Return a page of the gate: kept nowhere, allowed nothing but its own form."""
    heading = escape(title or say("sign_in.title", language))
    page = (f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{heading}</title>'
            f'<meta name="viewport" content="width=device-width,initial-scale=1"><link rel="icon" href="data:,">'
            f"<style>{_STYLE}</style></head><body><main>{body}</main></body></html>")
    return HTMLResponse(page, status_code=status, headers={
        "cache-control": "no-store", "content-security-policy": CONTENT_SECURITY_POLICY})


def build_login(form: LoginForm) -> str:
    """Return the body of the login page."""
    words = form.language
    parts = [
        f'<h1>{escape(say("sign_in.heading", words))}</h1>',
        f'<p class="of">{escape(form.county)}</p>',
        _note(form.note),
        f'<form method="post" action="{form.base}/login">',
        _hidden("token", form.token), _hidden("next", form.next_path),
        _field("account", say("sign_in.account", words), "text", "username", form.account),
        _field("password", say("sign_in.password", words), "password", "current-password"),
        f'<button type="submit">{escape(say("sign_in.enter", words))}</button></form>',
    ]
    if form.has_oidc:
        link = f"{form.base}/login/oidc?next={quote(form.next_path, safe='')}"
        parts.append(f'<p class="other"><a class="button quiet" href="{escape(link)}">'
                     f'{escape(say("sign_in.oidc", words))}</a></p>')
    if form.demo is not None:
        parts.append(_build_demo(form, form.demo))
    else:
        parts.append(f'<p class="small">{escape(say("sign_in.help", words))}</p>')
    parts.append(_languages(words, form))
    return "".join(parts)


def _build_demo(form: LoginForm, demo: Demo) -> str:
    words = form.language
    buttons = "".join(
        f'<button class="quiet" name="account" value="{escape(code)}"><b>{escape(role)}</b> {escape(title)}</button>'
        for code, role, title in demo.accounts)
    return (f'<section class="demo"><h2>{escape(say("sign_in.demo_title", words))}</h2>'
            f'<p>{escape(say("sign_in.demo", words))}</p><form method="post" action="{form.base}/login/demo">'
            f'{_hidden("token", form.token)}{_hidden("next", form.next_path)}{buttons}</form>'
            f'<p>{escape(say("sign_in.demo_password", words, password=demo.password))}</p></section>')


def build_change(language: str, token: str, *, base: str, is_one_time: bool, note: str | None = None) -> str:
    """Return the body of the page on which somebody changes the own password."""
    say_here = {name: escape(say(f"sign_in.{name}", language)) for name in (
        "change_title", "change_one_time", "current", "new", "again", "change")}
    rule = escape(say("sign_in.change_rule", language, n=SHORTEST))
    return "".join((
        f"<h1>{say_here['change_title']}</h1>",
        f"<p>{say_here['change_one_time']}</p>" if is_one_time else "", f"<p>{rule}</p>", _note(note),
        f'<form method="post" action="{base}/login/password">', _hidden("token", token),
        _field("current", say_here["current"], "password", "current-password"),
        _field("new", say_here["new"], "password", "new-password"),
        _field("again", say_here["again"], "password", "new-password"),
        f'<button type="submit">{say_here["change"]}</button></form>'))


def build_message(title: str, lines: Iterable[str], command: str | None = None) -> str:
    """Return the body of a page that only says something."""
    return (f"<h1>{escape(title)}</h1>" + "".join(f"<p>{escape(line)}</p>" for line in lines)
            + (f"<pre>{escape(command)}</pre>" if command else ""))


def build_wall_notice(door: str) -> str:
    """Return what a wall shows that is not signed in: a sentence in both languages, a link to the door, and no form."""
    parts = "".join(f'<section lang="{language}"><h1>{escape(say("sign_in.wall_title", language))}</h1>'
                    f'<p>{escape(say("sign_in.wall", language))}</p><a href="{escape(door)}">'
                    f'{escape(say("sign_in.signed_out_link", language))}</a></section>' for language in LANGUAGES)
    return (f'<!doctype html><html lang="{LANGUAGES[0]}"><head><meta charset="utf-8">'
            f'<meta http-equiv="refresh" content="60"><link rel="icon" href="data:,">'
            f"<style>{_WALL_STYLE}</style></head><body><main>{parts}</main></body></html>")


def _note(text: str | None) -> str:
    return f'<p class="note" role="alert">{escape(text)}</p>' if text else ""


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{escape(value)}">'


def _field(name: str, label: str, kind: str, complete: str, value: str = "") -> str:
    return (f'<label><span>{label}</span><input name="{name}" type="{kind}" autocomplete="{complete}" required '
            f'maxlength="{LONGEST}" value="{escape(value)}"></label>')


def _languages(language: str, form: LoginForm) -> str:
    other = next(name for name in LANGUAGES if name != language)
    after = "" if form.next_path == "/" else f"&next={quote(form.next_path, safe='')}"
    return (f'<p class="small"><a href="{escape(f"{form.base}/login?lang={other}{after}")}" lang="{other}">'
            f'{escape(say(f"frame.language_{other}", language))}</a></p>')
