"""The cache of an incident derived once more from its steps, written without looking at how the product does it."""

from govdesk.rules.step_cache import RANK, StepCache


def by_definition(given_steps, due):
    """Derive each column on its own by looking back from the end: written differently on purpose."""
    def place(pair):
        step = pair[1]
        return (step.at, 1, step.taken, pair[0]) if step.taken else (step.at, 0, RANK[step.kind], pair[0])

    order = [step for _, step in sorted(enumerate(given_steps), key=place) if not step.is_withdrawn]

    def is_closed(upto):
        last = [step.kind for step in order[:upto] if step.kind in ("close", "reopen")]
        return bool(last) and last[-1] == "close"

    reopenings = [n for n, step in enumerate(order) if step.kind == "reopen" and is_closed(n)]
    closings = [step for step in order if step.kind == "close"]
    answers = [step.at for step in order
               if step.kind == "answer" or (step.kind == "close" and step.outcome != "withdrawn")]
    status = "reported"
    status = "closed" if is_closed(len(order)) else open_status(order, reopenings)
    last = closings[-1] if status == "closed" else None
    sent = [step.unit for step in order if step.kind == "dispatch" and step.taken]
    return StepCache(status=status, first_answered_at=answers[0] if answers else None,
                     due_at=due_shown(order, due, status),
                     closed_at=last.at if last else None, outcome=last.outcome if last else None,
                     resolution_level=last.level if last else None, n_reopened=len(reopenings), n_steps=len(order),
                     dispatched_to=sent[-1] if sent else None,
                     answer_due_at=answer_due(order, due),
                     severity=([None] + [s.severity for s in order if s.taken and s.severity is not None])[-1])


def status_before(order, n):
    kinds = [step.kind for step in order[:n]]
    last = max((i for i, kind in enumerate(kinds) if kind in ("close", "reopen")), default=None)
    if last is not None and kinds[last] == "close":
        return "closed"
    reopenings = [i for i, kind in enumerate(kinds) if kind == "reopen" and "close" in kinds[:i]
                  and [k for k in kinds[:i] if k in ("close", "reopen")][-1] == "close"]
    return open_status(order[:n], reopenings)


def answer_due(order, due):
    for n, step in enumerate(order):
        if step.kind == "answer" or (step.kind == "close" and step.outcome != "withdrawn"):
            return due_by_definition(order[:n], due) if step.taken else None
    return None


def due_shown(order, due, status):
    """The running deadline; none while paused; of what is closed the first of ours that was left too late."""
    if status == "closed":
        for n, step in enumerate(order):
            earlier, at = status_before(order, n), due_by_definition(order[:n], due)
            given = [i for i in range(n) if order[i].due_at is not None]
            leaves = step.due_at is not None or step.is_unlimited or status_before(order, n + 1) != earlier
            if (given and order[given[-1]].taken and earlier not in ("paused", "closed") and leaves
                    and at is not None and step.at > at):
                return at
    return None if status == "paused" else due_by_definition(order, due)


def due_by_definition(order, due):
    """Walk the pauses one by one: each moves the date by its length, unless a date was given in it or ends it."""
    dated = [n for n, step in enumerate(order) if step.due_at is not None or step.is_unlimited]
    start = dated[-1] + 1 if dated else 0
    if dated:
        due = order[dated[-1]].due_at
    statuses = [status_before(order, n) for n in range(len(order) + 1)]
    if due is None:
        return None
    for n in range(start, len(order)):
        if statuses[n] == "paused" and statuses[n + 1] != "paused":
            began = max(i for i in range(n) if statuses[i] != "paused" and statuses[i + 1] == "paused")
            if began >= start:
                due += order[n].at - order[began].at
    return due


def open_status(order, reopenings):
    """Status of an open incident: the last leading step since the last re-opening, unless paused."""
    status, since = ("dispatched", order[reopenings[-1] + 1:]) if reopenings else ("reported", order)
    leading = {"return": "reported", "dispatch": "dispatched", "accept": "accepted", "answer": "answered"}
    waiting = None
    for step in since:
        if step.kind == "pause":
            waiting = status if waiting is None else waiting
            status = "paused"
        elif step.kind == "resume" and waiting is not None:
            status, waiting = waiting, None
        elif step.kind in leading:
            status, waiting = leading[step.kind], None
    return status
