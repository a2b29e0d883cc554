"""People from a file: all of them are invited or nobody is; a role is given by whoever may give it, alone."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import text

from assessment.accounts.people_import import MOST_PEOPLE, import_people
from assessment.errors import BadLines, NotFound
from tests.accounts.letters import Post
from tests.conftest import Network, email_of
from tests.durability.test_statements import counted
from tests.mail_sink import text_of
from tests.survey_world import everything_stored

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HEADER = "name,email,role,centers,regions,states\n"
GOOD = (
    HEADER
    + "Ann Able,ann@example.gov,manager,EOC-WY,,\n"
    + "Bob Baker,Bob@Example.gov,Staff,EOC-CO;EOC-DEN,,\n"
    + "Cy Cole,cy@example.gov,reviewer,,8 9,wy\n"
    + "Di Dean,di@example.gov,administrator,,,\n"
)


def problems(network: Network, content: str) -> list[str]:
    with pytest.raises(BadLines) as bad, network.database.writing() as session:
        import_people(session, content, network.clock.now())
    return bad.value.problems


def test_everybody_in_the_file_is_invited_with_their_rights(network: Network) -> None:
    admin = network.browser("admin")
    shown = admin.post("/people/import", {"file": (io.BytesIO(GOOD.encode()), "people.csv")})
    page = shown.get_data(as_text=True)
    assert shown.status_code == 200
    assert "Nothing is changed yet." in page
    assert "Cy Cole, cy@example.gov: reviewer for Region 8, Region 9, WY" in page
    assert Post(network.app).rows("SELECT 1 FROM account_invitations") == []
    done = admin.post("/people/import", {"text": GOOD, "apply": "yes"})
    assert (done.status_code, done.location) == (302, "/people")
    people = {name: network.person(name) for name in ("ann", "bob", "cy", "di")}
    assert people["ann"].centers == {"EOC-WY"}
    assert people["bob"].centers == {"EOC-CO", "EOC-DEN"}
    assert (people["cy"].regions, people["cy"].states) == ({8, 9}, {"WY"})
    assert people["di"].role == "administrator"
    letters = Post(network.app).deliver()
    assert {mail["To"].addresses[0].addr_spec for mail in letters} == {
        f"{name}@example.gov" for name in people
    }
    assert len({text_of(mail).split("/invitation/")[1][:32] for mail in letters}) == 4


def test_each_bad_line_is_named_with_its_column_and_reason_and_nothing_is_written(network: Network) -> None:
    before = everything_stored(network.database)
    said = problems(
        network,
        HEADER
        + "Ann,ann@example.gov,manager,EOC-WY,,\n"
        + ",nobody,king,,,\n"
        + "Cy,cy@example.gov,director,EOC-WY,,\n"
        + f"Di,{email_of('staff')},staff,EOC-XX,,\n"
        + "Ed,ed@example.gov,manager,EOC-WY,8,\n"
        + "Flo,flo@example.gov,reviewer,,11,ZZ\n"
        + "Gus,ann@example.gov,staff,FC-WY EOC-WY,,\n",
    )
    assert [line.split(":")[0] for line in said] == [
        "Line 3, column email",
        "Line 3, column name",
        "Line 3, column role",
        "Line 4, column centers",
        "Line 5, column centers",
        "Line 5, column email",
        "Line 6, column regions",
        "Line 7, column regions",
        "Line 7, column states",
        "Line 8, column centers",
        "Line 8, column email",
    ]
    assert "already has an account" in said[5]
    assert "stands in line 2 already" in said[10]
    assert everything_stored(network.database) == before


@SQLITE
@pytest.mark.parametrize(
    "name",
    ['=HYPERLINK("http://evil.example")', "+1", "-2+3", "@SUM(A1)", "\t=1", "<img src=x onerror=alert(1)>"],
)
def test_formula_text_stays_text(network: Network, name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    content = HEADER + f"{quoted},ann@example.gov,manager,EOC-WY,,\n"
    admin = network.browser("admin")
    assert admin.post("/people/import", {"text": content, "apply": "yes"}).status_code == 302
    assert network.person("ann").name == name.strip()
    page = admin.get("/people").get_data(as_text=True)
    assert "<img src=x" not in page
    (mail,) = Post(network.app).deliver()
    assert f"Dear {name.strip()}," in text_of(mail)


@SQLITE
def test_a_bad_file_is_shown_with_its_problems(network: Network) -> None:
    content = HEADER + "<b>x</b>,nobody,<script>king</script>,,,\n"
    answer = network.browser("admin").post("/people/import", {"text": content, "apply": "yes"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "nothing was changed" in page
    assert "Line 2, column role" in page
    assert "<script>king" not in page


@SQLITE
@pytest.mark.parametrize("name", ["manager", "director", "staff", "reviewer"])
def test_no_role_is_honoured_without_the_right_to_manage_people(network: Network, name: str) -> None:
    browser = network.browser(name)
    token = browser.token("/cycles")
    answer = browser.client.post(
        "/people/import",
        data={"text": GOOD, "apply": "yes", "csrf_token": token},
        base_url="http://localhost",
    )
    assert answer.status_code == 404
    with pytest.raises(NotFound), network.database.writing() as session:
        import_people(session, GOOD, network.clock.now(), by=network.person(name).id)
    assert Post(network.app).rows("SELECT 1 FROM account_invitations") == []


@SQLITE
def test_the_right_is_looked_at_when_the_file_is_taken(network: Network) -> None:
    admin = network.person("admin")
    with network.database.writing() as session:
        session.execute(text("UPDATE people SET active = FALSE WHERE id = :id"), {"id": admin.id})
    with pytest.raises(NotFound), network.database.writing() as session:
        import_people(session, GOOD, network.clock.now(), by=admin.id)


@SQLITE
def test_a_file_that_is_too_long_is_refused_with_a_sentence(network: Network) -> None:
    lines = "".join(f"P{n},p{n}@example.gov,manager,EOC-WY,,\n" for n in range(MOST_PEOPLE + 1))
    assert problems(network, HEADER + lines) == [
        "The file has more than 1,000 people. Split it into several files."
    ]


@SQLITE
def test_the_columns_of_places_may_be_left_out(network: Network) -> None:
    with network.database.writing() as session:
        import_people(session, "email;role;name\nann@example.gov;reviewer;Ann\n", network.clock.now())
    assert network.person("ann").whole_nation


@SQLITE
def test_the_list_of_people_takes_as_many_statements_for_many_as_for_few(network: Network) -> None:
    admin, counts = network.browser("admin"), []
    for start in (0, 40):
        lines = "".join(f"P{start + n},p{start + n}@example.gov,manager,EOC-WY,,\n" for n in range(40))
        with network.database.writing() as session:
            import_people(session, HEADER + lines, network.clock.now())
        with counted(network.database.engine) as statements:
            assert admin.get("/people").status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1], statements
