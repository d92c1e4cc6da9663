"""What becomes of a form: what to correct, or what was written and where to see it."""

from govdesk.actions.registering import NotRegisteredError, Registered
from govdesk.ingest.notes import Note
from govdesk.rules.record_checks import About, Problem
from govdesk.ui.cards import build_notice
from govdesk.ui.i18n import t
from govdesk.ui.markup import Html, address, link, show, tag
from govdesk.ui.register_form import Values, name_field
from govdesk.ui.session import language


def draw_problems(about: About, error: NotRegisteredError) -> None:
    """Say what to correct; what was typed stays in the form."""
    lines = [say_problem(about, one) for one in error.problems] + [_say_note(about, one) for one in error.notes]
    title = tag("strong", t("register.errors_title", n=len(lines)))
    show(tag("div", title, tag("ul", *(tag("li", line) for line in lines)), class_="gd-notice gd-warn", role="alert"))


def say_problem(about: About, one: Problem) -> str:
    """Return one problem as a sentence, fields by their words."""
    values = {name: name_field(about, text) if name in ("earlier", "later") else text for name, text in one.values}
    if one.key == "order":
        values["later"] = name_field(about, one.field)
    return t(f"register.error_{one.key}", **{"field": name_field(about, one.field), **values})


def _say_note(about: About, one: Note) -> str:
    message = one.message(language())
    return t("register.from_import", field=name_field(about, one.column), message=message) if one.column else message


def draw_done(about: About, result: Registered, values: Values) -> None:
    """Say what was written, what was masked, and lead to it."""
    if result.is_repeated:
        words = t("register.done_already", number=result.source_ref)
    else:
        words = t(f"register.done_{_KEYS[about]}", number=_number(about, result), place=values.get("place_code") or "",
                  name=values.get("name") or "")
    show(build_notice(tag("span", words, " ", _lead_to(about, result, values))))
    if result.n_masked:
        show(build_notice(t("register.done_masked", n=result.n_masked), is_warning=True))
    remarks = [_say_note(about, one) for one in result.notes]
    if remarks:
        items = tag("ul", *(tag("li", line) for line in remarks))
        show(tag("div", t("register.remarks"), items, class_="gd-notice", role="note"))


_KEYS: dict[About, str] = {
    "incidents": "incident", "mediations": "mediation", "nil_returns": "nil_return", "works": "works",
    "source_changes": "source_change",
}


def _number(about: About, result: Registered) -> str:
    return str(result.row_id) if about == "mediations" else result.source_ref


def _lead_to(about: About, result: Registered, values: Values) -> Html | None:
    if about in ("incidents", "mediations"):
        return link(t("register.open_record"), address("/incident", id=result.row_id))
    code = values.get("place_code")
    return link(t("register.open_place"), address("/village", place=code)) if code else None
