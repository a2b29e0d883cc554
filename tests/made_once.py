"""What each application would make for itself, made once for all applications of a test process.

A test has an application of its own, and uses few of its pages: most of the time of a short test went into
templates, addresses, statements and static files that were the same for the test before.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule
from whitenoise import WhiteNoise

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


def same_kind(one: object, other: object) -> bool:
    """SQLAlchemy keeps what it compiled by dialect, and each engine has a dialect of its own."""
    return type(one) is type(other)


def share_statements(engine: Engine) -> None:
    """Let this engine find the statements that others of its kind have compiled."""
    engine.update_execution_options(compiled_cache=STATEMENTS)


def install() -> None:
    """From now on applications share what they would make alike."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Templates()}
    Flask.url_rule_class = SharedRule
    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        dialect.__eq__ = same_kind  # type: ignore[method-assign,assignment]
        dialect.__hash__ = lambda one: hash(type(one))  # type: ignore[method-assign]
    WhiteNoise.get_static_file = Files(WhiteNoise.get_static_file).get  # type: ignore[method-assign]
