"""How much a name is like the name of a place: by its characters and by how they sound; pure.

Only ever a proposal for somebody who decides: nothing here places a row.
"""

from collections import defaultdict
from collections.abc import Iterable
from functools import cache, lru_cache

import numpy as np
from pypinyin import lazy_pinyin
from rapidfuzz import fuzz

#: Score (0-100) of one and the same sound in other characters, and of a sound that southern speakers do not tell apart.
_SOUND, _NEAR_SOUND = 0.97, 0.88
#: Of a register of tens of thousands only names that share most syllables are compared in full.
_COMPARED = 200

#: Initials and finals that southern Mandarin speakers, and their input methods, take for each other.
_NEAR = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"), ("l", "n"), ("h", "f"))


@cache
def _syllable(char: str) -> str:
    """Return the sound of one character without its tone; the character itself where it has none."""
    return lazy_pinyin(char)[0]


@cache
def _near_syllable(char: str) -> str:
    sound = _syllable(char)
    for one, other in _NEAR:
        if sound.startswith(one) and one not in ("ng",):
            sound = other + sound.removeprefix(one)
        elif one == "ng" and sound.endswith(one):
            sound = sound.removesuffix(one) + other
    return sound


@lru_cache(maxsize=200_000)
def sounds_of(stem: str) -> tuple[str, ...]:
    """Return the syllables of a stem, each as southern speakers may write it."""
    return tuple(_near_syllable(char) for char in stem)


def liken(one: str, other: str) -> tuple[int, str]:
    """Return how alike two stems are (0-100), and why: ``spelling`` or ``sound``.

    Parameters
    ----------
    one, other : str
        As `place_names.stem_of` returns them.

    Notes
    -----
    Normalised indel similarity (`rapidfuzz.fuzz.ratio`) of the characters, and of the syllables in pinyin.

    Examples
    --------
    >>> liken("箩溪", "罗溪")
    (97, 'sound')
    """
    spelling = fuzz.ratio(one, other)
    sound = fuzz.ratio([_syllable(char) for char in one], [_syllable(char) for char in other]) * _SOUND
    near = fuzz.ratio(sounds_of(one), sounds_of(other)) * _NEAR_SOUND
    best = max(sound, near)
    return (round(best), "sound") if best > spelling else (round(spelling), "spelling")


class SoundIndex:
    """Finds, among many stems, those that share syllables with one.

    Parameters
    ----------
    stems : iterable of (str, str)
        Code and stem of each place.
    """

    def __init__(self, stems: Iterable[tuple[str, str]]) -> None:
        self._codes: list[str] = []
        places: dict[str, list[int]] = defaultdict(list)
        for at, (code, stem) in enumerate(stems):
            self._codes.append(code)
            for sound in set(sounds_of(stem)):
                places[sound].append(at)
        self._places = {sound: np.array(found, dtype=np.int64) for sound, found in places.items()}

    def near(self, stem: str) -> list[str]:
        """Return codes that share at least one syllable with the stem, those that share most first."""
        hits = [self._places[sound] for sound in set(sounds_of(stem)) if sound in self._places]
        if not hits:
            return []
        found, counts = np.unique(np.concatenate(hits), return_counts=True)
        best = found[np.argsort(-counts, kind="stable")[:_COMPARED]]
        return [self._codes[at] for at in best.tolist()]
