"""Every form of the site, found by walking through it, is sent with hostile values.

No answer is a failure of ours, nothing of it comes to life, nothing that was typed is lost, and where it is
refused nothing is written. Forms are found on the pages, so that a new one is tried without a word here.
"""

from __future__ import annotations

import secrets
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from werkzeug.datastructures import MultiDict

from assessment.models.base import Base
from tests.security import hostile
from tests.security.crawl import BASE, Found, every_form, token_of
from tests.security.pages_read import Page, look_at, page_of, squash
from tests.security.site import ASIDE, Site

Pairs = list[tuple[str, str]]
SHORT, MANY = {"sqlite": 3, "postgresql": 1}, 120  # examples of each form
KEPT = (400, 409, 410, 422, 429)  # answers that must hand back what was typed
TYPED = ("text", "textarea", "search", "email", "number", "date", "url", "tel")
OFFERED = ("select", "radio", "checkbox")
NEW_CENTER = {
    "code": "EOC-NEW",
    "name": "New EOC",
    "kind": "eoc",
    "level": "city",
    "state": "CO",
    "fema_region": "8",
}
PARTS_SAVED = ("responding.save", "survey.save")  # each answer is taken or not by itself


def examples_of(number: int) -> Any:
    """So many, without looking for the simplest afterwards."""
    return settings(
        max_examples=number,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


@st.composite
def filled(draw: Any, form: Any) -> Pairs:
    """The form as somebody with bad intentions sends it."""
    pairs: Pairs = []
    for one in form.fields:
        if one.name == "csrf_token":
            pairs.append((one.name, one.value))
        elif one.kind in OFFERED:
            pairs += [(one.name, value) for value in draw(_options(one))]
        elif one.kind == "hidden":
            pairs.append((one.name, draw(st.one_of(st.just(one.value), st.just(one.value), hostile.values))))
        elif one.kind != "file":
            pairs.append((one.name, draw(st.one_of(hostile.values, hostile.values, st.just(one.value)))))
    if form.buttons:
        pairs.append(draw(st.sampled_from(form.buttons)))
    return pairs


def _options(one: Any) -> Any:
    offered = st.sampled_from(one.options or [""])
    several = (
        st.lists(offered, max_size=3) if one.kind == "checkbox" else st.lists(offered, min_size=1, max_size=1)
    )
    return st.one_of(several, several, several, hostile.values.map(lambda value: [value]))


def sent(site: Site, found: Found, pairs: Pairs) -> Any:
    """The answer to this form, in a browser that has just opened its page."""
    client = site.browser(found.role)
    if found.role is None:
        page = client.get(found.page, base_url=BASE).get_data(as_text=True)
        tokens = [token_of(form) for form in Page(page, found.page).forms]
        pairs = [(n, tokens[0] if n == "csrf_token" and tokens else v) for n, v in pairs]
    if found.form.method == "get":
        query = "&".join(f"{_percent(name)}={_percent(value)}" for name, value in pairs)
        return client.get(f"{found.form.action.partition('?')[0]}?{query}", base_url=BASE), client
    if found.form.multipart:
        files = [f.name for f in found.form.fields if f.kind == "file"]
        data = MultiDict([(name, value.encode("utf-8", "replace").decode()) for name, value in pairs])
        for name in files:
            data.add(name, (BytesIO(hostile.as_sent(pairs[-1][1])), "a.csv"))
        return client.post(found.form.action, data=data, base_url=BASE), client
    body = "&".join(f"{_percent(name)}={_percent(value)}" for name, value in pairs)
    kind = "application/x-www-form-urlencoded"
    return client.post(found.form.action, data=body, content_type=kind, base_url=BASE), client


def _percent(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in hostile.as_sent(text))


def faults_of(site: Site, found: Found, pairs: Pairs) -> Iterator[str]:
    """What is wrong with the answer to this form."""
    site.writes.forget()
    response, client = sent(site, found, pairs)
    written = [table for table in site.writes.kept if table not in ASIDE]
    code = response.status_code
    if code >= 500 and code != 503:
        yield f"it answers {code}"
    yield from look_at(response, found.form.action)
    if code == 400 and b"not saved yet" in response.data:
        yield "its token was not taken, so that nothing was tried"
    if code >= 400 and written and found.endpoint not in PARTS_SAVED:
        yield f"it answers {code} and has written to {sorted(set(written))}"
    if code in KEPT and found.form.method == "post":
        yield from _lost(found, pairs, response)
    if code in (302, 303) and response.location.startswith("/"):
        after = client.get(response.location, base_url=BASE)
        if after.status_code >= 500:
            yield f"after it {response.location} answers {after.status_code}"
        yield from look_at(after, response.location)
    if written:
        site.restore()


def _lost(found: Found, pairs: Pairs, response: Any) -> Iterator[str]:
    page = page_of(response, found.form.action)
    kinds, squashed = {f.name: f.kind for f in found.form.fields}, page.squashed
    for name, value in pairs:
        if kinds.get(name) in TYPED and squash(value) and squash(_as_read(value)) not in squashed:
            yield f"{name}={value[:60]!r} is lost with {response.status_code}"


def _as_read(value: str) -> str:
    """Bytes that are no text stay as they were sent: %ED%A0%80."""
    return hostile.as_sent(value).decode("utf-8", "werkzeug.url_quote")


def tried(site: Site, found: Found, examples: int) -> list[str]:
    """The first thing that is wrong with this form, with what brought it to light."""
    problems: list[str] = []

    @examples_of(examples)
    @seed(secrets.randbits(64) if examples == MANY else zlib.crc32(repr(found.kind).encode()))
    @given(st.data())
    def attempt(data: Any) -> None:
        pairs = data.draw(filled(found.form))
        if problems:
            return
        try:
            problems.extend(
                f"{found}: {fault}\n    {_short(pairs)}" for fault in faults_of(site, found, pairs)
            )
        except Exception as error:  # the application raises in tests what it would answer with 500
            site.restore()
            problems.append(f"{found}: {type(error).__name__}: {str(error)[:300]}\n    {_short(pairs)}")

    attempt()
    return problems


def _short(pairs: Pairs) -> str:
    return str([(name, value[:80]) for name, value in pairs if name != "csrf_token"])


def contents(site: Site) -> dict[str, list[str]]:
    """Table -> its rows, in no order."""
    with site.network.database.reading() as db:
        return {
            table.name: sorted(str(row) for row in db.execute(select(table)))
            for table in Base.metadata.sorted_tables
        }


def test_whatever_was_written_is_undone(site: Site) -> None:
    """Else what one form has written would be what the next is tried on."""
    site.restore()
    before = contents(site)
    site.network.browser("admin").post("/centers/new", NEW_CENTER)
    with site.network.database.writing() as db:
        db.execute(text("DELETE FROM person_centers"))
    changed = contents(site)
    for name in ("audit_events", "centers", "person_centers", "sign_ins"):
        assert changed[name] != before[name], name
    site.restore()
    assert contents(site) == before
    site.network.browser("admin").post("/centers/new", NEW_CENTER)
    assert contents(site)["centers"] == changed["centers"], "it has the number that it had"


def test_hostile_values_in_every_form(site: Site) -> None:
    forms = every_form(site)
    assert len(forms) > 70
    problems = [problem for one in forms for problem in tried(site, one, SHORT[site.backend])]
    assert not problems, "\n".join(problems)


@pytest.mark.soak
def test_many_hostile_values_in_every_form(site: Site) -> None:
    problems = [problem for one in every_form(site) for problem in tried(site, one, MANY)]
    assert not problems, "\n".join(problems)
