"""Files into the directory, on both databases: all or nothing, every bad line named."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from assessment.database import Database
from assessment.directory import services
from assessment.errors import BadLines
from assessment.models.audit import AuditEvent
from assessment.models.directory import Center, Pair
from assessment.models.people import PersonCenter
from tests.conftest import Network

NOW = datetime(2026, 6, 15, 16, 0, tzinfo=UTC)
HEADER = "code,name,kind,level,state,fema_region"


def centers(*lines: str, columns: str = HEADER) -> str:
    return "\n".join([columns, *lines]) + "\n"


def pairs(*lines: str) -> str:
    return "\n".join(["fusion_center,eoc", *lines]) + "\n"


def import_centers(database: Database, content: bytes | str, dry_run: bool = False) -> services.ImportResult:
    with database.reading() if dry_run else database.writing() as session:
        return services.import_centers(session, content, NOW, dry_run=dry_run)


def import_pairs(database: Database, content: bytes | str, dry_run: bool = False) -> services.ImportResult:
    with database.reading() if dry_run else database.writing() as session:
        return services.import_pairs(session, content, NOW, dry_run=dry_run)


def problems(database: Database, content: str, service: object = import_centers) -> list[str]:
    before = contents(database)
    with pytest.raises(BadLines) as bad:
        service(database, content)  # type: ignore[operator]
    assert contents(database) == before, "a file with a bad line must write nothing"
    return bad.value.problems


def contents(database: Database) -> tuple[object, ...]:
    """All that an import could have written."""
    with database.reading() as session:
        rows = session.execute(
            select(
                Center.code, Center.name, Center.kind, Center.level, Center.state, Center.city, Center.active
            )
        )
        its_pairs = session.execute(select(Pair.fusion_center_id, Pair.eoc_id, Pair.active))
        events = session.scalar(select(func.count(AuditEvent.id)))
        return sorted(map(tuple, rows)), sorted(map(tuple, its_pairs)), events


def center(database: Database, code: str) -> Center:
    with database.reading() as session:
        return session.scalars(select(Center).where(Center.code == code)).one()


def test_centers_are_added_with_what_the_file_says(database: Database) -> None:
    text = centers(
        'FC-GU,"Mariana Regional Fusion Center, Guam",fusion_center,primary,GU,9,Hagåtña,H',
        "EOC-FM,@Palikir EOC,eoc,territory,FM,9,,",
        columns=f"{HEADER},city,confidence",
    )
    result = import_centers(database, text)
    assert (len(result.added), result.changed, result.unchanged) == (2, [], 0)
    guam = center(database, "FC-GU")
    assert (guam.name, guam.city, guam.confidence) == ("Mariana Regional Fusion Center, Guam", "Hagåtña", "H")
    assert (guam.kind, guam.level, guam.state, guam.fema_region) == ("fusion_center", "primary", "GU", 9)
    assert guam.active
    assert center(database, "EOC-FM").name == "@Palikir EOC"


def test_a_second_time_nothing_changes(network: Network) -> None:
    text = centers("EOC-CO,Colorado State EOC,eoc,state,CO,8", "EOC-NM,New Mexico EOC,eoc,state,NM,6")
    assert import_centers(network.database, text).sentence == "1 added, 0 changed, 1 unchanged."
    assert import_centers(network.database, text).sentence == "0 added, 0 changed, 2 unchanged."


def test_a_dry_run_says_what_changes_and_changes_nothing(network: Network) -> None:
    text = centers(
        "EOC-CO,Colorado EOC,eoc,state,CO,8,Centennial",
        "EOC-NM,New Mexico EOC,eoc,state,NM,6,",
        "FC-CO,Colorado Information Analysis Center,fusion_center,primary,CO,8,",
        columns=f"{HEADER},city",
    )
    before = contents(network.database)
    result = import_centers(network.database, text, dry_run=True)
    assert contents(network.database) == before
    assert result.added == ["EOC-NM: New Mexico EOC"]
    assert result.changed == ['EOC-CO: name "Colorado State EOC" -> "Colorado EOC", city "" -> "Centennial"']
    assert result.unchanged == 1
    assert import_centers(network.database, text) == result
    assert center(network.database, "EOC-CO").city == "Centennial"


def test_columns_that_the_file_has_not_stay_as_they_are(database: Database) -> None:
    import_centers(
        database,
        centers("EOC-CO,Colorado EOC,eoc,state,CO,8,Centennial,H", columns=f"{HEADER},city,confidence"),
    )
    import_centers(database, centers("EOC-CO,Colorado State EOC,eoc,state,CO,8"))
    row = center(database, "EOC-CO")
    assert (row.name, row.city, row.confidence) == ("Colorado State EOC", "Centennial", "H")


def test_a_bad_line_900_writes_nothing_and_is_named(database: Database) -> None:
    lines = [f"EOC-{n},County {n} EOC,eoc,county,CO,8" for n in range(2, 1001)]
    lines[898] = "EOC-900,County 900 EOC,eoc,parish,CO,8"
    assert problems(database, centers(*lines)) == [
        'Line 900, column level: "parish" is not a level of an EOC.'
        " Use state, territory, tribal, county, city or regional."
    ]


def test_all_bad_lines_are_named_in_the_order_of_the_file(database: Database) -> None:
    text = centers(
        "EOC-CO,Colorado EOC,eoc,state,CO,9",
        "EOC-NM,New Mexico EOC,eoc,state,NM",
        "EOC-UT,Utah EOC,eoc,state,UT,8",
        ",,agency,state,ZZ,0",
    )
    assert [problem.split(":")[0] for problem in problems(database, text)] == [
        "Line 2, column fema_region",
        "Line 3, column fema_region",
        "Line 5, column code",
        "Line 5, column fema_region",
        "Line 5, column kind",
        "Line 5, column name",
        "Line 5, column state",
    ]


def test_the_count_of_problems_is_whole(database: Database) -> None:
    assert len(problems(database, centers(*["EOC-1,x,eoc,state,CO,1"] * 500))) == 500


@pytest.mark.parametrize(
    ("second", "problem"),
    [
        ("EOC-NM", "EOC-NM is already in line 2. Keep one of the two."),
        ("eoc-nm", "eoc-nm and EOC-NM in line 2 differ only in small and capital letters. Keep one."),
    ],
)
def test_a_code_stands_once_in_a_file(database: Database, second: str, problem: str) -> None:
    text = centers("EOC-NM,New Mexico EOC,eoc,state,NM,6", f"{second},New Mexico EOC,eoc,state,NM,6")
    assert problems(database, text) == [f"Line 3, column code: {problem}"]


def test_a_code_in_other_letters_than_the_directory_is_not_a_new_center(network: Network) -> None:
    assert problems(network.database, centers("eoc-co,Colorado EOC,eoc,state,CO,8")) == [
        "Line 2, column code: the directory has this center as EOC-CO. Write the code in the same letters."
    ]


def test_a_center_in_a_pair_keeps_its_kind(network: Network) -> None:
    found = problems(network.database, centers("EOC-CO,Colorado EOC,fusion_center,primary,CO,8"))
    assert found == [
        "Line 2, column kind: EOC-CO is an EOC in the directory and cannot change its kind, because it is"
        " in a pair or somebody acts for it. Add a center with another code."
    ]


def test_a_center_that_nothing_rests_on_may_change_its_kind(database: Database) -> None:
    import_centers(database, centers("X-1,Operations,eoc,state,CO,8"))
    import_centers(database, centers("X-1,Operations,fusion_center,recognized,CO,8"))
    assert (center(database, "X-1").kind, center(database, "X-1").level) == ("fusion_center", "recognized")


def test_an_import_is_in_the_audit_trail(network: Network) -> None:
    admin = network.person("admin").id
    with network.database.writing() as session:
        text = centers("EOC-CO,Colorado EOC,eoc,state,CO,8", "EOC-NM,New Mexico EOC,eoc,state,NM,6")
        services.import_centers(session, text, NOW, by=admin)
    with network.database.reading() as session:
        events = session.execute(
            select(AuditEvent.action, AuditEvent.subject, AuditEvent.detail).where(
                AuditEvent.person_id == admin
            )
        )
        assert sorted(map(tuple, events)) == [
            ("center added", "center EOC-NM", "New Mexico EOC"),
            ("center changed", "center EOC-CO", 'name "Colorado State EOC" -> "Colorado EOC"'),
            ("centers imported", "directory", "1 added, 1 changed, 0 unchanged."),
        ]


def test_pairs_are_added_and_those_there_stay(network: Network) -> None:
    text = pairs("FC-CO,EOC-CO", "FC-WY,EOC-DEN")
    result = import_pairs(network.database, text)
    assert (result.added, result.changed, result.unchanged) == (["FC-WY with EOC-DEN"], [], 1)
    assert import_pairs(network.database, text).unchanged == 2


def test_an_inactive_pair_becomes_active_again(network: Network) -> None:
    with network.database.writing() as session:
        services.set_pair_active(session, "FC-CO", "EOC-CO", False, NOW)
    text = pairs("FC-CO,EOC-CO")
    before = contents(network.database)
    assert import_pairs(network.database, text, dry_run=True).changed == ["FC-CO with EOC-CO: active again"]
    assert contents(network.database) == before
    import_pairs(network.database, text)
    assert import_pairs(network.database, text).unchanged == 1


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("FC-XX,EOC-CO", 'column fusion_center: there is no center "FC-XX" in the directory.'),
        ("FC-CO,EOC-XX", 'column eoc: there is no center "EOC-XX" in the directory.'),
        ("FC-CO,", "column eoc: is empty."),
        ("EOC-DEN,EOC-CO", "column fusion_center: EOC-DEN is an EOC. Name a fusion center here."),
        ("FC-CO,FC-WY", "column eoc: FC-WY is a fusion center. Name an EOC here."),
        ("fc-co,EOC-CO", "column fusion_center: the directory has this center as FC-CO."),
        ("FC-WY,EOC-CO", "column eoc: the pair FC-WY with EOC-CO is already in line 2."),
        ("FC-CO", "column eoc: the line has 1 value, the header has 2 columns."),
    ],
)
def test_a_bad_pair_is_named_and_nothing_is_written(network: Network, line: str, problem: str) -> None:
    found = problems(network.database, pairs("FC-WY,EOC-CO", line), import_pairs)
    assert len(found) == 1
    assert found[0].startswith(f"Line 3, {problem}")


def test_both_sides_of_a_bad_pair_are_named(network: Network) -> None:
    found = problems(network.database, pairs("EOC-CO,FC-CO"), import_pairs)
    assert [problem.split(":")[0] for problem in found] == [
        "Line 2, column eoc",
        "Line 2, column fusion_center",
    ]


def test_no_pair_puts_one_person_on_both_sides_and_the_person_is_not_named(network: Network) -> None:
    person = network.person("wyoming").id  # acts for FC-WY
    with network.database.writing() as session:
        denver = services.find_center(session, "EOC-DEN").id
        session.add(PersonCenter(person_id=person, center_id=denver))
    found = problems(network.database, pairs("FC-WY,EOC-DEN"), import_pairs)
    assert found == [
        "Line 2, column eoc: FC-WY with EOC-DEN cannot be a pair: somebody acts for both centers."
        " Change that on the page People first."
    ]


def test_an_inactive_center_is_in_no_new_pair(network: Network) -> None:
    with network.database.writing() as session:
        cells = {"name": "Denver City EOC", "kind": "eoc", "level": "city", "state": "CO", "fema_region": "8"}
        assert services.change_center(session, "EOC-DEN", cells, active=False, now=NOW) == 1
    found = problems(network.database, pairs("FC-WY,EOC-DEN"), import_pairs)
    assert "EOC-DEN is not active. Make it active on its page first." in found[0]
    with network.database.reading() as session:
        active = session.scalars(select(Pair.active).join(Pair.eoc).where(Center.code == "EOC-DEN")).all()
        assert active == [False]


def test_the_seed_is_the_whole_directory_and_comes_once(database: Database) -> None:
    for _ in range(2):
        with database.writing() as session:
            services.seed(session, NOW)
        with database.reading() as session:
            levels = session.execute(select(Center.level, func.count()).group_by(Center.level))
            assert sorted(map(tuple, levels)) == [
                ("primary", 54),
                ("recognized", 26),
                ("state", 51),
                ("territory", 5),
            ]
            assert session.scalar(select(func.count(Pair.id))) == 81
            assert set(session.scalars(select(Center.confidence))) == {"V", "V2", "H", "M", ""}


def test_the_seed_undoes_no_correction(database: Database) -> None:
    with database.writing() as session:
        services.seed(session, NOW)
    import_centers(database, centers("FC-CO,Another name,fusion_center,primary,CO,8"))
    with database.writing() as session:
        services.set_pair_active(session, "FC-CO", "EOC-CO", False, NOW)
    before = contents(database)
    with database.writing() as session:
        services.seed(session, NOW)
    assert contents(database) == before


def test_the_seed_files_are_files_that_can_be_imported(database: Database) -> None:
    for name, rows in (("fusion_centers.csv", 80), ("state_eocs.csv", 56)):
        assert len(import_centers(database, (services.SEED / name).read_bytes()).added) == rows
    assert len(import_pairs(database, (services.SEED / "pairs.csv").read_bytes()).added) == 81


ANY = st.text(max_size=5)
PLAUSIBLE = st.tuples(
    st.sampled_from(["EOC-CO", "X-1", "x-1", "X-2", "FC-CO"]) | ANY,
    st.sampled_from(["A name", "=1+1"]) | ANY,
    st.sampled_from(["eoc", "fusion_center"]),
    st.sampled_from(["state", "county", "primary"]),
    st.sampled_from(["CO", "co", "NM"]),
    st.sampled_from(["8", "6"]),
).map(",".join)
PAIR = st.tuples(*[st.sampled_from(["FC-CO", "FC-WY", "EOC-CO", "EOC-DEN"]) | ANY] * 2).map(",".join)


def files(header: str, lines: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(lines | st.text(), min_size=1, max_size=4).map(lambda text: "\n".join([header, *text]))


FILE = files(HEADER, PLAUSIBLE) | files("fusion_center,eoc", PAIR) | st.text() | st.binary()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(content=FILE)
def test_whatever_the_file_an_import_is_done_or_names_bad_lines(
    network: Network, content: bytes | str
) -> None:
    for service in (import_centers, import_pairs):
        try:
            result = service(network.database, content)
            event("imported")
            said = len(result.added) + len(result.changed) + result.unchanged
        except BadLines as bad:
            said = len(bad.problems)
        assert said > 0


def test_two_imports_at_once_add_each_center_once(database: Database) -> None:
    lines = [f"EOC-{n},County {n} EOC,eoc,county,CO,8" for n in range(300)]
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: import_centers(database, centers(*lines)), range(4)))
    assert sorted(len(result.added) for result in results) == [0, 0, 0, 300]
    assert sorted(result.unchanged for result in results) == [0, 300, 300, 300]
