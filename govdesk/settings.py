"""Settings from the environment, read and checked once.

Each setting is an environment variable with the prefix ``GOVDESK_``; `docs/settings.md` lists them all and
a test holds the two equal.
"""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

#: Root of the checkout: where `data/`, `locales/` and `migrations/` lie.
ROOT = Path(__file__).resolve().parent.parent
#: Characters of a token that nobody guesses.
_SHORTEST_TOKEN = 16
#: An identity service: by TLS, or on this machine (for a trial).
_ISSUER = r"^(https://[^?#\s]+|http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/[^?#\s]*)?)?$"


class Settings(BaseSettings):
    """What may differ from one office to the next.

    Attributes
    ----------
    var : Path
        Work folder (``GOVDESK_VAR``): database, fitted classifiers, uploads, secret.
    database_url : str
        ``GOVDESK_DATABASE_URL``; empty means SQLite in `var`.
    zone : str
        IANA time zone of the county's day (``GOVDESK_ZONE``).
    language : {"zh", "en"}
        First language of a new session (``GOVDESK_LANGUAGE``).
    now : datetime or None
        Fixed instant for demonstrations and tests (``GOVDESK_NOW``, ISO 8601 with offset).
    wall_tick : float
        Seconds between two looks of a wall screen at the data (``GOVDESK_WALL_TICK``).
    upload_mb : int
        Largest file that is taken in on screen, in MB (``GOVDESK_UPLOAD_MB``).
    photo_days : int
        Days after which a photo is deleted, counted from the day it came in (``GOVDESK_PHOTO_DAYS``).
    audit_days : int
        Days that the audit is kept, at least 183: six months (``GOVDESK_AUDIT_DAYS``).
    backup_hour : int
        Hour of the county's day at which a running server makes a backup (``GOVDESK_BACKUP_HOUR``); -1 makes none.
    backup_folder : Path or None
        Where backups are kept (``GOVDESK_BACKUP_FOLDER``); None means ``backups/`` in `var`.
    log_format : {"text", "json"}
        How the log is written (``GOVDESK_LOG_FORMAT``).
    metrics_token : str
        What a reader of ``/metrics`` must show (``GOVDESK_METRICS_TOKEN``); empty refuses all.
    idle_minutes : int
        Minutes without use after which a sign-in ends (``GOVDESK_IDLE_MINUTES``).
    sign_in_hours : int
        Hours after which a sign-in ends in any case (``GOVDESK_SIGN_IN_HOURS``).
    public_url : str
        Address under which browsers reach the product (``GOVDESK_PUBLIC_URL``), for instance
        ``https://govdesk.example``; with https cookies leave by TLS only.
    oidc_issuer, oidc_client_id, oidc_client_secret : str
        The office's identity service (``GOVDESK_OIDC_ISSUER`` …), exactly as it names itself; empty: there is none.
        It needs `public_url`, the address to which it sends browsers back; the secret may be empty for a public client.
    oidc_claim, oidc_scope : str
        The claim of its ID token that holds the code of an account, and what is asked for.
    map_approval_number : str
        审图号 that the map must show where the law asks for it (``GOVDESK_MAP_APPROVAL_NUMBER``).
    """

    model_config = SettingsConfigDict(env_prefix="GOVDESK_", extra="ignore", frozen=True)

    var: Path = Field(default=ROOT / "var", description="Work folder: database, uploads, secret.")
    database_url: str = Field(default="", description="SQLAlchemy URL; empty means SQLite in the work folder.")
    zone: str = Field(default="Asia/Shanghai", description="IANA time zone of the county's day.")
    language: Literal["zh", "en"] = Field(default="zh", description="First language of a new session.")
    now: datetime | None = Field(default=None, description="Fixed instant, for demonstrations and tests.")
    wall_tick: float = Field(default=5.0, ge=0.05, le=60.0, description="Seconds between two looks of a wall screen.")
    upload_mb: int = Field(default=200, ge=1, le=2_000, description="Largest file that is taken in on screen, in MB.")
    photo_days: int = Field(default=180, ge=1, le=3_650, description="Days after which a photo is deleted.")
    audit_days: int = Field(default=400, ge=183, le=36_500, description="Days that the audit is kept; 183 at least.")
    backup_hour: int = Field(default=2, ge=-1, le=23, description="Hour of the nightly backup; -1 makes none.")
    backup_folder: Path | None = Field(default=None, description="Folder of the backups.")
    log_format: Literal["text", "json"] = Field(default="text", description="How the log is written.")
    metrics_token: str = Field(default="", repr=False, description="What a reader of /metrics must show.")
    idle_minutes: int = Field(default=120, ge=1, le=1_440, description="Minutes without use until a sign-in ends.")
    sign_in_hours: int = Field(default=12, ge=1, le=168, description="Hours until a sign-in ends in any case.")
    public_url: str = Field(default="", pattern=r"^(https?://[^/?#\s]+)?$", description="Address browsers reach it by.")
    oidc_issuer: str = Field(default="", pattern=_ISSUER, description="Identity service (OpenID Connect).")
    oidc_client_id: str = Field(default="", max_length=200, description="Our name at the identity service.")
    oidc_client_secret: str = Field(default="", repr=False, max_length=500, description="Our secret there.")
    oidc_claim: str = Field(default="preferred_username", min_length=1, max_length=60,
                            description="Claim that holds the code of an account.")
    oidc_scope: str = Field(default="openid profile", pattern=r"^openid( [\x21-\x7e]+)*$",
                            description="What is asked of the identity service.")
    map_approval_number: str = Field(default="", description="Map approval number shown on every map.")

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            message = f"GOVDESK_ZONE={value!r} is no IANA time zone (for instance Asia/Shanghai)"
            raise ValueError(message) from error
        return value

    @field_validator("var")
    @classmethod
    def _var_is_absolute(cls, value: Path) -> Path:
        # A relative folder means the folder the process was started in, whatever it changes to later.
        return value.expanduser().resolve()

    @field_validator("backup_folder")
    @classmethod
    def _backup_folder_is_absolute(cls, value: Path | None) -> Path | None:
        return None if value is None else value.expanduser().resolve()

    @field_validator("metrics_token")
    @classmethod
    def _token_is_long(cls, value: str) -> str:
        if value and len(value) < _SHORTEST_TOKEN:
            message = f"GOVDESK_METRICS_TOKEN has {len(value)} characters, at least {_SHORTEST_TOKEN} are needed"
            raise ValueError(message)
        return value

    @model_validator(mode="after")
    def _identity_service_is_whole(self) -> "Settings":
        if self.oidc_issuer and not (self.oidc_client_id and self.public_url):
            message = "GOVDESK_OIDC_ISSUER needs GOVDESK_OIDC_CLIENT_ID and GOVDESK_PUBLIC_URL"
            raise ValueError(message)
        if not self.oidc_issuer and (self.oidc_client_id or self.oidc_client_secret):
            message = "GOVDESK_OIDC_CLIENT_ID and GOVDESK_OIDC_CLIENT_SECRET mean nothing without GOVDESK_OIDC_ISSUER"
            raise ValueError(message)
        return self

    @field_validator("now")
    @classmethod
    def _now_has_offset(cls, value: datetime | None) -> datetime | None:
        if value is not None and value.tzinfo is None:
            message = "GOVDESK_NOW needs an offset, for instance 2026-11-22T08:00:00+08:00"
            raise ValueError(message)
        return value

    @property
    def url(self) -> str:
        """SQLAlchemy URL of the database."""
        return self.database_url or f"sqlite:///{self.var / 'govdesk.db'}"


@cache
def get_settings() -> Settings:
    """Return the process's settings; the environment is read once.

    Raises
    ------
    pydantic.ValidationError
        When a variable holds something unusable; the message names it.
    """
    return Settings()
