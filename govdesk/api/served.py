"""How this server is reached, told to the routes by the gate: the path it lies under, and whether only from here."""

from dataclasses import dataclass

from starlette.requests import Request

from govdesk.queries.sign_ins import SignedIn

#: Keys in the scope of a request.
SERVED = "govdesk.served"
WHO = "govdesk.who"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Served:
    """Path without a slash at its end, and whether the server listens to its own machine only."""

    base: str = ""
    is_local: bool = False


def read_served(request: Request) -> Served:
    """Return what the gate said; without a gate nothing is local."""
    found = request.scope.get(SERVED)
    return found if isinstance(found, Served) else Served()


def read_account(request: Request) -> str | None:
    """Return the account that is in, as the gate found it; None without a gate, and while the database is away."""
    who = request.scope.get(WHO)
    return who.scope.account if isinstance(who, SignedIn) else None
