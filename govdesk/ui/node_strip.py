"""Where an incident stands in the case flow, as a strip of its nodes."""

from govdesk.storage.case_flow import read_flow_in_force
from govdesk.terms import Status
from govdesk.ui.i18n import t
from govdesk.ui.markup import Html, tag


def build_strip(stands_in: str, words: str, *, is_paused: bool = False, is_named: bool = False) -> Html:
    """Return the strip: what is behind, where it stands, what is ahead.

    Parameters
    ----------
    stands_in : str
        Status; of a paused incident the one before the pause.
    is_named : bool
        Name every node; else only the one it stands in.
    """
    flow = read_flow_in_force()
    here = flow.find_node(Status(stands_in))
    at = flow.node.index(here)
    names = [node.zh if words == "zh" else node.en for node in flow.node]
    said = t("board.strip", node=names[at], n=at + 1, total=len(names))
    classes = [("gd-node-done" if n < at else "gd-node-ahead" if n > at
                else "gd-node-paused" if is_paused else "gd-node-here") for n in range(len(names))]
    marks = [tag("span", tag("i", aria_hidden="true"), tag("b", name) if is_named else None, class_=f"gd-node {one}")
             for name, one in zip(names, classes, strict=True)]
    shown = tag("span", *marks, class_="gd-strip gd-strip-named" if is_named else "gd-strip",
                role="img", aria_label=said, title=said)
    return shown if is_named else tag("span", shown, tag("span", names[at], class_="gd-strip-name"))
