"""Alembic runs this for every migration command; the connection is handed in."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from assessment.models import (  # noqa: F401  (they register tables)
    account_links,
    audit,
    cycles,
    delegations,
    directory,
    exports,
    factors,
    identities,
    network,
    people,
    responses,
    retention,
    surveys,
    tokens,
    working,
)
from assessment.models.base import Base, UTCDateTime


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """A migration stands on its own: it names no type of today's models."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UTCDateTime) else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    render_item=render_item,
    transaction_per_migration=True,  # but where one is open already
)
with context.begin_transaction():
    context.run_migrations()
