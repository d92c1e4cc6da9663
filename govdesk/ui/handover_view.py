"""What is handed over, as it is drawn: the numbers, the lists with their notes; live or frozen alike."""

from collections.abc import Sequence
from datetime import UTC, datetime

from govdesk.queries.handover import Note, Signed
from govdesk.rules.handover import LISTS, MOST_ROWS, HandoverFacts, Listed, Named
from govdesk.ui.cards import Card, build_cards
from govdesk.ui.formats import write_count, write_instant, write_term
from govdesk.ui.i18n import t
from govdesk.ui.markup import Html, address, clean_text, join, link, tag
from govdesk.ui.posts import name_post
from govdesk.ui.setting import Setting, name_categories

#: Lists that stand above as figures.
CARDS = ("calls", "urgent", "overdue", "due_soon", "to_triage", "came_in")
#: The inbox of the board in which the rest of a live list is found, oldest due first.
_INBOXES = {"overdue": "late", "to_triage": "triage", "paused": "paused", "reopened": "reopened"}
_PAGES = {"incident": "/incident", "call": "/calls", "batch": "/import_batches", "visit_order": "/visits"}


def build_figures(facts: HandoverFacts, words: str) -> Html:
    """Return the six numbers that the next shift asks for first."""
    more = {"overdue": t("handover.newly", n=facts.find("newly_overdue").n),
            "came_in": t("handover.list_mark").join(
                f"{write_term('stream', stream, words)} {n}" for stream, n in facts.count_streams().items())}
    cards = [
        Card(t(f"handover.card_{name}"), write_count(facts.find(name).n), t(f"handover.unit_{name}"),
             (t(f"handover.note_{name}"), *([more[name]] if more.get(name) else ())))
        for name in CARDS]
    return build_cards(cards)


def build_lists(
    facts: HandoverFacts, notes: Sequence[Note], setting: Setting, *, is_live: bool = False
) -> Html:
    """Return the lists that hold something, side by side, and the names of those that hold nothing.

    Parameters
    ----------
    is_live : bool
        The rest of a list is opened on the board. A handover that was signed is frozen: the board has gone on since.
    """
    held = [one for one in map(facts.find, LISTS) if one.n or one.rows]
    empty = [t(f"handover.list_{name}") for name in LISTS if name not in {one.name for one in held}]
    named = {(row.subject, row.id) for one in held for row in one.rows}
    rest = [note for note in notes if (note.subject, note.subject_id) not in named]
    return tag(
        "div",
        _build_notes(t("handover.notes_shift"), rest) if rest else None,
        *(_build_list(one, notes, setting, facts.at, is_live=is_live) for one in held),
        tag("p", t("handover.nothing", names=t("handover.list_mark").join(empty)), class_="gd-muted gd-small")
        if empty else None,
        class_="gd-handover")


def build_signed(signed: Signed) -> Html:
    """Return who handed over and who signed for it, and when."""
    out = t("handover.out_by", post=name_post(signed.out_post), at=write_instant(signed.out_at))
    if signed.in_post is None:
        return join([out, tag("strong", t("handover.not_signed_for"), class_="gd-late")], " ")
    return join([out, t("handover.in_by", post=name_post(signed.in_post), at=write_instant(signed.in_at))], " ")


def name_subject(row: Named, setting: Setting) -> str:
    """Return one thing in words: number, category, place."""
    category = name_categories(setting.words).get(row.category or "", row.category or "")
    parts = (row.number if row.subject != "visit_order" else "", category, row.where)
    return clean_text(" ".join(part for part in parts if part), 80)


def _build_list(listed: Listed, notes: Sequence[Note], setting: Setting, at: datetime, *, is_live: bool) -> Html:
    more = listed.n - len(listed.rows)
    said = t("handover.more", n=more, most=MOST_ROWS)
    inbox = _INBOXES.get(listed.name) if is_live else None
    return tag(
        "section", tag("h3", t(f"handover.list_{listed.name}"), tag("b", write_count(listed.n))),
        tag("ol", *(_build_row(row, notes, setting, listed.name, at) for row in listed.rows)),
        tag("p", said if inbox is None else link(said, address("/dispatch_board", inbox=inbox)),
            class_="gd-muted gd-small")
        if more > 0 and len(listed.rows) >= MOST_ROWS else None)


def _build_row(row: Named, notes: Sequence[Note], setting: Setting, name_of_list: str, at: datetime) -> Html:
    href = _PAGES.get(row.subject)
    name = name_subject(row, setting) or str(row.id)
    shown = link(name, address(href, id=row.id if row.subject == "incident" else None)) if href else name
    unit = t("handover.rejected", n=row.unit) if name_of_list == "imports" else clean_text(row.unit)
    about = [note for note in notes if (note.subject, note.subject_id) == (row.subject, row.id)]
    return tag(
        "li", shown, " ", tag("span", join([part for part in (unit, _say_due(row, name_of_list, at)) if part], " · "),
                              class_="gd-muted gd-small"),
        *(_build_note(note) for note in about))


def _say_due(row: Named, name_of_list: str, at: datetime) -> Html | None:
    """Return until when, unbroken; that it is past stands in words, and red where the list does not say it itself."""
    due = row.number if row.subject == "visit_order" else _write_due(row.due, at)
    if not due:
        return None
    is_past = row.subject != "visit_order" and row.due is not None and row.due < at.timestamp()
    is_said = not is_past or name_of_list in ("overdue", "newly_overdue")
    return tag("span", t("handover.due_past" if is_past else "handover.due", at=due),
               class_="gd-handover-due" if is_said else "gd-handover-due gd-late")


def _write_due(due: int | None, at: datetime) -> str:
    """Return a due time: without the year while it is that of the handover, without the hour when it is not."""
    if due is None:
        return ""
    text = write_instant(datetime.fromtimestamp(due, UTC))
    return text[5:] if text[:4] == write_instant(at)[:4] else text[:10]


def _build_notes(title: str, notes: Sequence[Note]) -> Html:
    return tag("section", tag("h3", title, tag("b", len(notes))), *map(_build_note, notes))


def _build_note(note: Note) -> Html:
    said = t("handover.said", post=name_post(note.post), at=write_instant(note.at)[5:])
    return tag("div", tag("span", clean_text(note.note)), " ", tag("span", said, class_="gd-muted gd-small"),
               class_="gd-handover-note")
