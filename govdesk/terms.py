"""The codes of the field: what is stored in ASCII and shown through `locales/`.

Every code that a table, a profile or an address may hold is listed here once; the words for it stand in
`locales/zh.toml` and `locales/en.toml` under `[term]` as `<group>_<code>` (for instance `stream_dispute`).
"""

from enum import StrEnum


class Stream(StrEnum):
    """What kind of thing was reported; the five streams of one umbrella table."""

    DISPUTE = "dispute"
    PETITION = "petition"
    HAZARD = "hazard"
    REQUEST = "request"
    PUBLIC_ORDER = "public_order"


#: Points of these streams are somebody's home: never stored exactly (`shared design`, Data).
HOME_STREAMS = frozenset({Stream.DISPUTE, Stream.PETITION, Stream.PUBLIC_ORDER})


class Level(StrEnum):
    """Level of a place in the tree, and level at which an incident was settled."""

    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"
    GRID = "grid"


#: From the widest to the finest; a tree may leave levels out (a city of neighbourhoods has two).
LEVELS = (Level.COUNTY, Level.TOWNSHIP, Level.VILLAGE, Level.GRID)


class PlaceKind(StrEnum):
    """Village type 城区、平原、山区: a stratum in every comparison."""

    URBAN = "urban"
    PLAIN = "plain"
    MOUNTAIN = "mountain"


class PlaceChangeKind(StrEnum):
    """What happened to a place on a date."""

    SPLIT = "split"
    MERGE = "merge"
    RENAME = "rename"
    MOVE = "move"


class ShapeKind(StrEnum):
    """Where a place's shape comes from; everything but the first two is schematic 示意."""

    DELIVERED = "delivered"
    REPAIRED = "repaired"
    CELL = "cell"
    TILE = "tile"


class PointKind(StrEnum):
    """How exact an incident's point is."""

    EXACT = "exact"
    SNAPPED = "snapped"
    PLACE = "place"


class PetitionKind(StrEnum):
    """First 初次, repeat 重复访, group 集体访, skip-level 越级访."""

    FIRST = "first"
    REPEAT = "repeat"
    GROUP = "group"
    SKIP_LEVEL = "skip_level"


class Channel(StrEnum):
    """Through which door the report came."""

    GRID_WORKER = "grid_worker"
    VISIT = "visit"
    HOTLINE = "hotline"
    LETTER = "letter"
    ONLINE = "online"
    APP = "app"
    POLICE = "police"
    COURT = "court"
    OTHER = "other"


class ResolutionLevel(StrEnum):
    """Where it was settled: 小事不出组 …, 大矛盾不上交县."""

    GROUP = "group"
    VILLAGE = "village"
    TOWNSHIP = "township"
    COUNTY = "county"
    BEYOND = "beyond"


class StepKind(StrEnum):
    """What may happen to an incident 流转; a step is appended, never edited."""

    REPORT = "report"
    TRIAGE = "triage"
    DISPATCH = "dispatch"
    RETURN = "return"
    ACCEPT = "accept"
    ANSWER = "answer"
    PAUSE = "pause"
    RESUME = "resume"
    ASK_EXTEND = "ask_extend"
    DENY_EXTEND = "deny_extend"
    EXTEND = "extend"
    URGE = "urge"
    REFER_UP = "refer_up"
    CLOSE = "close"
    REVISIT = "revisit"
    REOPEN = "reopen"


class Status(StrEnum):
    """Where an incident stands; a cache of its steps."""

    REPORTED = "reported"
    DISPATCHED = "dispatched"
    ACCEPTED = "accepted"
    ANSWERED = "answered"
    PAUSED = "paused"
    CLOSED = "closed"


class Stage(StrEnum):
    """A stretch of the loop with a clock of its own, named for what it waits for."""

    TRIAGE = "triage"
    ACCEPT = "accept"
    HANDLE = "handle"
    CLOSE = "close"


class TimeUnit(StrEnum):
    """In what a time limit is counted."""

    HOURS = "hours"
    WORKING_HOURS = "working_hours"
    WORKING_DAYS = "working_days"
    DAYS = "days"


class Outcome(StrEnum):
    """How it ended. Closing is not settling."""

    SETTLED = "settled"
    AGREEMENT = "agreement"
    CONFIRMED = "confirmed"
    REFERRED = "referred"
    NOT_SETTLED = "not_settled"
    WITHDRAWN = "withdrawn"


class PauseReason(StrEnum):
    """For whom or what a clock waits; nothing else stops one."""

    PARTY_ABSENT = "party_absent"
    PARTY_PAPERS = "party_papers"
    APPRAISAL = "appraisal"
    COURT = "court"
    SEASON = "season"


class QuickReason(StrEnum):
    """Why an incident was closed within minutes."""

    ON_THE_SPOT = "on_the_spot"
    SETTLED_BEFORE = "settled_before"
    ENTERED_LATE = "entered_late"
    NO_MATTER = "no_matter"


class CallHop(StrEnum):
    """What happens between a township that calls and a unit that is called 乡呼县应, in this order."""

    SUMMON = "summon"
    REPORT_IN = "report_in"
    ARRIVE = "arrive"
    ANSWER = "answer"
    RELEASE = "release"


class CallOutcome(StrEnum):
    """How a call ended, as the township that called judges."""

    SETTLED = "settled"
    PARTLY = "partly"
    NOT_SETTLED = "not_settled"
    CALLED_OFF = "called_off"


class PhotoKind(StrEnum):
    """What a photo shows: what was reported, or what was done about it."""

    REPORT = "report"
    EVIDENCE = "evidence"


class MediationMethod(StrEnum):
    """四诊疗法: sitting 坐诊, visiting 巡诊, joint 会诊, return visit 复诊."""

    SITTING = "sitting"
    VISITING = "visiting"
    JOINT = "joint"
    RETURN = "return"


class MediationChannel(StrEnum):
    """People's 人民调解, administrative 行政, judicial 司法, police hand-over 警调对接."""

    PEOPLE = "people"
    ADMINISTRATIVE = "administrative"
    JUDICIAL = "judicial"
    POLICE_HANDOVER = "police_handover"


class RevisitResult(StrEnum):
    """What somebody found who went back and asked."""

    SETTLED = "settled"
    NOT_SETTLED = "not_settled"
    NOT_REACHED = "not_reached"


class VisitReason(StrEnum):
    """Why somebody went to a village 走访: an alert, the weekly random sample, or on their own."""

    ALERT = "alert"
    SAMPLE = "sample"
    OWN = "own"


class VisitFinding(StrEnum):
    """What a visit to a village met."""

    FOUND = "found"
    NOTHING_FOUND = "nothing_found"
    ALREADY_KNOWN = "already_known"


class SourceChangeKind(StrEnum):
    """Why numbers may jump without the world having changed."""

    NEW_APP = "new_app"
    NEW_FORM = "new_form"
    NEW_OFFICE = "new_office"
    GRID_SPLIT = "grid_split"
    OTHER = "other"


class WorksKind(StrEnum):
    """What is being built."""

    FARMLAND = "farmland"
    ROAD = "road"
    WATER = "water"
    HOUSING = "housing"
    OTHER = "other"


class CapacityKind(StrEnum):
    """Legal guide 法律明白人, legal adviser 村法律顾问, volunteer mediator 志愿调解员: numbers, never persons."""

    LEGAL_GUIDE = "legal_guide"
    LEGAL_ADVISER = "legal_adviser"
    VOLUNTEER_MEDIATOR = "volunteer_mediator"


class UploadStatus(StrEnum):
    """How far a file on its way in has come."""

    UPLOADED = "uploaded"
    MAPPED = "mapped"
    CHECKED = "checked"
    COMMITTED = "committed"
    CANCELLED = "cancelled"


class DuplicateAnswer(StrEnum):
    """What was judged about two incidents that look alike."""

    MERGED = "merged"
    DIFFERENT = "different"


class Role(StrEnum):
    """What an account may do; an account is a post with a role and an area."""

    LEADER = "leader"
    CENTRE = "centre"
    ANALYST = "analyst"
    TOWNSHIP = "township"
    DEPARTMENT = "department"
    CLERK = "clerk"
    ADMIN = "admin"
    WALL = "wall"
    INTAKE = "intake"


class SignInMethod(StrEnum):
    """How somebody came in."""

    PASSWORD = "password"  # noqa: S105 the word for it
    OIDC = "oidc"
    DEMO = "demo"
    LINK = "link"


class DataKind(StrEnum):
    """Sample or real is a property of the database; the two never mix."""

    SAMPLE = "sample"
    REAL = "real"


#: 99 is no province of GB/T 2260: a code that starts so can never be a real place.
SAMPLE_CODE_PREFIX = "99"

#: A village × category × week under this many incidents shows no category on walls, briefs and exports.
SMALL_COUNT = 3

#: A rate from fewer incidents than this is shown as counts.
RATE_MINIMUM = 10
