"""From SQLite to PostgreSQL: everything arrives as it was, or nothing does."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

import pytest
from sqlalchemy import create_engine, inspect, make_url, text

from assessment import schema
from assessment.database import Database
from assessment.errors import Refused
from assessment.models.base import Base
from assessment.models.people import PersonRow
from assessment.operations import doctor, moving
from questionnaires.definition import Side
from tests.answering_client import Sheet
from tests.conftest import NOW, Network

pytestmark = [
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.xdist_group("moving"),  # one target that has the tables
]


@dataclass(frozen=True)
class Server:
    """Databases of a PostgreSQL server; they go with it."""

    url: str
    made: list[str] = field(default_factory=list)

    def make(self, template: str = "template0") -> str:
        name = f"moved_{secrets.token_hex(4)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        self.made.append(name)
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def run(self, statement: str) -> None:
        engine = create_engine(self.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


@pytest.fixture(scope="module")
def server(postgres_server: str) -> Server:
    return Server(postgres_server)


@pytest.fixture(scope="module")
def migrated(server: Server) -> str:
    """The name of a database that has the tables and nothing in them."""
    database = Database(server.make())
    schema.upgrade(database)
    database.engine.dispose()
    return server.made[-1]


@pytest.fixture
def target(server: Server, migrated: str) -> str:
    return server.make(migrated)


@pytest.fixture
def filled(network: Network) -> Network:
    """Words of many kinds, one side submitted, the other begun."""
    network.open()
    begun = Sheet(network, "director", Side.FUSION_CENTER)
    begun.save(begun.open("GOV"), "GOV-01", "2", "Zwölf, “Anführung” \\N \\. 漢字 🙂\nwith\ttabs")
    sheet = Sheet(network, "manager", Side.EOC)
    sheet.fill()
    assert sheet.submit().status_code == 302
    add_a_file(network.database)
    return network


def add_a_file(database: Database) -> None:
    """Columns that the checklist does not have: bytes, numbers with a fraction, rows that point to rows."""
    statements = (
        "INSERT INTO export_pieces VALUES (1, 0, :bytes)",
        "UPDATE centers SET active = FALSE WHERE code = 'EOC-WY'",
    )
    with database.writing() as session:
        session.execute(
            text(
                "INSERT INTO exports (id, public_id, person_id, kind, parameters, title, asked_at,"
                " expires_at, state, progress, tries, reason, rights, file_name, media_type, size)"
                " VALUES (1, 'x', 1, 'k', '{}', 't', '2026-06-01 00:00:00.123456', '2026-07-01', 'done',"
                " 0.1, 0, '', '', '', '', 4)"
            )
        )
        for statement in statements:
            found = text(statement)
            session.execute(found, {"bytes": b"\x00\xff\\x\n"} if ":bytes" in statement else {})


def contents(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, read without the code that is tested."""
    with database.reading() as session:
        return {
            table.name: sorted((tuple(row) for row in session.execute(table.select())), key=repr)
            for table in Base.metadata.sorted_tables
        }


def is_untouched(target: str) -> bool:
    database = Database(target)
    try:
        if not inspect(database.engine).get_table_names():
            return True
        return not any(contents(database).values())
    finally:
        database.engine.dispose()


def test_every_row_arrives_as_it_was_and_the_application_goes_on(filled: Network, server: Server) -> None:
    target = server.make()
    before = contents(filled.database)
    said = filled.app.test_cli_runner().invoke(args=["copy-database", target])
    assert said.exit_code == 0, said.output
    there = Database(target, ("a key for the audit trail of tests",))
    after = contents(there)
    assert after["audit_events"].pop() != before["audit_events"][-1]  # that it was copied
    assert after == before
    assert any(b"\xff" in piece[2] for piece in after["export_pieces"])
    settings = filled.app.extensions["tandem.settings"]
    wrong = [finding for finding in doctor.examine(there, settings) if not finding.ok]
    assert [finding for finding in wrong if finding.name not in ("instance folder", "disk space")] == []
    there.engine.dispose()


def test_new_rows_get_numbers_that_none_has_and_the_trail_stands(filled: Network, target: str) -> None:
    moving.copy_database(filled.database, target)
    database = Database(target)
    with database.writing() as session:
        session.add(
            PersonRow(email="new@example.gov", name="New", role="staff", password_hash="x", created_at=NOW)
        )
    for statement in ("DELETE FROM audit_events", "TRUNCATE audit_events CASCADE"):
        with pytest.raises(Exception, match="never changed or removed"), database.writing() as session:
            session.execute(text(statement))
    database.engine.dispose()


def test_a_target_with_rows_is_refused_and_stays(filled: Network, target: str) -> None:
    moving.copy_database(filled.database, target)
    there = Database(target)
    before = contents(there)
    with pytest.raises(Refused, match="not empty: centers has rows"):
        moving.copy_database(filled.database, target)
    assert contents(there) == before
    there.engine.dispose()


def test_a_target_of_something_else_or_of_another_time_is_refused(network: Network, server: Server) -> None:
    target = server.make()
    engine = create_engine(target)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE theirs (id integer)"))
    with pytest.raises(Refused, match="something else"):
        moving.copy_database(network.database, target)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE theirs"))
    schema.upgrade(Database(target), "0016")
    with pytest.raises(Refused, match="another migration"):
        moving.copy_database(network.database, target)
    engine.dispose()


def test_a_source_with_migrations_missing_is_refused(network: Network, target: str) -> None:
    with network.database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0016'"))
    with pytest.raises(Refused, match="flask db upgrade"):
        moving.copy_database(network.database, target)
    assert is_untouched(target)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE people SET name = 'a' || char(0) || 'b' WHERE id = 3", "a row of people: .*NUL"),
        ("UPDATE centers SET name = printf('%.*c', 500, 'x')", "a row of centers: value too long"),
        ("UPDATE cycle_pairs SET cycle_id = 77", "violates foreign key"),
    ],
)
def test_what_postgresql_does_not_take_is_said_and_nothing_stays(
    filled: Network, target: str, statement: str, words: str
) -> None:
    with filled.database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql(statement)
    with pytest.raises(Refused, match=words):
        moving.copy_database(filled.database, target)
    assert is_untouched(target)


def test_what_arrives_otherwise_is_noticed_and_nothing_stays(filled: Network, target: str) -> None:
    engine = create_engine(target)
    with engine.begin() as connection:
        connection.execute(
            text(
                "CREATE FUNCTION other() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN NEW.text := upper(NEW.text); RETURN NEW; END $$"
            )
        )
        connection.execute(
            text("CREATE TRIGGER other BEFORE INSERT ON answers FOR EACH ROW EXECUTE FUNCTION other()")
        )
    with pytest.raises(Refused, match="answers did not arrive as it was"):
        moving.copy_database(filled.database, target)
    assert is_untouched(target)
    engine.dispose()


def test_a_trail_that_could_be_changed_there_is_refused(filled: Network, target: str) -> None:
    engine = create_engine(target)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE audit_events DISABLE TRIGGER audit_events_no_change"))
    with pytest.raises(Refused, match="lacks the trigger audit_events_no_change"):
        moving.copy_database(filled.database, target)
    assert is_untouched(target)
    engine.dispose()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("sqlite:///other.sqlite", "not a PostgreSQL address"),
        ("nonsense", "not a PostgreSQL address"),
        ("postgresql://ann:se%40cret@127.0.0.1:1/nothing", "A database refused: "),
    ],
)
def test_an_address_that_leads_nowhere_is_said_without_its_password(
    network: Network, address: str, words: str
) -> None:
    said = network.app.test_cli_runner().invoke(args=["copy-database", address])
    assert said.exit_code == 1
    assert words in said.output
    assert "se@cret" not in said.output
    assert "se%40cret" not in said.output


def test_two_rows_that_change_places_or_values_change_the_fingerprint(network: Network) -> None:
    with network.database.engine.connect() as connection:
        rows = connection.execute(text("SELECT id, email, name FROM people")).all()
    whole = moving.fingerprint(rows)
    assert moving.fingerprint(rows[::-1]) == whole
    assert moving.fingerprint(rows[1:]).sha256 != whole.sha256
    assert moving.fingerprint([*rows, rows[0], rows[0]]).sha256 != whole.sha256
    swapped = [(one[0], two[1], one[2]) for one, two in zip(rows, [*rows[1:], rows[0]], strict=True)]
    assert moving.fingerprint(swapped).sha256 != whole.sha256
