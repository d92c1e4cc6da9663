"""`draw-flow`: the case flow in force as a picture and a table of its document, drawn from the configuration."""

from pathlib import Path
from typing import Annotated

import typer

from govdesk.cli.reporting import WRONG_USE, Commit, refuse
from govdesk.rules.case_flow import AllowedStep, CaseFlow, FlowConfigError
from govdesk.rules.step_cache import find_next_status
from govdesk.storage.case_flow import read_flow_in_force
from govdesk.terms import Status
from govdesk.words import say

BEGIN, END = "<!-- flow: drawn by draw-flow -->", "<!-- flow: end -->"


def draw_flow(flow: CaseFlow) -> str:
    """Return the flow as Markdown: its nodes, a Mermaid diagram of its states, and who may take which step.

    Parameters
    ----------
    flow : CaseFlow
        A checked one.
    """
    return "\n".join([*_draw_nodes(flow), "", *_draw_states(flow), "", *_draw_steps(flow)])


def _draw_nodes(flow: CaseFlow) -> list[str]:
    rows = [f"| {n} | {node.zh} | {node.en} | {', '.join(node.statuses) or '—'} |"
            for n, node in enumerate(flow.node, start=1)]
    return ["| | node | | stands in it |", "|---|---|---|---|", *rows]


def _draw_states(flow: CaseFlow) -> list[str]:
    """A step that leaves an incident where it is (an urge, a referral) is in the table, not in the picture."""
    ways: dict[tuple[str, str], list[str]] = {}
    for step in flow.step:
        for status in step.from_:
            for following in _lead(step, status):
                if following != status:
                    ways.setdefault((status, following), []).append(say(f"term.step_{step.kind}", "zh"))
    stages = [f"    {status} : {say(f'term.status_{status}', 'zh')} {status} (clock {flow.find_stage(status)})"
              if flow.find_stage(status) else f"    {status} : {say(f'term.status_{status}', 'zh')} {status}"
              for status in Status]
    return ["```mermaid", "stateDiagram-v2", *stages, "    [*] --> reported",
            *(f"    {one} --> {other} : {' / '.join(words)}" for (one, other), words in ways.items()), "```"]


def _lead(step: AllowedStep, status: Status) -> list[Status]:
    """Return where a step leads: a resume to whatever status the pause began in."""
    found = {find_next_status(step.kind, status, before) for before in (Status.ACCEPTED, Status.ANSWERED)}
    return [one for one in Status if one in found]


def _draw_steps(flow: CaseFlow) -> list[str]:
    rows = [
        f"| {say(f'term.step_{step.kind}', 'zh')} | {step.kind} | {', '.join(step.from_)} | {', '.join(step.by)} | "
        f"{', '.join(step.needs) or '—'} | {'yes' if step.other_post else ''} |" for step in flow.step]
    return ["| step | | from | by | needs | another post |", "|---|---|---|---|---|---|", *rows]


def replace_drawing(text: str, drawing: str) -> str:
    """Return a document with the drawing between its marks.

    Raises
    ------
    ValueError
        When it has no such marks.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        message = f"the document has no lines {BEGIN} and {END}"
        raise ValueError(message)
    return f"{before}{BEGIN}\n{drawing}\n{END}{after}"


def draw_flow_command(
    file: Annotated[Path, typer.Argument(help="Markdown document with the marks between which it is drawn.")],
    *, commit: Commit = False,
) -> None:
    """Draw the case flow in force into a document."""
    try:
        text = file.read_text(encoding="utf-8")
        drawn = replace_drawing(text, draw_flow(read_flow_in_force()))
    except (OSError, ValueError, FlowConfigError) as error:
        refuse(str(error), None, WRONG_USE)
    if commit:
        file.write_text(drawn, encoding="utf-8")
    said = "drawn" if commit else "dry run, nothing written (--commit writes); the drawing"
    typer.echo(f"{said}: {'as it was' if drawn == text else 'changed'}")
