"""What a person has besides the password, and what follows when that changes."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from assessment import audit
from assessment.accounts import links
from assessment.accounts.services import SignedInBy, digest, end_other_sign_ins
from assessment.errors import NotFound, Refused
from assessment.models.account_links import LetterKind
from assessment.models.factors import AuthenticatorApp, Passkey, PendingSignIn, RecoveryCode
from assessment.models.people import PersonRow, SignIn

PENDING_LASTS = timedelta(minutes=10)  # from the password to the second factor
LONGEST_NAME = 100  # of a passkey
FRESH = timedelta(minutes=10)  # after which whoever changes factors is asked who they are once more


@dataclass(frozen=True)
class Factors:
    """What one person has. Recovery codes are no factor of their own: they stand in for a lost one."""

    app: AuthenticatorApp | None
    passkeys: tuple[Passkey, ...]
    codes_left: int

    @property
    def any(self) -> bool:
        return self.app is not None or bool(self.passkeys)


def factors_of(session: Session, person_id: int) -> Factors:
    passkeys = select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.added_at, Passkey.id)
    left = select(func.count()).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    return Factors(
        app=session.get(AuthenticatorApp, person_id),
        passkeys=tuple(session.scalars(passkeys)),
        codes_left=session.scalar(left) or 0,
    )


def has_factor(session: Session, person_id: int) -> bool:
    return person_id in having_factors(session, [person_id])


def having_factors(session: Session, people: Collection[int] | None = None) -> set[int]:
    """Who of these, or of all, has a second factor."""
    found: set[int] = set()
    for column in (AuthenticatorApp.person_id, Passkey.person_id):
        query = select(column).distinct()
        found |= set(session.scalars(query if people is None else query.where(column.in_(people))))
    return found


def lacks_factor(session: Session, secret: str) -> bool:
    """Whether this sign-in rests on a password alone, of somebody who has no second factor."""
    app = exists().where(AuthenticatorApp.person_id == SignIn.person_id)
    passkey = exists().where(Passkey.person_id == SignIn.person_id)
    bare = (
        select(SignIn.person_id)
        .join(PersonRow, PersonRow.id == SignIn.person_id)
        .where(SignIn.secret_hash == digest(secret), SignIn.method == SignedInBy.PASSWORD.value)
        .where(~or_(app, passkey), PersonRow.demonstration.is_(False))
    )
    return session.scalar(bare) is not None


def hold(session: Session, person_id: int) -> None:
    """Of two changes of one person's factors at once one waits for the other; none is for shared accounts."""
    session.execute(select(PersonRow.id).where(PersonRow.id == person_id).with_for_update())
    refuse_shared(session, person_id)


def refuse_shared(session: Session, person_id: int) -> None:
    """An account that many sign in with takes no second factor: the others would be shut out."""
    if session.get_one(PersonRow, person_id).demonstration:
        raise Refused("The demonstration's accounts take no second factor: others sign in with them too.")


def changed(session: Session, person_id: int, what: str, secret: str, now: datetime) -> None:
    """A person's own change: every other sign-in of theirs ends, it is written down, and a letter says so."""
    end_other_sign_ins(session, person_id, secret)
    audit.record(session, now, person_id, what, f"person {person_id}")
    tell(session, person_id, now)


def tell(session: Session, person_id: int, now: datetime) -> None:
    """By mail, so that whoever did not do it learns of it."""
    links.queue(session, LetterKind.FACTORS, now, person_id=person_id)


def remove_app(session: Session, person_id: int, secret: str, now: datetime) -> None:
    row = session.get(AuthenticatorApp, person_id)
    if row is None:
        raise NotFound
    session.delete(row)
    session.flush()
    _drop_codes_of_nothing(session, person_id)
    changed(session, person_id, "authenticator app removed", secret, now)


def remove_passkey(session: Session, person_id: int, public_id: str, secret: str, now: datetime) -> None:
    row = own_passkey(session, person_id, public_id)
    session.delete(row)
    session.flush()
    _drop_codes_of_nothing(session, person_id)
    changed(session, person_id, "passkey removed", secret, now)


def rename_passkey(session: Session, person_id: int, public_id: str, name: str, now: datetime) -> None:
    """What its owner calls it. Refused where another of theirs is called so; no sign-in ends by it."""
    hold(session, person_id)
    row = own_passkey(session, person_id, public_id)
    if name == row.name:
        return
    if _called(name) in {_called(other) for other in passkey_names(session, person_id, but=row.id)}:
        raise Refused("You have another passkey of this name. Choose a name that tells them apart.")
    row.name = name
    audit.record(session, now, person_id, "passkey renamed", f"person {person_id}")


def passkey_names(session: Session, person_id: int, but: int | None = None) -> list[str]:
    """What a person's passkeys are called, without that of one number."""
    query = select(Passkey.name).where(Passkey.person_id == person_id)
    return list(session.scalars(query if but is None else query.where(Passkey.id != but)))


def name_apart(name: str, taken: Collection[str]) -> str:
    """The name, with a number where it is taken: a passkey that is on its device already is not refused."""
    called, count, tried = {_called(other) for other in taken}, 1, name
    while _called(tried) in called:
        count += 1
        ending = f" ({count})"
        tried = name[: LONGEST_NAME - len(ending)] + ending
    return tried


def _called(name: str) -> str:
    return name.casefold()


def own_passkey(session: Session, person_id: int, public_id: str) -> Passkey:
    """NotFound where it is somebody else's, as where there is none."""
    row = session.scalar(
        select(Passkey).where(Passkey.person_id == person_id, Passkey.public_id == public_id)
    )
    if row is None:
        raise NotFound
    return row


def _drop_codes_of_nothing(session: Session, person_id: int) -> None:
    """Recovery codes stand in for another factor; without one they are good for nothing."""
    if not has_factor(session, person_id):
        session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))


def remove_all(session: Session, public_id: str, now: datetime, by: int) -> str:
    """An administrator helps somebody who has lost theirs. Their name; NotFound where there is nothing."""
    row = session.scalar(select(PersonRow).where(PersonRow.public_id == public_id))
    if row is None or not has_factor(session, row.id):
        raise NotFound
    _remove_all(session, row, now, by)
    return row.name


def remove_all_of(session: Session, email: str, now: datetime) -> None:
    """The same by the command line, for the one administrator whom nobody else can help."""
    row = session.scalar(select(PersonRow).where(PersonRow.email == email.strip().lower()))
    if row is None or not has_factor(session, row.id):
        raise Refused(f"Nobody with the address {email} has a second factor.")
    _remove_all(session, row, now, None)


def _remove_all(session: Session, row: PersonRow, now: datetime, by: int | None) -> None:
    for model in (AuthenticatorApp, Passkey, RecoveryCode, PendingSignIn, SignIn):
        session.execute(delete(model).where(model.person_id == row.id))
    audit.record(session, now, by, "second factors removed", f"person {row.id}")
    tell(session, row.id, now)


@dataclass(frozen=True)
class Pending:
    """A sign-in that waits for a second factor."""

    secret: str


def begin_pending(session: Session, person_id: int, now: datetime, new_hash: str | None = None) -> Pending:
    """After a right password, whose hash may be due for renewal. Those that waited too long are forgotten."""
    if new_hash:
        session.execute(update(PersonRow).where(PersonRow.id == person_id).values(password_hash=new_hash))
    session.execute(delete(PendingSignIn).where(PendingSignIn.started_at <= now - PENDING_LASTS))
    secret = secrets.token_urlsafe(32)
    session.add(PendingSignIn(secret_hash=digest(secret), person_id=person_id, started_at=now))
    return Pending(secret)


def find_pending(session: Session, secret: str, now: datetime, demo: bool) -> PersonRow | None:
    """Who is about to sign in, while there is time."""
    row = session.scalar(
        select(PersonRow)
        .join(PendingSignIn, PendingSignIn.person_id == PersonRow.id)
        .where(PendingSignIn.secret_hash == digest(secret), PersonRow.active)
        .where(PendingSignIn.started_at > now - PENDING_LASTS)
    )
    return row if row is not None and (demo or not row.demonstration) else None


def end_pending(session: Session, secret: str) -> bool:
    """Whether it was still there: of two that finish it at once one does."""
    gone = delete(PendingSignIn).where(PendingSignIn.secret_hash == digest(secret))
    return session.execute(gone.returning(PendingSignIn.person_id)).first() is not None


def is_fresh(session: Session, secret: str, now: datetime) -> bool:
    """Whether this browser has shown who it is a short while ago."""
    row = session.get(SignIn, digest(secret))
    return row is not None and max(row.started_at, row.confirmed_at or row.started_at) > now - FRESH


def confirm(session: Session, secret: str, now: datetime) -> None:
    session.execute(update(SignIn).where(SignIn.secret_hash == digest(secret)).values(confirmed_at=now))
