"""The list of people: a page at a time, looked for by name and address, without scripts too."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import insert, text

from assessment.accounts import people_list
from assessment.models.account_links import AccountInvitation
from assessment.models.people import PersonRow
from tests.conftest import NOW, Network
from tests.durability.test_statements import counted

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NAME = re.compile(r'<th scope="row"[^>]*><a [^>]*>([^<]*)</a>')
NEXT = re.compile(r'href="([^"]+)"[^>]*>More people<')


def add(network: Network, count: int, start: int = 0) -> None:
    """People of few names, so that pages end between two who are called the same."""
    rows = [
        {"name": f"Kim {n % 7:02}", "email": f"kim{n}@kim.example", "role": "staff", "password_hash": "!"}
        for n in range(start, start + count)
    ]
    with network.database.writing() as session:
        session.execute(insert(PersonRow), [row | {"created_at": NOW} for row in rows])


def shown(network: Network, address: str) -> tuple[list[str], str | None, str]:
    """Names, where the next page is, and the page."""
    page = network.browser("admin").get(address).get_data(as_text=True)
    more = NEXT.search(page)
    return NAME.findall(page), more and more[1].replace("&amp;", "&"), page


def test_pages_hold_everybody_once_in_their_order(network: Network) -> None:
    add(network, 2 * people_list.PAGE + 3)
    names: list[str] = []
    address: str | None = "/people?text=KIM.Example"
    lengths = []
    while address:
        found, address, page = shown(network, address)
        assert f"{2 * people_list.PAGE + 3} people found" in page
        assert ("Back to the first" in page) == bool(names)
        names, lengths = names + found, [*lengths, len(found)]
    assert lengths == [people_list.PAGE, people_list.PAGE, 3]
    assert names == sorted(names)
    with network.database.reading() as session:
        kim = text("SELECT name FROM people WHERE email LIKE '%@kim.example' ORDER BY name")
        assert names == list(session.execute(kim).scalars())


def test_no_page_holds_anybody_twice(network: Network) -> None:
    """Also while somebody is added before the page: pages go on from a person and not from a number."""
    add(network, people_list.PAGE + 5)
    links = re.compile(r'<th scope="row"[^>]*><a href="(/people/[^"]+)"')
    _, more, page = shown(network, "/people?text=kim.example")
    add(network, 1, start=700)  # Kim 00
    assert more
    _, _, second = shown(network, more)
    assert len(links.findall(page)) == people_list.PAGE
    assert not set(links.findall(page)) & set(links.findall(second))
    assert len(links.findall(second)) == 5


@pytest.mark.parametrize(
    ("address", "names"),
    [
        ("/people?text=manager%40EXAMPLE", ["Manager Example"]),
        ("/people?text=director+ex", ["Director Example"]),
        ("/people?text=%25", []),
        ("/people?text=_", []),
        ("/people?text=nobody+is+called+so", []),
    ],
)
def test_by_name_and_address(network: Network, address: str, names: list[str]) -> None:
    found, _, page = shown(network, address)
    assert found == names
    assert ("Nobody fits." in page) == (not names)
    assert f"{len(names)} {'person' if len(names) == 1 else 'people'} found" in page


@on_sqlite
def test_it_is_a_plain_form_that_keeps_what_was_asked(network: Network) -> None:
    _, _, page = shown(network, '/people?text="><script>&only=inactive')
    form = re.findall(r'<form class="filter".*?</form>', page, re.DOTALL)[0]
    assert 'method="get"' in form
    assert 'type="submit"' in form
    assert 'value="&#34;&gt;&lt;script&gt;"' in form
    assert '<option value="inactive" selected>' in form


@on_sqlite
def test_only_those_who_are_so(network: Network) -> None:
    add(network, 3)
    with network.database.writing() as session:
        session.execute(text("UPDATE people SET active = false WHERE email = 'kim0@kim.example'"))
        number = session.scalars(text("SELECT id FROM people WHERE email = 'kim1@kim.example'")).one()
        session.add(AccountInvitation(person_id=number, invited_at=NOW))
    assert shown(network, "/people?only=inactive")[0] == ["Kim 00"]
    assert shown(network, "/people?only=invited")[0] == ["Kim 01"]
    assert shown(network, "/people?only=active&text=kim.ex")[0] == ["Kim 02"]


@on_sqlite
@pytest.mark.parametrize("after", ["nobody-has-this", "1", "%00", "x" * 5000])
def test_a_key_of_nobody_is_the_first_page(network: Network, after: str) -> None:
    assert shown(network, f"/people?after={after}")[0] == shown(network, "/people")[0]


@on_sqlite
def test_a_full_page_takes_as_many_statements_whatever_is_behind_it(network: Network) -> None:
    admin, counts = network.browser("admin"), []
    for start in (0, 1000):
        add(network, people_list.PAGE * (1 if start == 0 else 8), start)
        for address in ("/people?text=kim.example", "/people"):
            with counted(network.database.engine) as statements:
                page = admin.get(address).get_data(as_text=True)
            counts.append(len(statements))
            assert len(NAME.findall(page)) == people_list.PAGE
    assert len(set(counts)) == 1, counts


@on_sqlite
def test_a_center_s_code_is_not_broken_over_two_lines(network: Network) -> None:
    """A line may end after a hyphen, and a code of two halves is hard to read."""
    _, _, page = shown(network, "/people?text=denver")
    row = re.findall(r"<tr>.*?</tr>", page, re.DOTALL)[-1]
    codes = re.findall(r"(?:FC|EOC)-[A-Z]+", row)
    assert codes
    assert len(re.findall(r'<span class="nowrap">(?:FC|EOC)-[A-Z]+,?</span>', row)) == len(codes)
