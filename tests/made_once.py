"""What each application would make for itself, made once for all applications of a test process.

A test has an application of its own, and uses few of its pages: most of the time of a short test went into
templates, addresses, statements and static files that were the same for the test before.
"""

from __future__ import annotations

import functools
from collections import defaultdict, deque
from collections.abc import Callable
from contextlib import suppress
from itertools import chain
from typing import Any

import psycopg
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import URL, Connection, event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg, _log_notices
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule
from whitenoise import WhiteNoise

from assessment.database import Database

CONNECT, CLOSE = PGDialect_psycopg.connect, PGDialect_psycopg.do_close
INITIALIZE = PGDialect_psycopg.initialize
IDLE = psycopg.pq.TransactionStatus.IDLE
STATEMENTS: LRUCache[Any, Any] = LRUCache(3_000)


class Templates(BytecodeCache):
    """The code of compiled templates."""

    def __init__(self) -> None:
        self.code: dict[str, Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.code.get(bucket.key + bucket.checksum)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.code[bucket.key + bucket.checksum] = bucket.code


class SharedRule(Rule):
    """An address parsed once, whose builder is made when an address is built for the first time."""

    known: dict[tuple[object, ...], Rule] = {}

    def compile(self) -> None:
        key = (self.rule, self.subdomain, self.host, self.merge_slashes, repr(self.defaults))
        first = self.known.get(key)
        if first is None:
            super().compile()
            self.known[key] = self
            return
        for name in ("_parts", "_trace", "_converters"):
            setattr(self, name, getattr(first, name))
        self.arguments = set(first.arguments)
        for name in ("_build", "_build_unknown"):
            setattr(self, name, getattr(first, name).__func__.__get__(self, None))

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        make = functools.cache(functools.partial(super()._compile_builder, append_unknown))
        return lambda rule, **values: make()(rule, **values)


class Files:
    """What is known of a built file: its headers and its compressed neighbours."""

    def __init__(self, read: Callable[..., Any]) -> None:
        self.known: dict[tuple[str, str, Any], Any] = {}
        self.read = read

    @property
    def get(self) -> Callable[..., Any]:
        def get(reader: WhiteNoise, path: str, url: str, stat_cache: Any = None) -> Any:
            key = path, url, reader.add_headers_function
            if key not in self.known:
                self.known[key] = self.read(reader, path, url, stat_cache)
            return self.known[key]

        return get


class Connections:
    """Connections to the PostgreSQL database of the tests, kept when an application lets them go.

    Each is a process of the server, which reads the whole catalogue of tables before its first statement.
    """

    def __init__(self) -> None:
        self.shared: set[tuple[str, str]] = set()  # hosts and their databases
        self.kept: defaultdict[str, deque[psycopg.Connection[Any]]] = defaultdict(deque)

    def share(self, url: URL) -> None:
        """Keep those to this database, and to no other."""
        named = url.translate_connect_args() | dict(url.query)
        self.shared.add((str(named["host"]), str(named["database"])))

    def connect(self, dialect: PGDialect_psycopg, *cargs: Any, **cparams: Any) -> Any:
        if (cparams.get("host"), cparams.get("dbname")) not in self.shared:
            return CONNECT(dialect, *cargs, **cparams)
        key = repr(sorted((name, value) for name, value in cparams.items() if name != "context"))
        with suppress(IndexError):
            while (kept := self.kept[key].pop()).closed:
                pass
            return kept
        connection = CONNECT(dialect, *cargs, **cparams)
        connection.kept_as = key
        return connection

    def close(self, dialect: PGDialect_psycopg, connection: Any) -> None:
        """As the server would leave it, but for what it knows of the tables."""
        key = getattr(connection, "kept_as", None)
        if key is None or connection.closed or connection.info.transaction_status != IDLE:
            CLOSE(dialect, connection)
            return
        connection.pgconn.exec_(b"RESET ALL; SELECT pg_advisory_unlock_all()")
        connection.autocommit = False
        connection.remove_notice_handler(_log_notices)
        self.kept[key].append(connection)

    def drop(self) -> None:
        """At the end, before the server goes."""
        for connection in chain.from_iterable(self.kept.values()):
            connection.close()
        self.kept.clear()


CONNECTIONS = Connections()


class Kinds:
    """What a dialect asks a new server about itself."""

    def __init__(self) -> None:
        self.known: dict[str, Any] = {}

    def initialize(self, dialect: PGDialect_psycopg, connection: Connection) -> None:
        if not self.known:
            before = dict(vars(dialect))
            INITIALIZE(dialect, connection)
            self.known = {name: value for name, value in vars(dialect).items() if before.get(name) != value}
        vars(dialect).update(self.known)


def same_kind(one: object, other: object) -> bool:
    """SQLAlchemy keeps what it compiled by dialect, and each engine has a dialect of its own."""
    return type(one) is type(other)


def hurry(database: Database) -> None:
    """Let this database find the statements that others of its kind have compiled, and wait for no disk.

    Not for what is served: tests/durability/test_killed.py looks at what a power cut would leave.
    """
    for engine in (database.engine, database._writing_engine):
        engine.update_execution_options(compiled_cache=STATEMENTS)
    if database.is_sqlite:
        event.listen(database.engine, "connect", _leave_the_disk_alone)


def _leave_the_disk_alone(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def install() -> None:
    """From now on applications share what they would make alike."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Templates()}
    Flask.url_rule_class = SharedRule
    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        dialect.__eq__ = same_kind  # type: ignore[method-assign,assignment]
        dialect.__hash__ = lambda one: hash(type(one))  # type: ignore[method-assign]
    kinds = Kinds()
    PGDialect_psycopg.connect = lambda *given, **named: CONNECTIONS.connect(*given, **named)  # type: ignore[method-assign]
    PGDialect_psycopg.do_close = lambda *given: CONNECTIONS.close(*given)  # type: ignore[method-assign]
    PGDialect_psycopg.initialize = lambda *given: kinds.initialize(*given)  # type: ignore[method-assign]
    WhiteNoise.get_static_file = Files(WhiteNoise.get_static_file).get  # type: ignore[method-assign]
