"""Which words tell that a person is named or numbered: the tables of `personal_words.toml`, read once."""

import tomllib
from pathlib import Path

_TABLES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def _words(name: str) -> tuple[str, ...]:
    return tuple(_TABLES["words"][name].split())


def _characters(name: str) -> str:
    return "".join(_TABLES["characters"][name].split())


def _pattern(name: str) -> str:
    return str(_TABLES["patterns"][name]).replace("{n}", _TABLES["patterns"]["house_number"])


# Names

FAMILY = frozenset(_characters("family"))
FAMILY_DOUBLE = frozenset(_words("family_double"))
AMBIGUOUS = frozenset(_characters("ambiguous"))
VERB_LIKE = frozenset(_characters("verb_like"))
COMMON = frozenset(_characters("common"))
NOT_OLD = frozenset(_characters("not_old"))
NOT_LAST = frozenset(_characters("not_last"))
NOT_LAST_PAIR = NOT_LAST | frozenset(_characters("not_last_pair"))
NOT_GIVEN = frozenset(_characters("not_given"))
NO_NAME = frozenset(_words("no_name"))
BEFORE = frozenset(_characters("before"))
SURE, NAMING, NEARBY, LINKS = _words("sure"), _words("naming"), _words("nearby"), _words("links")
AFTER, AFTER_PAIR, DOING = _words("after"), _words("after_pair"), _words("doing")
GIVEN, SEVERAL = frozenset(_words("given")), _pattern("several")
TITLES, POSTS, BESIDE = _words("titles"), _words("posts"), _words("beside")
JOINS, PAIR_JOINS, SEXES = _characters("joins"), _characters("pair_joins"), _characters("sexes")
SETTLED, OF = frozenset(_characters("settled")), _characters("of")
OLD, DEPUTY, HOME, SOMEBODY = (_characters(name) for name in ("old", "deputy", "home", "somebody"))

# Numbers

IDENTITY_LABELS = (*_words("identity_labels"), "ID card", "ID number", "identity number")
PASSPORT_LABELS, CARD_LABELS = _words("passport_labels"), _words("card_labels")
PHONE_LABELS, LINE_LABELS, MATTER_LABELS = _words("phone_labels"), _words("line_labels"), _words("matter_labels")
UNITS, FEASTS = _words("units"), _characters("feasts")
CHAT, CHAT_NUMBERS = _words("chat"), _words("chat_numbers")
SPOKEN, SPOKEN_AS, EXTENSION = (_characters(name) for name in ("spoken", "spoken_as", "extension"))
PROVINCES, PLATE_ENDS = _characters("provinces"), _characters("plate_ends")

# Homes

BUILDING, NUMBERED, IS_NUMBER = _pattern("building"), _pattern("numbered"), _pattern("is_number")
HOUSES = tuple(_pattern(name) for name in ("flat", "house", "door", "estate", "lives"))

# Headers: kind → pattern, in the order in which they are tried

COLUMNS = {str(name): str(pattern) for name, pattern in _TABLES["columns"].items()}
