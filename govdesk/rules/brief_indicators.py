"""The indicators of the weekly brief that no other page registers; words: ``locales/*/brief_indicator.toml``."""

from govdesk.rules.indicators import BY_KEY, TREND_INDICATORS, Indicator

BRIEF_INDICATORS = (
    Indicator("new_disputes", "brief", "incidents"),
    Indicator("open_incidents", "brief", "incidents", "closings"),
    Indicator("overdue_share", "brief", "share", "due_dates"),
    Indicator("settled_locally_share", "brief", "share", "closings"),
    Indicator("covered_places", "brief", "places"),
    Indicator("weekly_change", "brief", "incidents"),
    Indicator("stream_week", "brief", "incidents"),
    Indicator("office_open", "brief", "incidents", "closings"),
    Indicator("long_open", "brief", "incidents", "closings"),
    Indicator("listed_villages", "brief", "places"),
    Indicator("probability", "brief", "share"),
    Indicator("habit_rank", "brief", "rank"),
    Indicator("known_escalations", "brief", "incidents"),
    Indicator("caught_share", "brief", "share"),
    Indicator("list_outcome", "brief", "places"),
    Indicator("late_share", "brief", "share"),
    Indicator("unclassified_share", "brief", "share"),
    Indicator("silent_villages", "brief", "places"),
    Indicator("auc_gain", "brief", "ratio"),
)

#: Every registered indicator, by name.
REGISTERED = BY_KEY | {one.key: one for one in (*TREND_INDICATORS, *BRIEF_INDICATORS)}


def find_indicator(key: str) -> Indicator:
    """Return a registered indicator.

    Raises
    ------
    KeyError
        When it is not registered: no number is printed that nobody has defined.
    """
    return REGISTERED[key]


def words_of(key: str) -> str:
    """Return the beginning of the keys of an indicator's words in `locales`."""
    find_indicator(key)
    if key in BY_KEY:
        return f"indicator.{key}"
    is_trend = any(one.key == key for one in TREND_INDICATORS)
    return f"{'trend_indicator' if is_trend else 'brief_indicator'}.{key}"
