"""A site with something to open, to fill in and to break: cycles, surveys, partners, links, accounts."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event, text
from sqlalchemy.pool import NullPool

from assessment.cycles.services import close_cycle
from assessment.models.base import Base
from assessment.models.surveys import Partner, SurveyMode
from assessment.surveys.links import opt_out_token
from questionnaires.definition import Side
from tests import product_world
from tests.browser.furnished import load, side_lines
from tests.browser.live import Site as Furnishable
from tests.conftest import Network, add_network
from tests.director import make
from tests.security.poison import mark_unrevealed, poison_words
from tests.surveys.world import make_world

ROLES = [None, "admin", "director", "manager", "staff", "reviewer"]
OTHERS = ["denver"]  # of the other EOC
# counters, the trail, and copies of what was released: written whatever the answer is
ASIDE = (
    "audit_events",
    "sign_ins",
    "sign_in_tries",
    "link_failures",
    "api_requests",
    "network_numbers",
    "pending_sign_ins",
)


@dataclass
class Writes:
    """Tables that were written to and committed since ``forget``."""

    open: dict[int, list[str]] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)
    since_restored: bool = False

    def listen(self, engine: Any) -> None:
        event.listen(engine, "before_cursor_execute", self._note)
        event.listen(engine, "commit", self._commit)
        event.listen(engine, "rollback", lambda c: self.open.pop(id(c.connection.dbapi_connection), None))

    def _note(self, connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        words = statement.split(None, 3)
        if words[0].upper() in ("INSERT", "UPDATE", "DELETE"):
            table = words[1] if words[0].upper() == "UPDATE" else words[2]
            key = id(connection.connection.dbapi_connection)
            self.open.setdefault(key, []).append(table.strip('"').split("(")[0])

    def _commit(self, connection: Any) -> None:
        written = self.open.pop(id(connection.connection.dbapi_connection), [])
        self.kept.extend(written)
        self.since_restored = self.since_restored or bool(written)

    def forget(self) -> None:
        self.kept.clear()


@dataclass
class Site:
    """The furnished application, what is asked of the database, and a way back to its first state."""

    network: Network
    seeds: list[str]  # addresses behind secrets, for who has no account
    restore: Callable[[], None]
    writes: Writes = field(default_factory=Writes)
    cookies: dict[str | None, str] = field(default_factory=dict)
    walks: dict[str | None, list[tuple[str, Any]]] = field(default_factory=dict)  # see crawl.pages
    connected: list[Any] = field(default_factory=list)  # machines that somebody wanted to ask on these walks

    @property
    def backend(self) -> str:
        return self.network.database.engine.dialect.name

    def browser(self, role: str | None) -> Any:
        """A browser with this role's sign-in, and nothing of what went before."""
        client = self.network.app.test_client()
        if role is not None:
            client.set_cookie("tandem", self._cookie(role), domain="localhost")
        return client

    def _cookie(self, role: str) -> str:
        if role not in self.cookies:
            browser = self.network.browser(role)
            browser.token("/account")  # from now on its forms belong to this cookie
            found = browser.client.get_cookie("tandem", domain="localhost")
            assert found is not None, role
            self.cookies[role] = found.value
        return self.cookies[role]


def furnish(network: Network) -> list[str]:
    """Fill the small network; returns the addresses that only a secret leads to."""
    site = Furnishable(network, "http://localhost")
    first = ("FC-CO", "EOC-CO")
    network.open("winter", title="Checklist of winter 2026", opens=date(2026, 1, 5))
    both = side_lines(site, first, Side.FUSION_CENTER, 3) + side_lines(site, first, Side.EOC, 1)
    load(site, "winter", both, submit=True)
    with network.database.writing() as session:
        close_cycle(session, "winter", network.clock.now(), network.clock.today())
    network.open("spring", title="Checklist of spring 2026")
    load(site, "spring", side_lines(site, first, Side.EOC, 2, 5))
    load(site, "spring", side_lines(site, ("FC-CO", "EOC-DEN"), Side.FUSION_CENTER, 3), submit=True)
    network.open("types", "hostile", title="Every type")
    _surveys(network)
    return _links(network)


def _surveys(network: Network) -> None:
    main = network.library.get("product-usefulness")
    sheets = [product_world.sheet("eoc", 5, f"Comment {n}") for n in range(12)]
    with network.database.writing() as session:
        product_world.released(session, main, sheets, code="products-closed")
    make(network)  # a plan that is not open yet


def _links(network: Network) -> list[str]:
    confidential = make_world(network)
    token = confidential.invite("someone@eoc.example.gov")
    anonymous = make_world(network, SurveyMode.ANONYMOUS)
    open_link = anonymous.open_link(50)
    for one in (token, open_link):
        phone = (confidential if one == token else anonymous).phone(one)
        phone.start()
    with network.database.reading() as session:
        partner = session.query(Partner).first()
        assert partner is not None
        leaving = opt_out_token(partner.public_id, network.app.extensions["tandem.settings"].secret_key)
    return [f"/s/{token}", f"/s/{token}/P", f"/s/{token}/review", f"/s/{open_link}", f"/opt-out/{leaving}"]


def unrevealed(network: Network) -> tuple[str, str]:
    """Denver's form of the fusion center and Colorado's of the EOC: no other side may read in them."""
    return (
        network.response_id("FC-CO", "EOC-DEN", "fusion_center"),
        network.response_id("FC-CO", "EOC-CO", "eoc"),
    )


@contextmanager
def site_of(network: Network, url: str) -> Iterator[Site]:
    with network.database.writing() as session:
        add_network(session)
    seeds = furnish(network)
    with network.database.writing() as session:
        poison_words(session)
        mark_unrevealed(session, unrevealed(network))
    site = Site(network, seeds, lambda: None)
    for role in (*ROLES, *OTHERS):
        if role:
            site._cookie(role)
    engine = network.database.engine
    back, remove = (_sqlite_back if url.startswith("sqlite") else _postgres_back)(url, engine)

    def restore() -> None:
        back()
        site.writes.since_restored = False

    site.restore = restore
    site.writes.listen(engine)
    try:
        yield site
    finally:
        engine.dispose()
        remove()


def _sqlite_back(url: str, engine: Any) -> tuple[Callable[[], None], Callable[[], None]]:
    file = Path(url.removeprefix("sqlite:///"))
    kept = file.with_suffix(".kept")
    engine.dispose()
    shutil.copy(file, kept)

    def back() -> None:
        engine.dispose()
        for name in ("-wal", "-shm"):
            Path(f"{file}{name}").unlink(missing_ok=True)
        shutil.copy(kept, file)

    return back, lambda: kept.unlink()


def _postgres_back(url: str, engine: Any) -> tuple[Callable[[], None], Callable[[], None]]:
    """A copy of every table in a schema beside them; going back fills the tables from it."""
    server = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    names = [table.name for table in Base.metadata.sorted_tables]

    def run(*statements: str) -> None:
        with server.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))

    copies = [f'CREATE TABLE kept."{name}" AS TABLE public."{name}"' for name in names]
    run(
        "CREATE SCHEMA kept",
        *copies,
        "CREATE TABLE kept.pg_numbers AS SELECT sequencename, last_value FROM pg_sequences"
        " WHERE schemaname = 'public'",
    )
    refill = "".join(
        f'DELETE FROM public."{name}";'
        f' INSERT INTO public."{name}" OVERRIDING SYSTEM VALUE TABLE kept."{name}";'
        for name in names
    )

    def back() -> None:
        # as a replica: neither the trigger that keeps the audit trail fires, nor those of foreign keys
        run(
            "DO $$ BEGIN SET LOCAL session_replication_role = replica; SET LOCAL lock_timeout = '20s';"
            f" {refill} PERFORM setval(format('public.%I', sequencename)::regclass, coalesce(last_value, 1),"
            " last_value IS NOT NULL) FROM kept.pg_numbers; END $$"
        )

    return back, lambda: run("DROP SCHEMA kept CASCADE")
