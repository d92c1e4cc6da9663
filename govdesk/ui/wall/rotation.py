"""Which scene is on the wall at a moment: pure rules, the same for every wall of one server."""

from collections.abc import Sequence
from dataclasses import dataclass

#: Seconds a scene stays, unless the address says otherwise, and the bounds of what it may say.
SECONDS, SHORTEST, LONGEST = 20, 1, 3600
#: Seconds that an incident of the highest severity or a call holds the wall at most while nobody accepts it; 0 in the
#: address turns that off. Half an hour: whoever can accept it has then walked past the wall; the rest is a red line.
HOLD, LONGEST_HOLD = 1800, 1800
#: Seconds that each of several interruptions is shown before the next.
ALARM_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Plan:
    """What one wall was asked to show.

    Attributes
    ----------
    names : tuple of str
        Scenes in their order; never empty.
    seconds : int
        How long each stays.
    is_paused : bool
        Whether it stays at the first.
    hold : int
        Seconds that an interruption which nobody accepts lasts at most; 0 never.
    """

    names: tuple[str, ...]
    seconds: int = SECONDS
    is_paused: bool = False
    hold: int = HOLD


def parse_names(text: str, known: Sequence[str]) -> tuple[str, ...]:
    """Return the scenes of an address in its order, each once.

    Raises
    ------
    ValueError
        When one is not known, or there is none.
    """
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not names or not set(names) <= set(known):
        raise ValueError(text)
    return names


def parse_seconds(text: str, least: int = SHORTEST, most: int = LONGEST) -> int:
    """Return a number of seconds of an address.

    Raises
    ------
    ValueError
        When it is no whole number from `least` to `most`.
    """
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise ValueError(text)
    return int(text)


def pick_scene(plan: Plan, moment: float, pinned: str | None = None) -> str:
    """Return the scene of a moment.

    Parameters
    ----------
    moment : float
        Seconds of a clock that only goes forward and that all walls of a server share: they turn together, and a
        frame that was renewed goes on where the one before it was.
    pinned : str, optional
        What the desk put on all walls.
    """
    if pinned is not None:
        return pinned
    turn = 0 if plan.is_paused else int(moment // plan.seconds)
    return plan.names[turn % len(plan.names)]


def pick_alarm(n: int, moment: float) -> int:
    """Return which of `n` interruptions is shown at a moment, from 0; all walls of a server show the same."""
    return int(moment // ALARM_SECONDS) % n
