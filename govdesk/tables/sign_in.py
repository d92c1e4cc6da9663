"""Who may come in, and who is in: passwords, sign-ins and failed attempts. Accounts are posts, never names."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from govdesk.tables.base import Base, UtcSeconds
from govdesk.tables.incidents import Key


class Password(Base):
    """The password of an account, as an argon2id hash; an account without one cannot sign in with a password."""

    __tablename__ = "passwords"

    account_code: Mapped[str] = mapped_column(ForeignKey("accounts.code"), primary_key=True)
    hash: Mapped[str] = mapped_column("hash", String(200))
    is_one_time: Mapped[bool] = mapped_column(Boolean, doc="must be changed before anything else is seen")
    at: Mapped[datetime] = mapped_column("at", UtcSeconds)


class SignIn(Base):
    """One sign-in: what a cookie stands for, until it ends. Of the token only a hash is kept."""

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    token_hash: Mapped[str] = mapped_column(String(64), doc="SHA-256 of the random token in the cookie")
    account_code: Mapped[str] = mapped_column(ForeignKey("accounts.code"))
    method: Mapped[str] = mapped_column(String(10), doc="terms.SignInMethod")
    address: Mapped[str] = mapped_column(String(45), doc="where from")
    at: Mapped[datetime] = mapped_column("at", UtcSeconds)
    seen_at: Mapped[datetime] = mapped_column(UtcSeconds, doc="last use, a minute exact")
    ends_at: Mapped[datetime] = mapped_column(UtcSeconds, doc="the absolute limit")
    ended_at: Mapped[datetime | None] = mapped_column(UtcSeconds)
    ended_because: Mapped[str | None] = mapped_column(String(20))

    __table_args__ = (Index("uq_sign_ins_token_hash", "token_hash", unique=True),
                      Index("ix_sign_ins_account_code", "account_code", "ended_at"))


class SignInFailure(Base):
    """Failed attempts in a row, of an account or from an address: each makes the next one wait longer."""

    __tablename__ = "sign_in_failures"

    key: Mapped[str] = mapped_column("key", String(80), primary_key=True, doc="keyed hash of the account or address")
    n: Mapped[int] = mapped_column("n", Integer)
    at: Mapped[datetime] = mapped_column("at", UtcSeconds, doc="the last one")
    blocked_until: Mapped[datetime] = mapped_column(UtcSeconds)
