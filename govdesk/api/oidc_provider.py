"""The office's identity service (OpenID Connect): where it is, the exchange of a code, and what its ID token must hold.

Sources: OpenID Connect Core 1.0 (3.1.3, the code flow and the checks of an ID token) and Discovery 1.0 (4), RFC 7636
(PKCE), RFC 8725 (algorithms are an allow-list of ours), RFC 9700 (no redirects followed, exact issuer).
"""

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from govdesk.api.served import LOOPBACK
from govdesk.settings import Settings

log = logging.getLogger("govdesk.oidc")

#: Signatures that are believed: a key pair's only. Never ``none``, never a shared secret.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
#: Seconds an answer may take in all, and its most bytes.
PATIENCE, MOST_BYTES = 8.0, 262_144
#: Seconds that what the service said of itself and of its keys is kept; and between two looks for a new key.
KEPT, AGAIN = 3_600.0, 60.0
#: What libraries raise over what a stranger wrote: nested too deeply, of another kind, not signed …
_BAD = (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError)
#: Seconds that two clocks may differ.
LEEWAY = 60


class ProviderError(Exception):
    """The service, or what it said, is of no use; `args[0]` says why.

    ``oidc_away``: no usable answer; ``oidc_refused``: it does not give a token for this code; ``oidc_token``: its ID
    token is not good.
    """


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What the service says of itself: three addresses, and how it wants to know us."""

    authorize: str
    token: str
    keys: str
    methods: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Secrets:
    """What one attempt to sign in holds until its answer comes: bound to one browser by a cookie."""

    state: str
    nonce: str
    verifier: str


class Provider:
    """One identity service as configured; what it said of itself is kept for an hour."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._endpoints: tuple[float, Endpoints] | None = None
        self._keys: tuple[float, KeySet] | None = None

    async def build_start(self, secrets: Secrets, redirect: str) -> str:
        """Return the address of the service to which a browser is sent.

        Raises
        ------
        ProviderError
            ``oidc_away``.
        """
        endpoints = await self._find_endpoints()
        return str(prepare_grant_uri(
            endpoints.authorize, self._settings.oidc_client_id, "code", redirect_uri=redirect,
            scope=self._settings.oidc_scope, state=secrets.state, nonce=secrets.nonce,
            code_challenge=create_s256_code_challenge(secrets.verifier), code_challenge_method="S256"))

    async def read_account(self, code: str, secrets: Secrets, redirect: str, now: datetime) -> str:
        """Return the account that the service vouches for; nothing else of its token is kept.

        Parameters
        ----------
        code : str
            As it came back through the browser.
        redirect : str
            The address it came back to.
        now : datetime
            The present instant (UTC).

        Raises
        ------
        ProviderError
            Where the service does not answer, gives nothing for the code, or its token is not good.
        """
        claims = await self._check(await self._exchange(code, secrets.verifier, redirect), secrets.nonce, now)
        account = claims.get(self._settings.oidc_claim)
        if not isinstance(account, str) or not account or not account.isprintable():
            log.warning("the ID token has no claim %s", self._settings.oidc_claim)
            raise ProviderError("oidc_token")
        return account

    async def _find_endpoints(self) -> Endpoints:
        if self._endpoints is not None and time.monotonic() - self._endpoints[0] < KEPT:
            return self._endpoints[1]
        issuer = self._settings.oidc_issuer
        found = await _fetch("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        addresses = [found.get(name) for name in names]
        methods = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if found.get("issuer") != issuer or not all(_is_safe(address) for address in addresses) or (
                not isinstance(methods, list)):
            log.error("the identity service says that it is another one, or lacks a safe address")
            raise ProviderError("oidc_away")
        authorize, token, keys = (str(address) for address in addresses)
        endpoints = Endpoints(authorize, token, keys, tuple(str(one) for one in methods))
        self._endpoints = (time.monotonic(), endpoints)
        return endpoints

    async def _exchange(self, code: str, verifier: str, redirect: str) -> str:
        endpoints = await self._find_endpoints()
        client, secret = self._settings.oidc_client_id, self._settings.oidc_client_secret
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "code_verifier": verifier}
        basic = None
        if secret and "client_secret_basic" in endpoints.methods:
            basic = httpx.BasicAuth(client, secret)
        else:
            form |= {"client_id": client} | ({"client_secret": secret} if secret else {})
        answer = await _fetch("POST", endpoints.token, data=form, auth=basic)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise ProviderError("oidc_refused")
        return token

    async def _check(self, token: str, nonce: str, now: datetime) -> Mapping[str, object]:
        """Return the claims of a good ID token (Core 1.0, 3.1.3.7)."""
        decoded = await self._decode(token)
        client = self._settings.oidc_client_id
        claims: dict[str, object] = {**decoded.claims}
        checks = CodeIDToken(
            decoded.claims, decoded.header,
            options={"iss": {"essential": True, "value": self._settings.oidc_issuer},
                     "aud": {"essential": True, "value": client}},
            params={"nonce": nonce, "client_id": client})
        try:
            checks.validate(now=int(now.timestamp()), leeway=LEEWAY)
        except _BAD as error:
            log.warning("an ID token was not accepted: %s", type(error).__name__)
            raise ProviderError("oidc_token") from error
        return claims

    async def _decode(self, token: str) -> jwt.Token:
        """Return a token whose signature fits; the keys are looked up once more, for they change."""
        for is_last in (False, True):
            keys = await self._find_keys(AGAIN if is_last else KEPT)
            try:
                return jwt.decode(token, keys, algorithms=ALGORITHMS)
            except _BAD as error:
                if is_last:
                    log.warning("the signature of an ID token was not accepted: %s", type(error).__name__)
                    raise ProviderError("oidc_token") from error
        raise AssertionError

    async def _find_keys(self, kept: float) -> KeySet:
        if self._keys is not None and time.monotonic() - self._keys[0] < kept:
            return self._keys[1]
        found = await _fetch("GET", (await self._find_endpoints()).keys)
        try:
            keys = KeySet.import_key_set(found)  # type: ignore[arg-type] # it says itself what it cannot use
        except _BAD as error:
            log.error("the keys of the identity service cannot be read: %s", type(error).__name__)
            raise ProviderError("oidc_away") from error
        self._keys = (time.monotonic(), keys)
        return keys


def _is_safe(address: object) -> bool:
    """Return whether an address leaves by TLS, or stays on this machine."""
    parts = urlsplit(address) if isinstance(address, str) else None
    return parts is not None and bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK))


async def _fetch(method: str, url: str, *, data: dict[str, str] | None = None,
                 auth: httpx.Auth | None = None) -> dict[str, Any]:
    """Return the JSON object of an answer: bounded in time and size, from where we asked, not packed."""
    body = bytearray()
    try:
        async with asyncio.timeout(PATIENCE), httpx.AsyncClient(timeout=PATIENCE, follow_redirects=False) as client:
            headers = {"accept": "application/json", "accept-encoding": "identity"}
            async with client.stream(method, url, data=data, auth=auth, headers=headers) as answer:
                async for part in answer.aiter_raw():
                    body += part
                    if len(body) > MOST_BYTES:
                        raise ProviderError("oidc_away")
                status = answer.status_code
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError, ValueError) as error:
        log.warning("the identity service does not answer: %s", type(error).__name__)
        raise ProviderError("oidc_away") from error
    if status != httpx.codes.OK:
        log.warning("the identity service answered %s", status)
        raise ProviderError("oidc_refused" if 400 <= status < 500 and method == "POST" else "oidc_away")
    try:
        found = httpx.Response(200, content=bytes(body)).json()
    except (ValueError, RecursionError) as error:
        raise ProviderError("oidc_away") from error
    if not isinstance(found, dict):
        raise ProviderError("oidc_away")
    return found
