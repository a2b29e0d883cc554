"""Every form, sent by those who may not, and by those who may with fields that are not of the form.

The first must find nothing there and change nothing, although their form is whole and their token good. The
second must change exactly what the form changes without those fields.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.access.people import BY_NAME, NOBODY, SIGNED_IN
from tests.access.posts import NO_FORM, POSTS, Post
from tests.access.sides import fixed_chance
from tests.access.test_every_route import WRITTEN, asked_by, forget_tries, rule_of
from tests.access.visits import BASE, CSRF, Seen, address, changed_tables, digest, token, visit
from tests.access.world import Thing, World

TAKEN = (200, 302)
RANDOM_COLUMNS = {
    "people": ("password_hash",),  # a salt of its own each time
    "recovery_codes": ("salt", "code_hash"),
}
FOREIGN_FIELDS = {
    "id": "1",
    "public_id": "nobody-has-this-id",
    "person_id": "1",
    "person": "admin@example.gov",
    "email": "other@example.gov",
    "role": "administrator",
    "centers": "FC-NV",
    "center": "FC-NV",
    "center_id": "1",
    "regions": "9",
    "states": "NV",
    "active": "no",
    "demonstration": "y",
    "password_hash": "!",
    "fusion_center": "FC-NV",
    "fusion_center_id": "1",
    "eoc": "EOC-NV",
    "pair": "FC-NV EOC-NV",
    "pair_id": "1",
    "cycle_pair_id": "1",
    "cycle_id": "1",
    "side": "eoc",
    "status": "submitted",
    "edition": "9",
    "submitted_at": "2026-01-01",
    "submitted_by_id": "1",
    "signer_name": "Somebody Else",
    "answers_hash": "0" * 64,
    "changed_by_id": "1",
    "revision": "99",
    "response_id": "1",
    "questionnaire_id": "cpg502-checklist",
    "version": "9.0",
    "state": "NV",
    "opened_at": "2026-01-01",
    "released_on": "2026-01-01",
    "shared_on": "2026-01-01",
    "shared": "yes",
    "shared_by_id": "1",
    "created_by_id": "1",
    "owner": "admin@example.gov",
    "expires_at": "2099-01-01",
    "rights": "everything",
    "is_admin": "1",
}


def test_every_form_is_tried(world: World) -> None:
    missing = WRITTEN.keys() - POSTS.keys() - NO_FORM.keys()
    told = "tests/access/posts.py has no form for {}. Add one that works to POSTS, or say why not in NO_FORM."
    assert not missing, told.format(", ".join(sorted(missing)))
    assert not (POSTS.keys() | NO_FORM.keys()) - WRITTEN.keys()


@pytest.mark.parametrize("endpoint", [endpoint for endpoint, line in WRITTEN.items() if not line.public])
def test_who_may_not_changes_nothing_and_learns_nothing(world: World, endpoint: str) -> None:
    line, rule = WRITTEN[endpoint], rule_of(world, endpoint, "POST")
    fields = POSTS[endpoint].of(world) if endpoint in POSTS else {}
    for actor in SIGNED_IN:
        things = [thing for thing, allowed in asked_by(world, line, line.write, actor) if not allowed]
        told: dict[Seen, Thing] = {}
        forget_tries(world)
        form = fields | {"csrf_token": token(world, actor)} if things else {}
        for thing in things:
            path = address(rule, thing)
            with changed_tables(world.network) as changed:
                seen = visit(world, actor, "POST", path, data=form)
            assert seen.status == 404, f"{actor} POST {path} ({thing}): {seen.status}"
            assert not changed, f"{actor} POST {path} ({thing}) wrote to {changed}"
            if "hostile" not in thing.marks:
                told[seen] = thing
        assert len(told) <= 1, f"{actor} can tell apart {[str(thing) for thing in told.values()]}"


@contextmanager
def put_back(world: World) -> Iterator[None]:
    """What happens meanwhile has not happened afterwards. SQLite's own backup copies the database."""
    if not world.network.database.is_sqlite:
        pytest.skip("it is put back on SQLite only")
    file = Path(world.network.database.engine.url.database or "")
    with closing(sqlite3.connect(":memory:")) as kept:
        with closing(sqlite3.connect(file)) as now:
            now.backup(kept)
        try:
            yield
        finally:
            with closing(sqlite3.connect(file)) as now:
                kept.backup(now)


def thing_of(world: World, endpoint: str, post: Post) -> Thing:
    things = world.things[WRITTEN[endpoint].things]
    found = [thing for thing in things if thing.label == post.thing and thing.there]
    assert found, f"{endpoint}: there is no {post.thing} among {[str(thing) for thing in things]}"
    return found[0]


def send(world: World, endpoint: str, more: dict[str, str]) -> tuple[int, str, dict[str, str]]:
    """Post the form in a new browser; the status, where it led, and what all tables hold then."""
    post = POSTS[endpoint]
    thing = thing_of(world, endpoint, post)
    path = address(rule_of(world, endpoint, "POST"), thing)
    with put_back(world), fixed_chance():
        actor = BY_NAME[post.by]
        client = world.new_browser(actor).client
        start = "/sign-in" if actor is NOBODY else "/account"
        found = CSRF.search(client.get(start, base_url=BASE).get_data(as_text=True))
        assert found
        form = more | post.of(world) | {"csrf_token": found[1]}
        answer = client.post(path, data=form, base_url=BASE)
        return answer.status_code, answer.location or "", digest(world.network, RANDOM_COLUMNS)


@pytest.mark.parametrize("endpoint", POSTS)
def test_fields_that_are_not_of_the_form_change_nothing(world: World, endpoint: str) -> None:
    post = POSTS[endpoint]
    foreign = {name: value for name, value in FOREIGN_FIELDS.items() if name not in post.own_fields(world)}
    with put_back(world), fixed_chance():
        world.new_browser(BY_NAME[post.by])
        before = digest(world.network)
    status, _, after = send(world, endpoint, {})
    assert status in TAKEN, f"the form of {endpoint} does not work any more: {status}"
    changed = {table for table in after if table not in RANDOM_COLUMNS and after[table] != before[table]}
    changed |= {table for table in RANDOM_COLUMNS if table in post.changes}
    assert post.changes <= changed, f"{endpoint} changed only {changed}"
    assert send(world, endpoint, foreign)[::2] == (status, after), f"{endpoint} took more than its own fields"
