"""All that one reader can get in a world: pages, files, lists, saves, the command line."""

from __future__ import annotations

import itertools
import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import event
from werkzeug.routing import Rule

from assessment.access import Role
from questionnaires.definition import Side
from tests.access.people import Actor
from tests.access.sides import EOC_SUBMITTED, EOCS, FUSION_CENTER, SUBMITTED, FixedChance
from tests.access.visits import Seen, token, visit
from tests.access.world import World
from tests.conftest import Network, email_of

DIFFERENT_EACH_TIME = {"factors.add_app"}  # a random key for an authenticator app
OF_THE_TRAIL = re.compile(r"^/audit|/trail$")  # seals, and the fingerprint of each submission
ABOUT_PEOPLE = "access_tokens account_links accounts confirming factors own_account people privacy provider"
ABOUT_SURVEYS = "product_reports second_factor sign_in_time survey survey_partners survey_setup surveys"
OF_NO_CYCLE = f"{ABOUT_PEOPLE} {ABOUT_SURVEYS}".split()  # closing one changes nothing: opened before alone
OF_A_FORM = ("responding.", "delegation.")
TRAIL = re.compile(r"INSERT INTO audit_(events|centers)")  # their parameters hold numbers and seals
LINK = re.compile(r"audit link \d+:\w+")
TIME = re.compile(r"\d+(\.\d+)? ms$")  # of each request, in the log
HASH = re.compile(r"\b[0-9a-f]{64}\b")


@dataclass(frozen=True)
class Visit:
    """What one request got, and what it made the server do."""

    what: str
    seen: Seen
    statements: tuple[tuple[str, str], ...]
    logged: tuple[str, ...]

    def differences(self, other: Visit) -> list[str]:
        """In which respects the two are not the same."""
        pairs = {
            "status": (self.seen.status, other.seen.status),
            "headers": (self.seen.headers, other.seen.headers),
            "body": (self.seen.body, other.seen.body),
            "statements": (self.statements, other.statements),
            "log": (self.logged, other.logged),
            "request": (self.what, other.what),
        }
        return [name for name, (one, two) in pairs.items() if one != two]

    def first_difference(self, other: Visit) -> str:
        """Both sides of the first place in which what was sent, or asked of the database, is not the same."""
        for one, two in (
            (self.seen.body.splitlines(), other.seen.body.splitlines()),
            ([" ".join(pair) for pair in self.statements], [" ".join(pair) for pair in other.statements]),
            (list(self.logged), list(other.logged)),
        ):
            for first, second in itertools.zip_longest(one, two, fillvalue="(nothing)"):
                if first != second:
                    return f"{first.strip()[:400]}  <>  {second.strip()[:400]}"
        return f"{self.seen.headers}  <>  {other.seen.headers}"


@contextmanager
def noted(network: Network) -> Iterator[tuple[list[tuple[str, str]], list[str]]]:
    """The statements and the lines of the log that come meanwhile."""
    statements: list[tuple[str, str]] = []
    lines: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        statements.append((statement, "" if TRAIL.match(statement) else repr(parameters)))

    handler = logging.Handler()
    handler.emit = lambda record: lines.append(TIME.sub("", LINK.sub("audit link", record.getMessage())))  # type: ignore[method-assign]
    log = logging.getLogger()
    level = log.level
    event.listen(network.database.engine, "before_cursor_execute", note)
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield statements, lines
    finally:
        event.remove(network.database.engine, "before_cursor_execute", note)
        log.removeHandler(handler)
        log.setLevel(level)


def addresses(world: World, step: str) -> Iterator[str]:
    """Every address, with all of these pairs that fit in; a KeyError asks for an entry in ``fits``."""
    ids = tuple(form_ids(world).values())
    for rule in sorted(world.network.app.url_map.iter_rules(), key=str):
        if "GET" not in (rule.methods or ()) or rule.endpoint in DIFFERENT_EACH_TIME:
            continue
        if step != "open" and rule.endpoint.split(".")[0] in OF_NO_CYCLE:
            continue
        fits: dict[str, tuple[str, ...]] = {
            "public_id": ids if rule.endpoint.startswith(OF_A_FORM) else ("nothing",),
            "slug": ("GOV",),
            "code": ("spring",) if rule.rule.startswith("/cycles") else (FUSION_CENTER, EOC_SUBMITTED),
            "fusion_center": (FUSION_CENTER,),
            "eoc": EOCS,
            "token": ("A" * 32,),
            "kind": ("csv",),
        }
        yield from _filled(rule, fits)


def _filled(rule: Rule, fits: dict[str, tuple[str, ...]]) -> Iterator[str]:
    names = sorted(rule.arguments)
    for values in itertools.product(*(fits[name] for name in names)):
        path = rule.rule
        for name, value in zip(names, values, strict=True):
            path = re.sub(rf"<(?:[^<>:]+:)?{name}>", value, path)
        yield path


def form_ids(world: World) -> dict[tuple[str, Side], str]:
    return {
        (eoc, side): world.network.response_id(FUSION_CENTER, eoc, side.value)
        for eoc in EOCS
        for side in Side
    }


def saves(world: World, reader: Actor) -> Iterator[tuple[str, dict[str, str], dict[str, str]]]:
    """Posts to one's own forms, taken and not taken, and to the other side's: path, fields, headers."""
    ids = form_ids(world)
    own = Side.FUSION_CENTER if reader.name == "director" else Side.EOC
    base = {"csrf_token": token(world, reader), "page": f"page of {reader}"}
    new = {"rev_DIS-01": "0", "was_DIS-01": "", "q_DIS-01": "3", "note_DIS-01": "Seen."}
    signed = {"name": "Pat", "title": "Lead", "participants": "2"}
    in_background = {"X-Background-Save": "1"}
    for eoc in EOCS:
        mine, theirs = f"/responses/{ids[eoc, own]}", f"/responses/{ids[eoc, own.other]}"
        yield f"{mine}/DIS", base | new, in_background
        yield f"{mine}/DIS", base | new | {"q_DIS-01": "9"}, in_background
        stale = {"rev_GOV-01": "0", "was_GOV-01": "x", "q_GOV-01": "4", "page": "another page"}
        yield f"{mine}/GOV", base | stale, in_background
        yield f"{mine}/GOV", base | stale, {}
        yield f"{mine}/submit", base | signed, {}
        yield f"{theirs}/GOV", base | stale, in_background
        yield f"{theirs}/submit", base | signed, {}
        if eoc != SUBMITTED[own]:
            yield f"/reports/pairs/{FUSION_CENTER}/{eoc}/sharing", base | {"shared": "yes"}, {}


def look(
    world: World, chance: FixedChance, reader: Actor, step: str, paths: Iterable[str] = ()
) -> Iterator[Visit]:
    """The reader opens everything, or these addresses, and in the end saves."""
    chance.start(50_000)
    for path in paths or addresses(world, step):
        yield _visit(world, reader, f"{step}: {reader} GET {path}", ("GET", path))
    if paths:
        return
    if reader.centers and step == "open":
        for path, fields, headers in saves(world, reader):
            what = f"{step}: {reader} POST {path} {fields.get('q_GOV-01', '')}"
            yield _visit(world, reader, what, ("POST", path), data=fields, headers=headers)
    for eoc in EOCS:
        yield _command(world, reader, step, eoc)


def _visit(world: World, reader: Actor, what: str, asked: tuple[str, str], **request: Any) -> Visit:
    with noted(world.network) as (statements, lines):
        seen = visit(world, reader, *asked, **request)
    if reader.role is Role.ADMINISTRATOR and OF_THE_TRAIL.search(asked[1]):
        seen = replace(seen, body=HASH.sub("a hash", seen.body))
    return Visit(what, seen, tuple(statements), tuple(lines))


def _command(world: World, reader: Actor, step: str, eoc: str) -> Visit:
    """flask report pair ... --as the reader."""
    args = ["report", "pair", FUSION_CENTER, eoc, "--cycle", "spring", "--as", email_of(reader.name)]
    with noted(world.network) as (statements, lines):
        result = world.network.app.test_cli_runner().invoke(args=args)
    seen = Seen(result.exit_code, (), result.output)
    return Visit(f"{step}: {' '.join(args)}", seen, tuple(statements), tuple(lines))
