"""On the page of one incident: where it stands in the flow, and its clock with everything that moved it."""

from govdesk.queries.inbox_rows import describe_rows
from govdesk.queries.incidents import IncidentFacts
from govdesk.queries.stage_clocks import ClockFacts, read_clock_facts
from govdesk.rules.stage_clock import as_instant
from govdesk.storage.time_limits import read_calendar
from govdesk.terms import Status
from govdesk.ui.board_state import find_cuts
from govdesk.ui.cards import build_facts, build_panel_title, panel
from govdesk.ui.clock_words import build_clock, write_amount
from govdesk.ui.formats import write_age, write_instant, write_term
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import show, tag
from govdesk.ui.node_strip import build_strip
from govdesk.ui.setting import Setting


def draw_clock(setting: Setting, facts: IncidentFacts) -> None:
    """Draw the nodes of the flow with the one it stands in, and its clock; nothing for what counts no more."""
    rows = load(describe_rows, setting.scope, (facts.id,))
    if not rows or not facts.is_counted:
        return
    cuts, calendar = find_cuts(), read_calendar()
    clock = load(read_clock_facts, setting.scope, facts.id, cuts.now, calendar)
    with panel("clock"):
        show(build_panel_title(t("board.clock_title")))
        show(build_strip(rows[0].stands_in, setting.words, is_paused=facts.status == Status.PAUSED, is_named=True))
        if clock is None or facts.status == Status.CLOSED:
            show(tag("p", t("board.clock_closed"), class_="gd-muted gd-small"))
            return
        shown = build_clock(clock.due_at, facts.status, cuts, calendar, n_paused_days=clock.n_paused_days,
                            is_provisional=clock.is_provisional, language=setting.words)
        show(tag("p", shown, class_="gd-clock-now"))
        show(build_facts(_list_facts(clock, rows[0].n_urged, setting)))


def _list_facts(found: ClockFacts, n_urged: int, setting: Setting) -> list[tuple[str, object]]:
    clock = found.clock
    stage: object = "—" if clock.stage is None else write_term("stage", clock.stage, setting.words)
    limit: object = t("board.clock_given") if clock.term is None else write_amount(clock.term, setting.words)
    given = [("stage", stage), ("due", write_instant(found.due_at)), ("limit", limit)]
    if clock.entered:
        given.append(("entered", write_instant(as_instant(clock.entered))))
    if found.n_paused_days or clock.paused_at is not None:
        given.append(("paused", write_age(found.n_paused_days, setting.words)))
    longer = t("board.clock_none") if clock.extension is None else write_amount(clock.extension, setting.words)
    given.append(("extended", longer))
    given.append(("urged", t("board.clock_times", n=n_urged) if n_urged else t("board.clock_none")))
    return [(t(f"board.clock_{name}"), value) for name, value in given]
