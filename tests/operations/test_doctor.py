"""What `flask doctor` says when something is not well."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text

from assessment import schema
from assessment.database import Database
from assessment.operations import copies, doctor
from assessment.settings import Settings
from tests.conftest import Network


def settings_of(network: Network) -> Settings:
    found: Settings = network.app.extensions["tandem.settings"]
    return found


def wrong(network: Network, settings: Settings | None = None) -> dict[str, str]:
    """Name -> sentence of what is not well, less what the machine of the test brings along."""
    found = doctor.examine(network.database, settings or settings_of(network))
    return {finding.name: finding.sentence for finding in found if not finding.ok}


@pytest.fixture
def well(network: Network) -> Network:
    network.open()
    settings_of(network).instance.chmod(0o700)
    return network


def test_all_is_well(well: Network) -> None:
    assert wrong(well) == {}
    said = well.app.test_cli_runner().invoke(args=["doctor"])
    assert said.exit_code == 0, said.output
    assert "ok      audit trail: " in said.output


def test_a_folder_and_a_key_that_others_can_read(well: Network) -> None:
    instance = settings_of(well).instance
    instance.chmod(0o755)
    (instance / "secret_key").write_text("x")
    (instance / "secret_key").chmod(0o644)
    found = wrong(well)
    assert "chmod 700" in found["instance folder"]
    assert "chmod 600" in found["keys"]


def test_too_little_room(well: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LEAST_FREE", 10**18)
    assert wrong(well)["disk space"].startswith("Only ")


def test_a_database_that_does_not_answer(well: Network) -> None:
    gone = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    found = [finding for finding in doctor.examine(gone, settings_of(well)) if not finding.ok]
    assert [finding.name for finding in found] == ["database"]
    assert "does not answer" in found[0].sentence


def test_a_migration_that_has_not_run(well: Network) -> None:
    with well.database.writing_connection() as connection:
        command.downgrade(schema.configuration(connection), "-1")
    assert wrong(well) == {"migrations": "Migrations are missing. Run: flask db upgrade"}
    schema.upgrade(well.database)
    assert wrong(well) == {}


def test_a_form_that_is_missing(well: Network) -> None:
    with well.database.writing() as session:
        session.execute(text("DELETE FROM responses WHERE id = (SELECT max(id) FROM responses)"))
    assert "1 pairs of a cycle without two current forms" in wrong(well)["rows"]
    assert well.app.test_cli_runner().invoke(args=["doctor"]).exit_code == 1


def test_a_trail_under_another_key(well: Network) -> None:
    found = wrong(well, replace(settings_of(well), audit_keys=("some other key of the trail",)))
    assert "not whole" in found["audit trail"]


def test_pages_of_the_database_that_are_damaged(well: Network) -> None:
    if copies.kind_of(settings_of(well).database_url) != "sqlite":
        pytest.skip("the test does not reach into the server's files")
    well.database.engine.dispose()
    file: Path = copies.file_of(settings_of(well).database_url)
    content = bytearray(file.read_bytes())
    for place in range(8192, len(content) - 4096, 4096):  # the first pages say what tables there are
        content[place : place + 64] = bytes(64)
    file.write_bytes(content)
    found = wrong(well)
    assert "integrity" in found or "database" in found


def test_a_trail_that_the_database_lets_be_changed(well: Network) -> None:
    name = "audit_events_no_update" if well.database.is_sqlite else "audit_events_no_change"
    off = (
        f"DROP TRIGGER {name}"
        if well.database.is_sqlite
        else f"ALTER TABLE audit_events DISABLE TRIGGER {name}"
    )
    with well.database.writing() as session:
        session.execute(text(off))
    assert f"The trigger {name} is not at work" in wrong(well)["audit trail"]


def test_too_few_connections_for_another_process(well: Network) -> None:
    if well.database.is_sqlite:
        assert "connections" not in {f.name for f in doctor.examine(well.database, settings_of(well))}
        return
    assert (
        "TANDEM_DATABASE_CONNECTIONS"
        in wrong(well, replace(settings_of(well), database_connections=500))["connections"]
    )
