"""Objections to scores, with their answers."""

import pandas as pd
from sqlalchemy import Connection, func, or_, select
from sqlalchemy.orm import aliased

from govdesk.queries.frames import COUNT, INSTANT, TEXT, read_frame
from govdesk.queries.permission import reads
from govdesk.queries.scoping import within_area
from govdesk.rules.access import Scope
from govdesk.tables import Account, Place, Post, RiskObjection

_TYPES = {"id": COUNT, "at": INSTANT, "post": TEXT, "place_code": TEXT, "place": TEXT, "text": TEXT, "answer": TEXT,
          "answered_post": TEXT, "answered_at": INSTANT}


@reads("view_model_card", "object_to_score")
def list_objections(connection: Connection, scope: Scope) -> pd.DataFrame:
    """Return the objections the caller may see, the unanswered and newest first; one to the method is seen by all.

    Returns
    -------
    DataFrame
        ``id``, ``at``, ``post`` (title), ``place_code``, ``place`` (name), ``text``, ``answer``, ``answered_post``,
        ``answered_at``; what is not there yet is missing.
    """
    place = select(func.max(Place.name)).where(
        Place.code == RiskObjection.place_code, Place.valid_to.is_(None)).scalar_subquery()
    asked, asking = aliased(Post), aliased(Account)
    gave, giving = aliased(Post), aliased(Account)
    return read_frame(connection, (
        select(RiskObjection.id, RiskObjection.at, func.coalesce(asked.title, asking.title, RiskObjection.by),
               RiskObjection.place_code, func.coalesce(place, RiskObjection.place_code), RiskObjection.text,
               RiskObjection.answer, func.coalesce(gave.title, giving.title, RiskObjection.answered_by),
               RiskObjection.answered_at)
        .outerjoin(asked, asked.code == RiskObjection.by).outerjoin(asking, asking.code == RiskObjection.by)
        .outerjoin(gave, gave.code == RiskObjection.answered_by)
        .outerjoin(giving, giving.code == RiskObjection.answered_by)
        .where(or_(RiskObjection.place_code.is_(None),
                   within_area(scope, RiskObjection.place_code)))  # type: ignore[arg-type]  # the null is named before
        .order_by(RiskObjection.answer.is_not(None), RiskObjection.id.desc())), _TYPES)
