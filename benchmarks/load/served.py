"""The application as it is served, with one more route: it checks what every route checks, and adds a row.

    python -m benchmarks.load.served        settings from the environment, as for ``make serve``

The route exists here only; it is what a save is measured against.
"""

from __future__ import annotations

from flask import Flask, Response, jsonify
from sqlalchemy import Column, Integer, MetaData, String, Table, insert

from app import create_app
from assessment.access import Action
from assessment.web import asks, database
from serving import Server

ROWS = Table("bench_rows", MetaData(), Column("id", Integer, primary_key=True), Column("note", String(200)))
NOTE = "Edition 1 of the plan."


@asks(Action.ANSWER)
def empty() -> Response:
    with database().writing() as session:
        session.execute(insert(ROWS).values(note=NOTE))
    return jsonify(state="done")


def with_empty_route() -> Flask:
    """The application, and the table that the route writes to."""
    app = create_app()
    app.add_url_rule("/bench/empty", "bench_empty", empty, methods=["POST"])
    database = app.extensions["tandem.database"]
    with database.writing_connection() as connection:
        ROWS.create(connection, checkfirst=True)
    database.engine.dispose()  # no connection crosses the fork
    return app


if __name__ == "__main__":
    app = with_empty_route()
    Server(app, app.extensions["tandem.settings"]).run()
