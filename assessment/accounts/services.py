"""Signing in and out, and adding people: one transaction each."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, exists, select, update
from sqlalchemy.orm import Session

from assessment import audit
from assessment.access import Person, Role
from assessment.accounts import links, passwords
from assessment.directory.pair_centers import EOC, FUSION_CENTER, with_centers
from assessment.directory.states import NAMES
from assessment.errors import NotFound, Refused
from assessment.models.account_links import AccountInvitation
from assessment.models.cycles import Cycle
from assessment.models.directory import Center, Pair
from assessment.models.factors import PendingSignIn
from assessment.models.people import PersonCenter, PersonRow, PersonScope, SignIn
from assessment.sign_in_limits import DEFAULT, SignInLimits
from questionnaires.definition import Side


@dataclass(frozen=True)
class Checked:
    """Whose address was given, and whether the password was theirs and they may sign in."""

    person_id: int | None  # nobody has this address
    right: bool
    outdated: bool = False  # the stored hash was made with weaker settings than today's


def check_password(session: Session, email: str, password: str, demo: bool) -> Checked:
    """Look, and change nothing; as slow for an unknown address as for a wrong password."""
    row = session.scalar(select(PersonRow).where(PersonRow.email == email.strip().lower()))
    may_sign_in = row is not None and row.active and (demo or not row.demonstration)
    right = passwords.matches(row.password_hash if row else None, password)
    if row is None:
        return Checked(None, False)
    return Checked(row.id, right and may_sign_in, right and passwords.outdated(row.password_hash))


class SignedInBy(StrEnum):
    """How somebody has shown who they are."""

    PASSWORD = "password"  # noqa: S105
    SECOND_FACTOR = "second factor"  # after the password
    PASSKEY = "passkey"
    PROVIDER = "provider"  # an identity provider has seen to it


def start_sign_in(
    session: Session,
    person_id: int,
    now: datetime,
    new_hash: str | None = None,
    method: SignedInBy = SignedInBy.PASSWORD,
) -> str:
    """The secret of a new sign-in of somebody who has shown who they are."""
    if new_hash:
        session.execute(update(PersonRow).where(PersonRow.id == person_id).values(password_hash=new_hash))
    secret = secrets.token_urlsafe(32)
    row = SignIn(secret_hash=digest(secret), person_id=person_id, started_at=now, last_seen_at=now)
    row.method = method.value
    session.add(row)
    links.note_accepted(session, person_id, now)
    how = "" if method is SignedInBy.PASSWORD else method.value
    audit.record(session, now, person_id, "signed in", f"person {person_id}", how)
    return secret


def sign_out(session: Session, secret: str, now: datetime) -> None:
    """End the sign-in of one browser; nothing happens where it has ended already."""
    ended = delete(SignIn).where(SignIn.secret_hash == digest(secret)).returning(SignIn.person_id)
    person_id = session.scalar(ended)
    if person_id is not None:
        audit.record(session, now, person_id, "signed out", f"person {person_id}")


@dataclass(frozen=True)
class SignedIn:
    """One browser in which a person is signed in."""

    started_at: datetime
    last_seen_at: datetime
    here: bool


def sign_ins_of(
    session: Session, person_id: int, secret: str, now: datetime, limits: SignInLimits = DEFAULT
) -> list[SignedIn]:
    """Where the person is signed in, the latest first; ``secret`` is that of the browser that asks."""
    rows = session.scalars(
        select(SignIn)
        .where(SignIn.person_id == person_id, *_lasting(now, limits))
        .order_by(SignIn.started_at.desc(), SignIn.secret_hash)
    )
    return [SignedIn(row.started_at, row.last_seen_at, row.secret_hash == digest(secret)) for row in rows]


def _lasting(now: datetime, limits: SignInLimits) -> tuple[ColumnElement[bool], ...]:
    return SignIn.last_seen_at > now - limits.idle, SignIn.started_at > now - limits.absolute


def end_other_sign_ins(session: Session, person_id: int, secret: str) -> None:
    """Those that wait for a second factor end too."""
    session.execute(delete(PendingSignIn).where(PendingSignIn.person_id == person_id))
    session.execute(delete(SignIn).where(SignIn.person_id == person_id, SignIn.secret_hash != digest(secret)))


def set_password(session: Session, person_id: int, hashed: str, secret: str, now: datetime) -> None:
    """Keep the new password's hash; every other sign-in of the person ends."""
    row = session.get_one(PersonRow, person_id)
    if row.demonstration:
        raise Refused("The demonstration's accounts keep their password: others sign in with it too.")
    row.password_hash = hashed
    end_other_sign_ins(session, person_id, secret)
    links.password_changed(session, person_id, now)
    audit.record(session, now, person_id, "password changed", f"person {person_id}")


@dataclass(frozen=True)
class Visit:
    """A signed-in person, whether their last visit is due to be written down, and until when it lasts."""

    person: Person
    due: bool
    idle_until: datetime  # without another visit
    at_most_until: datetime
    synthetic: bool  # whether any cycle holds demonstration answers, which every page says


# Put together once, and of tables, which is half the work of objects: every request asks for it.
_PEOPLE, _SIGN_INS = PersonRow.__table__, SignIn.__table__
_CENTERS, _CYCLES = Center.__table__, Cycle.__table__
_ACTS_FOR, _SCOPES = PersonCenter.__table__, PersonScope.__table__
_VISIT = (
    select(
        *(_PEOPLE.c[name] for name in ("id", "name", "email", "role", "demonstration")),
        *(_SIGN_INS.c.started_at, _SIGN_INS.c.last_seen_at, _CENTERS.c.code),
        exists().where(_CYCLES.c.synthetic).label("synthetic"),
    )
    .select_from(_PEOPLE)
    .join(_SIGN_INS, _SIGN_INS.c.person_id == _PEOPLE.c.id)
    .outerjoin(_ACTS_FOR, _ACTS_FOR.c.person_id == _PEOPLE.c.id)
    .outerjoin(_CENTERS, _CENTERS.c.id == _ACTS_FOR.c.center_id)
    .where(
        _SIGN_INS.c.secret_hash == bindparam("secret_hash"),
        _SIGN_INS.c.last_seen_at > bindparam("seen_after"),
        _SIGN_INS.c.started_at > bindparam("started_after"),
        _PEOPLE.c.active,
    )
)
_SCOPES_OF = select(_SCOPES.c.kind, _SCOPES.c.value).where(_SCOPES.c.person_id == bindparam("person_id"))


def find_visit(
    session: Session, secret: str, now: datetime, demo: bool, limits: SignInLimits = DEFAULT
) -> Visit | None:
    """Who holds this secret, while the sign-in lasts."""
    since = {"seen_after": now - limits.idle, "started_after": now - limits.absolute}
    rows = session.execute(_VISIT, {"secret_hash": digest(secret), **since}).all()
    if not rows or (rows[0].demonstration and not demo):
        return None
    row, centers = rows[0], frozenset(row.code for row in rows if row.code)
    scopes = session.execute(_SCOPES_OF, {"person_id": row.id}).all() if row.role == Role.REVIEWER else ()
    seen, due = row.last_seen_at, row.last_seen_at < now - limits.seen_every
    until = seen + limits.idle, row.started_at + limits.absolute
    return Visit(_person(row, centers, scopes), due, *until, synthetic=row.synthetic)


def note_visit(session: Session, secret: str, now: datetime) -> None:
    session.execute(update(SignIn).where(SignIn.secret_hash == digest(secret)).values(last_seen_at=now))


def find_person(session: Session, email: str) -> Person | None:
    """The person with this address, for the command line's ``--as``."""
    row = session.scalar(select(PersonRow).where(PersonRow.email == email.strip().lower(), PersonRow.active))
    return person_of(row, frozenset(center.code for center in row.centers)) if row else None


def person_of(row: PersonRow, centers: frozenset[str]) -> Person:
    """The person as ``access`` knows them; ``centers`` are the codes of those they act for."""
    return _person(row, centers, row.scopes if row.role == Role.REVIEWER else ())


def _person(row: Any, centers: frozenset[str], scopes: Iterable[Any]) -> Person:
    return Person(
        id=row.id,
        name=row.name,
        email=row.email,
        role=Role(row.role),
        centers=centers,
        regions=frozenset(int(scope.value) for scope in scopes if scope.kind == "region"),
        states=frozenset(scope.value for scope in scopes if scope.kind == "state"),
    )


def digest(secret: str) -> str:
    """What is kept of a secret that a browser holds."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True)
class NewPerson:
    """What is said of a person: who they are and what they may act for."""

    email: str
    name: str
    role: Role
    centers: Sequence[str] = ()
    regions: Sequence[int] = ()
    states: Sequence[str] = field(default=())


def add_person(
    session: Session,
    new: NewPerson,
    password: str | None,
    now: datetime,
    by: int | None = None,
    demonstration: bool = False,
) -> PersonRow:
    """Add a person; Refused with a sentence where the address is taken or role and centers do not fit.

    Without a password they cannot sign in yet: see ``people.invite_person``.
    """
    email = usable_email(session, new.email)
    name = usable_name(new.name)
    if password is not None:
        _check_password(password, new)
    row = PersonRow(
        email=email,
        name=name,
        role=new.role.value,
        password_hash=passwords.NONE if password is None else passwords.hash_password(password),
        created_at=now,
        demonstration=demonstration,
        centers=fitting_centers(session, new),
        scopes=fitting_scopes(new),
    )
    session.add(row)
    session.flush()
    audit.record(session, now, by, "person added", f"person {row.id}", _rights(new), _concerned(row.centers))
    return row


def usable_name(given: str) -> str:
    """As it is kept; Refused where it is none, or holds what no name has."""
    name = given.strip()
    if not name or len(name) > 200 or not name.isprintable():
        raise Refused("A person needs a name: one line of 1 to 200 characters.")
    return name


def usable_email(session: Session, given: str) -> str:
    """The address as it is kept; Refused where it is none, or somebody's."""
    email = given.strip().lower()
    if email.count("@") != 1 or not all(email.split("@")) or len(email) > 254 or not email.isprintable():
        raise Refused(f"{given!r} is not an e-mail address.")
    if session.scalar(select(PersonRow.id).where(PersonRow.email == email)):
        raise Refused(f"{email} already has an account.")
    return email


def change_rights(session: Session, public_id: str, new: NewPerson, now: datetime, by: int) -> None:
    """Give a person another name, role, centers or scope; what they were signed in with ends."""
    administrators = administrators_locked(session)
    row = session.scalar(select(PersonRow).where(PersonRow.public_id == public_id))
    if row is None:
        raise NotFound
    if new.role is not Role.ADMINISTRATOR and administrators == {row.id}:
        raise Refused(f"{row.name} {NEVER_THE_LAST}")
    centers, scopes = fitting_centers(session, new), fitting_scopes(new)
    concerned = _concerned([*row.centers, *centers])
    row.name, row.role, row.centers, row.scopes = (
        usable_name(new.name),
        new.role.value,
        centers,
        scopes,
    )
    session.execute(delete(SignIn).where(SignIn.person_id == row.id, SignIn.person_id != by))
    audit.record(session, now, by, "rights changed", f"person {row.id}", _rights(new), concerned)


def _concerned(centers: Sequence[Center]) -> list[int]:
    """The leaders of a center read who was given, or has lost, the right to act for it."""
    return [center.id for center in centers]


NEVER_THE_LAST = "is the only administrator who can sign in; make somebody else one first."


def administrators_locked(session: Session) -> set[int]:
    """Those who can sign in, held to the end: of two who take each other's rights at once one is refused."""
    everybody = select(PersonRow).where(PersonRow.role == Role.ADMINISTRATOR.value, PersonRow.active)
    rows = session.scalars(everybody.order_by(PersonRow.id).with_for_update())
    waiting = select(AccountInvitation.person_id).where(AccountInvitation.accepted_at.is_(None))
    return {row.id for row in rows} - set(session.scalars(waiting))


def _rights(new: NewPerson) -> str:
    return " ".join([new.role.value, *sorted(new.centers), *map(str, new.regions), *new.states])


def _check_password(password: str, new: NewPerson) -> None:
    fault = passwords.fault(password, new.email, new.name)
    if fault:
        raise Refused(fault)


KIND_OF_ROLE = {Role.DIRECTOR: Side.FUSION_CENTER, Role.MANAGER: Side.EOC}


def fitting_centers(session: Session, new: NewPerson) -> list[Center]:
    """The centers of these codes; Refused where one is unknown, does not fit the role, or two are a pair."""
    centers = list(session.scalars(select(Center).where(Center.code.in_(list(new.centers)))))
    unknown = set(new.centers) - {center.code for center in centers}
    if unknown:
        raise Refused(f"There is no center with the code {', '.join(sorted(unknown))}.")
    if new.role in (Role.DIRECTOR, Role.MANAGER, Role.STAFF) and not centers:
        raise Refused(f"A {new.role.value} acts for a center: name at least one.")
    if new.role in (Role.ADMINISTRATOR, Role.REVIEWER) and centers:
        raise Refused(f"A {new.role.value} acts for no center: leave the centers out.")
    wrong = [c.code for c in centers if c.kind != KIND_OF_ROLE.get(new.role, c.kind)]
    if wrong:
        kind = "fusion centers" if new.role is Role.DIRECTOR else "EOCs"
        raise Refused(f"A {new.role.value} acts for {kind}; {', '.join(sorted(wrong))} is not one.")
    _refuse_both_sides(session, centers)
    return centers


def _refuse_both_sides(session: Session, centers: list[Center]) -> None:
    ids = [center.id for center in centers]
    query = with_centers(select(FUSION_CENTER.code, EOC.code).select_from(Pair))
    both = session.execute(query.where(Pair.fusion_center_id.in_(ids), Pair.eoc_id.in_(ids))).first()
    if both:
        raise Refused(f"{both[0]} and {both[1]} are the two sides of one pair; nobody acts for both.")


def fitting_scopes(new: NewPerson) -> list[PersonScope]:
    """The rows of a reviewer's regions and states; Refused where somebody has none of these."""
    if new.role is not Role.REVIEWER and (new.regions or new.states):
        raise Refused("Only a reviewer has regions or states.")
    if any(not 1 <= region <= 10 for region in new.regions):
        raise Refused("FEMA regions go from 1 to 10.")
    unknown = sorted(set(new.states) - set(NAMES))
    if unknown:
        shown = ", ".join(repr(state[:10]) for state in unknown[:5])
        raise Refused(f"There is no state with the code {shown}. Write two letters, such as CO.")
    regions = [PersonScope(kind="region", value=str(region)) for region in sorted(set(new.regions))]
    return regions + [PersonScope(kind="state", value=state) for state in sorted(set(new.states))]
