"""What is answered in the words of Open311 GeoReport v2, in JSON and in the caller's language."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response

from govdesk.actions.change_request import Changed
from govdesk.actions.send_incident import Sent
from govdesk.ingest.coordinates import Crs, convert
from govdesk.ingest.notes import Note
from govdesk.queries.service_requests import RequestFacts, Service
from govdesk.rules.service_request import PERSONAL, Change, Refusal
from govdesk.storage.properties import Properties
from govdesk.terms import DataKind, Status
from govdesk.words import say

#: Last change of what is offered here, for discovery.
CHANGESET = "2026-11-22T00:00:00Z"
#: Answers after which nothing more of the request is read.
_LEAVES = frozenset({408, 413})
_HEADERS = {"cache-control": "no-store"}


def answer(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return JSON in UTF-8 that nobody keeps."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    leaving = {"connection": "close"} if status in _LEAVES else {}
    return Response(body, status, {**_HEADERS, **leaving, **(headers or {})},
                    media_type="application/json; charset=utf-8")


def answer_refusals(refusals: Iterable[Refusal], language: str) -> Response:
    """Return errors as the standard has them: an array of ``code`` and ``description``."""
    found = list(refusals)
    return answer([{"code": one.status, "description": say(f"open311.{one.key}", language, **dict(one.values))}
                   for one in found], found[0].status)


def answer_notes(notes: Iterable[Note], language: str) -> Response:
    """Return the row errors of an import in the same shape."""
    return answer([{"code": 400, "description": one.message(language), "field": one.column, "error": one.code}
                   for one in notes], 400)


def describe_discovery(base: str, facts: Properties) -> dict[str, Any]:
    """Return where the interface lies; a sample database is a test endpoint."""
    kind = "test" if facts.kind is DataKind.SAMPLE else "production"
    return {
        "changeset": CHANGESET, "contact": say("open311.contact"), "key_service": say("open311.key_service"),
        "endpoints": [{"specification": "http://wiki.open311.org/GeoReport_v2", "url": base, "changeset": CHANGESET,
                       "type": kind, "formats": ["application/json"]}],
    }


def describe_service(service: Service, language: str) -> dict[str, Any]:
    """Return one row of the list of services."""
    names = {"zh": service.name_zh, "en": service.name_en}
    group = say(f"term.stream_{service.stream}", language)
    return {
        "service_code": service.code, "service_name": names[language], "description": f"{group} · {names[language]}",
        "metadata": True, "type": "realtime", "keywords": f"{service.name_zh},{service.name_en}", "group": group,
    }


def define_service(service: Service, language: str) -> dict[str, Any]:
    """Return what a request of a service may say beside the fields of the standard; none of it must be said."""
    kinds = {"occurred_on": "datetime", "n_people": "number", "severity": "singlevaluelist", "concerns_unit": "string"}
    attributes: list[dict[str, Any]] = [
        {"variable": True, "code": code, "datatype": kind, "required": False, "order": order,
         "datatype_description": say(f"open311.hint_{code}", language),
         "description": say(f"open311.attribute_{code}", language)}
        for order, (code, kind) in enumerate(kinds.items(), 1)
    ]
    attributes[2]["values"] = [
        {"key": str(key), "name": say(f"open311.severity_{key}", language)} for key in (1, 2, 3, 4)]
    return {"service_code": service.code, "attributes": attributes}


def describe_request(found: RequestFacts, crs: Crs, language: str) -> dict[str, Any]:
    """Return one request; its point as it may be stored, in WGS84."""
    lon, lat = None, None
    if found.lon is not None and found.lat is not None:
        east, north = convert([found.lon], [found.lat], crs, "wgs84")
        lon, lat = round(float(east[0]), 6), round(float(north[0]), 6)
    name = found.name_zh if language == "zh" else found.name_en
    return {
        "service_request_id": str(found.id), "status": "closed" if found.status == Status.CLOSED else "open",
        "status_notes": _say_status(found, language), "service_name": name or found.category,
        "service_code": found.category, "description": found.summary, "agency_responsible": found.handling_unit_name,
        "service_notice": None, "requested_datetime": _instant(found.reported_at),
        "updated_datetime": _instant(found.updated_at), "expected_datetime": _instant(found.due_at), "address": None,
        "address_id": found.place_code, "zipcode": None, "lat": lat, "long": lon, "media_url": None,
    }


def _say_status(found: RequestFacts, language: str) -> str:
    if found.is_merged:
        return say("open311.merged", language)
    status = say(f"term.status_{found.status}", language)
    return f"{status} · {say(f'term.outcome_{found.outcome}', language)}" if found.outcome else status


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True)
class Photos:
    """What became of the photos of a request: how many are kept, and why others are not."""

    n_kept: int = 0
    problems: tuple[str, ...] = ()


def describe_sent(
    sent: Sent, dropped: tuple[str, ...], facts: Properties, language: str, photos: Photos,
) -> dict[str, Any]:
    """Return what became of a new request, with everything that was left out of it."""
    notices = [say("open311.repeated", language)] if sent.is_repeated else []
    notices += [say("open311.masked", language)] if sent.is_masked else []
    notices += [say("open311.photos_kept", language, n=photos.n_kept)] if photos.n_kept else []
    notices += [say("open311.photo_not_kept", language, why=why) for why in photos.problems]
    notices += _say_dropped(dropped, language) + [one.message(language) for one in sent.notes]
    return {
        "service_request_id": str(sent.incident_id), "service_notice": _join(notices, facts, language),
        "account_id": None, "address_id": sent.place_code, "repeated": sent.is_repeated, "dropped": list(dropped),
        "photos": photos.n_kept,
    }


def describe_changed(number: int, done: Changed, change: Change, facts: Properties, language: str) -> dict[str, Any]:
    """Return what became of an update; nothing else of the request is told."""
    notices = [say("open311.repeated", language)] if done.is_repeated else []
    notices += [say("open311.withdrawn", language)] if change.withdraws else []
    notices += [say("open311.noted", language)] if change.note and not done.is_repeated else []
    notices += [say("open311.masked", language)] if done.is_masked else []
    notices += _say_dropped(change.dropped, language)
    return {
        "service_request_id": str(number), "service_notice": _join(notices, facts, language), "account_id": None,
        "repeated": done.is_repeated, "dropped": list(change.dropped),
    }


def _say_dropped(dropped: tuple[str, ...], language: str) -> list[str]:
    personal = [name for name in dropped if name in PERSONAL]
    other = [name for name in dropped if name not in PERSONAL]
    return [say(f"open311.{key}", language, fields=", ".join(names))
            for key, names in (("dropped", personal), ("not_read", other)) if names]


def _join(notices: list[str], facts: Properties, language: str) -> str:
    sample = [say("open311.sample", language)] if facts.kind is DataKind.SAMPLE else []
    return ("" if language == "zh" else " ").join(sample + notices)
