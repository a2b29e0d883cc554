"""Partners from files and by hand: what is taken, what is refused and where, and who is never asked again."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from assessment.directory.services import BadFields
from assessment.errors import BadLines, NotFound, Refused
from assessment.models.directory import Center
from assessment.models.surveys import Message, MessageState, Partner, SurveyPartner
from assessment.surveys import partner_entries, partners, plans, sending
from assessment.surveys.partner_lists import Wanted, find_partners, totals
from assessment.surveys.partners import import_partners
from tests.conftest import NOW, Network, email_of
from tests.director import HEADER, PARTNERS, TODAY, asked, find, make, make_open

ANN, BEN = "ann@eoc.example.gov", "ben@fire.example.gov"


def take(network: Network, public_id: str, content: str | bytes, dry_run: bool = False) -> Any:
    with network.database.writing() as session:
        return import_partners(session, find(session, public_id), content, NOW, 1, dry_run)


def problems(network: Network, public_id: str, content: str | bytes) -> list[str]:
    with pytest.raises(BadLines) as bad:
        take(network, public_id, content)
    return bad.value.problems


def partner(network: Network, email: str) -> Partner:
    with network.database.reading() as session:
        found = session.scalar(select(Partner).where(Partner.email == email))
        assert found is not None
        return found


@pytest.mark.parametrize(
    "content",
    [
        "email,name,organization,sector,level,state\njos@x.example.gov,José,Café,eoc,county,co\n".encode(),
        "email,name,organization,sector,level,state\r\njos@x.example.gov,José,Café,eoc,county,CO\r\n".encode(
            "cp1252"
        ),
        "\ufeffstate;level;sector;organization;name;email\nCO;county;eoc;Café;José;JOS@X.example.gov\n".encode(),
        "EMAIL;Name;Organization;Sector;Level;State;\n"
        "jos@x.example.gov;José;Café;EOC or emergency management;County or parish;CO;\n",
    ],
    ids=["utf-8", "windows-1252", "byte-order mark and semicolons", "labels and empty columns"],
)
def test_a_file_as_spreadsheets_write_it(network: Network, content: str | bytes) -> None:
    public_id = make(network, "")
    assert take(network, public_id, content).sentence == "1 added, 0 changed, 0 unchanged."
    row = partner(network, "jos@x.example.gov")
    assert (row.name, row.organization, row.sector, row.level, row.state) == (
        "José",
        "Café",
        "eoc",
        "county",
        "CO",
    )
    assert asked(network, public_id) == {"jos@x.example.gov"}


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1", "-2", "@SUM(A1)", "<script>alert(1)</script>"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_formula_in_a_name_is_kept_as_text(network: Network, name: str) -> None:
    take(network, make(network, ""), f'email,name\na@x.example.gov,"{name}"\n')
    assert partner(network, "a@x.example.gov").name == name


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (",Ann,,,,", "Line 2, column email: is empty. Each partner needs an e-mail address."),
        ("ann,Ann,,,,", 'Line 2, column email: "ann" is not an e-mail address.'),
        ("Ann <ann@x.example.gov>,,,,,", "Line 2, column email: "),
        ("ann@x,,,,,", '"ann@x" is not an e-mail address'),
        ("ann@x..gov,,,,,", "is not an e-mail address"),
        ("a@b.example.gov@c.example.gov,,,,,", "is not an e-mail address"),
        (f"{'a' * 65}@x.example.gov,,,,,", "is too long for an e-mail address"),
        ("a@x.example.gov,,,police,,", 'column sector: "police" is not a sector. Use eoc, fire_ems,'),
        ("a@x.example.gov,,,,village,", 'column level: "village" is not a level.'),
        ("a@x.example.gov,,,,,ZZ", 'column state: "ZZ" is not a state or territory.'),
        (f"a@x.example.gov,{'n' * 201},,,,", "has 201 characters, more than 200"),
        ('"a@x.example.gov\nBcc: b@x.example.gov",,,,,', "is not an e-mail address"),
        ('a@x.example.gov,"two\nlines",,,,', "holds a line break"),
        ("a@x.example.gov,Ann", "the line has 2 values, the header has 6 columns"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_bad_line_is_named_with_number_column_and_reason(network: Network, line: str, said: str) -> None:
    public_id = make(network, "")
    found = problems(network, public_id, HEADER + line + "\ngood@x.example.gov,,,,,\n")
    assert len(found) == 1
    assert said in found[0]
    assert found[0].startswith("Line 2")
    assert asked(network, public_id) == set(), "all or nothing"


def test_an_address_twice_is_listed_with_both_lines(network: Network) -> None:
    public_id = make(network, "")
    found = problems(network, public_id, "email\na@x.example.gov\nb@x.example.gov\nA@X.example.gov\n")
    assert found == ['Line 4, column email: "a@x.example.gov" is already in line 2. Keep one of the two.']


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("name\nAnn\n", "column email: this column is missing"),
        ("email,role\na@x.example.gov,administrator\n", '"role": there is no such column here'),
        ("email,opted_out_on\na@x.example.gov,\n", "there is no such column here"),
        ("email\n", "nothing to import"),
        (b"PK\x03\x04rest", "a spreadsheet (.xlsx)"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_file_that_is_not_one(network: Network, content: str | bytes, said: str) -> None:
    assert said in problems(network, make(network, ""), content)[0]


def test_a_dry_run_says_what_would_change_and_changes_nothing(network: Network) -> None:
    public_id = make(network)
    content = f"email,name\n{ANN},Annette\nnew@x.example.gov,New\n{BEN},Ben\n"
    result = take(network, public_id, content, dry_run=True)
    assert result.added == ["new@x.example.gov (New)"]
    assert result.changed == [f'{ANN}: name "Annette"']
    assert result.unchanged == 1
    assert partner(network, ANN).name == "Ann"
    assert asked(network, public_id) == {ANN, BEN}


def test_a_second_survey_asks_known_partners_without_adding_them_again(network: Network) -> None:
    make(network)
    second = make(network, "")
    result = take(network, second, PARTNERS)
    assert (result.added, len(result.changed)) == ([], 2)
    assert asked(network, second) == {ANN, BEN}
    with network.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Partner)) == 2


def test_an_empty_cell_clears_and_a_missing_column_leaves_alone(network: Network) -> None:
    public_id = make(network)
    take(network, public_id, f"email,organization\n{ANN},\n")
    row = partner(network, ANN)
    assert (row.name, row.organization, row.sector) == ("Ann", "", "eoc")


def test_partners_may_come_to_a_center_without_a_survey(network: Network) -> None:
    with network.database.writing() as session:
        center = session.scalar(select(Center).where(Center.code == "FC-WY"))
        assert center is not None
        import_partners(session, center, PARTNERS, NOW)
        wyoming = center.id
    assert partner(network, ANN).fusion_center_id == wyoming


def test_one_address_is_a_partner_of_two_centers_apart(network: Network) -> None:
    colorado, wyoming = make(network), make(network, fusion_center="FC-WY")
    with network.database.writing() as session:
        rows = session.scalars(select(Partner).where(Partner.email == ANN).order_by(Partner.id)).all()
        partners.opt_out(session, rows[0].public_id, TODAY)
        assert plans.asked_count(session, find(session, colorado)) == 1
        assert plans.asked_count(session, find(session, wyoming)) == 2


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_fifty_thousand_lines_are_taken_and_one_more_is_not(network: Network) -> None:
    public_id = make(network, "")
    lines = "email,name\n" + "".join(f"p{n}@x.example.gov,Person {n}\n" for n in range(50_000))
    assert take(network, public_id, lines).sentence == "50,000 added, 0 changed, 0 unchanged."
    assert len(asked(network, public_id)) == 50_000
    assert "more than 50,000 lines" in problems(network, public_id, lines + "one@more.example.gov,\n")[0]


def test_one_by_hand_with_the_rules_of_a_file(network: Network) -> None:
    public_id = make(network)
    with network.database.writing() as session:
        survey = find(session, public_id)
        partners.add_partner(session, survey, {"email": "Cy@x.example.gov", "sector": "other"}, NOW, 1)
        for cells, said in (
            ({"email": "cy"}, "is not an e-mail address"),
            ({"email": ANN, "name": "Ann", "organization": "Larimer EOC"}, "partner is asked already"),
        ):
            with pytest.raises(BadFields) as bad:
                partners.add_partner(session, survey, cells, NOW)
            assert said in bad.value.faults["email"]
    assert "cy@x.example.gov" in asked(network, public_id)


def test_managers_of_the_pairs_are_taken_from_their_accounts(network: Network) -> None:
    public_id = make(network, "")
    with network.database.writing() as session:
        survey = find(session, public_id)
        found = [(manager.email, manager.level) for manager in partners.managers(session, survey)]
        expected = [("denver", "city"), ("deputy", "state"), ("manager", "state")]
        assert sorted(found) == sorted((email_of(name), level) for name, level in expected)
        assert partners.add_managers(session, survey, NOW) == 3
        assert partners.add_managers(session, survey, NOW) == 0
        assert partners.managers(session, survey) == []
    row = partner(network, email_of("denver"))
    assert (row.sector, row.level, row.state, row.organization) == ("eoc", "city", "CO", "Denver City EOC")


def test_who_opted_out_is_never_asked_again_by_any_way(network: Network) -> None:
    public_id = make(network)
    with network.database.writing() as session:
        partners.opt_out(session, partner(network, ANN).public_id, TODAY)
    second = make(network, "")
    result = take(network, second, PARTNERS)
    assert f"{ANN}: stays left out, as they asked" in result.changed
    assert asked(network, second) == {BEN}
    with network.database.writing() as session:
        survey = find(session, second)
        assert partners.ask_everyone(session, survey, NOW) == 0
        with pytest.raises(Refused, match="asked not to be written to again"):
            partners.set_asked(session, survey, partner(network, ANN).public_id, True, NOW)
        with pytest.raises(BadFields, match="asked not to be written to again"):
            partners.add_partner(session, survey, {"email": ANN}, NOW)
        assert partners.opt_out(session, partner(network, ANN).public_id, NOW.date()).opted_out_on == TODAY
        shown = find_partners(session, survey, Wanted(only="left_out"))
        assert [line.partner.email for line in shown.rows] == [ANN]
        assert plans.asked_count(session, find(session, public_id)) == 1


def test_opting_out_withdraws_what_waits_to_be_sent(network: Network) -> None:
    public_id = make_open(network)
    with network.database.writing() as session:
        survey = find(session, public_id)
        assert sending.invite(session, survey, network.app.extensions["tandem.settings"], NOW, 1) == 2
        partners.opt_out(session, partner(network, ANN).public_id, TODAY)
        states = session.execute(
            select(Partner.email, Message.state).join(Partner, Partner.id == Message.partner_id)
        )
        assert dict(states.all()) == {ANN: "withdrawn", BEN: "queued"}


def test_who_was_written_to_stays_among_those_asked(network: Network) -> None:
    public_id = make_open(network)
    with network.database.writing() as session:
        survey = find(session, public_id)
        sending.invite(session, survey, network.app.extensions["tandem.settings"], NOW, 1)
        sent = session.scalar(select(Message).join(Partner).where(Partner.email == ANN))
        assert sent is not None
        sent.state = MessageState.SENT.value
        with pytest.raises(Refused, match="has been written to already"):
            partners.set_asked(session, survey, partner(network, ANN).public_id, False, NOW)
        partners.set_asked(session, survey, partner(network, BEN).public_id, False, NOW)
    assert asked(network, public_id) == {ANN}


def test_asking_twice_and_another_center_s_partner(network: Network) -> None:
    mine, theirs = make(network), make(network, "email\nwy@x.example.gov\n", fusion_center="FC-WY")
    with network.database.writing() as session:
        survey = find(session, mine)
        for wish in (False, False, True, True):
            partners.set_asked(session, survey, partner(network, ANN).public_id, wish, NOW)
        other = partner(network, "wy@x.example.gov").public_id
        for change in (
            lambda: partners.set_asked(session, survey, other, True, NOW),
            lambda: partners.leave_out(session, survey, other, TODAY, NOW),
        ):
            with pytest.raises(NotFound):
                change()
    assert asked(network, mine) == {ANN, BEN}
    assert asked(network, theirs) == {"wy@x.example.gov"}


def test_pages_and_searches_of_the_list(network: Network) -> None:
    lines = "".join(f"p{n:03}@x.example.gov,Person {n}\n" for n in range(60))
    public_id = make(network, "email,name\n" + lines + "odd@x.example.gov,100% Odd_Name\n")
    with network.database.writing() as session:
        survey = find(session, public_id)
        first = find_partners(session, survey, Wanted())
        assert (first.total, first.pages, len(first.rows)) == (61, 3, 25)
        last = find_partners(session, survey, Wanted(page=3))
        assert [line.partner.email for line in last.rows][-1] == "p059@x.example.gov"
        for text, count in (("PERSON 5", 11), ("100%", 1), ("%", 1), ("_", 1), ("nobody", 0)):
            assert find_partners(session, survey, Wanted(text=text)).total == count, text
        session.delete(session.scalars(select(SurveyPartner).limit(1)).one())
        session.flush()
        assert find_partners(session, survey, Wanted(only="not_asked")).total == 1
        found = totals(session, survey)
        assert (found.known, found.asked, found.left_out) == (61, 60, 0)


def test_codes_are_those_of_the_questionnaire(network: Network) -> None:
    questions = network.library.get(plans.QUESTIONNAIRE).by_id
    for question, codes in (("P-01", partner_entries.SECTORS), ("P-02", partner_entries.LEVELS)):
        assert [option.code for option in questions[question].choices] == list(codes)
