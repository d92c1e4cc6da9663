"""What the list misses, as the weekly lot tells it: counts, share with its interval, and those nobody reached."""

from math import floor

from govdesk.clock import today
from govdesk.queries.sample_misses import FEWEST, SampleMisses, read_sample_misses
from govdesk.rules.visit_sample import SAMPLE_SIZE
from govdesk.ui.cards import Card, build_cards, build_panel_title
from govdesk.ui.formats import NOTHING, write_count
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load_loop
from govdesk.ui.markup import show, tag
from govdesk.ui.setting import Setting


def draw_sample_misses(setting: Setting) -> None:
    """Draw the estimate, or why there is none yet."""
    found = load_loop(read_sample_misses, setting.scope, today())
    show(build_panel_title(t("visit_orders.misses_title"), t(
        "visit_orders.misses_window", first=found.first, last=found.last)))
    if not found.n_drawn:
        show(tag("p", t("visit_orders.misses_none"), class_="gd-empty"))
        return
    show(build_cards(_list_cards(found)))
    lines = [t("visit_orders.misses_how", size=SAMPLE_SIZE, few=FEWEST)]
    if found.n_weeks_drawn < found.n_weeks:
        lines.append(t("visit_orders.misses_weeks", n=found.n_weeks_drawn, of=found.n_weeks))
    if found.n_aside:
        lines.append(t("visit_orders.misses_aside", n=found.n_aside))
    show(tag("p", " ".join(lines), class_="gd-muted gd-small"))


def _list_cards(found: SampleMisses) -> list[Card]:
    counts = t("visit_orders.misses_counts", found=found.n_found, known=found.n_known, nothing=found.n_nothing)
    reached = Card(t("visit_orders.misses_reached"), f"{found.n_visited}/{found.n_drawn}", "", (
        t("visit_orders.misses_not", missed=found.n_missed, waiting=found.n_waiting),))
    if found.is_few:
        few = t("visit_orders.misses_few", least=FEWEST)
        return [Card(t("visit_orders.misses_share"), f"{found.n_found}/{found.n_visited}", "", (counts, few)), reached,
                Card(t("visit_orders.misses_villages"), NOTHING, "", (few,))]
    share = Card(t("visit_orders.misses_share"), _percent(found.share), "", (
        f"{found.n_found}/{found.n_visited}",
        t("visit_orders.misses_interval", low=_percent(found.low), high=_percent(found.high)),
        t("visit_orders.misses_bounds", low=_percent(found.bound_low), high=_percent(found.bound_high),
          n=found.n_missed) if found.n_missed else counts))
    low, high = (end * found.n_unlisted for end in (found.low, found.high))
    villages = Card(t("visit_orders.misses_villages"), t(
        "visit_orders.misses_about", n=write_count(round(found.share * found.n_unlisted))), "", (
        t("visit_orders.misses_range", low=write_count(floor(low)), high=write_count(-floor(-high))),
        t("visit_orders.misses_of", n=write_count(found.n_unlisted))))
    return [share, reached, villages]


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
