"""Codes of an app, recovery codes, and the time between the password and the second factor."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from assessment.accounts import tries
from tests.accounts.factor_steps import (
    CODES,
    KEY,
    SETUP,
    actions,
    add_app,
    code_of,
    pending,
    second,
    signed_in,
    text_of,
)
from tests.conftest import PASSWORD, Network, email_of

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def enrolled(network: Network) -> tuple[str, list[str]]:
    """The manager has an app; its key and the recovery codes."""
    return add_app(network, network.browser("manager"))


def test_the_password_alone_is_not_enough_any_more(network: Network, enrolled: tuple[str, list[str]]) -> None:
    browser = pending(network)
    assert not signed_in(browser)
    answer = second(browser, code=code_of(network, enrolled[0]))
    assert answer.status_code == 302
    assert signed_in(browser)


@on_sqlite
@pytest.mark.parametrize(("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_off_by_one_step(
    network: Network, enrolled: tuple[str, list[str]], steps: int, taken: bool
) -> None:
    network.clock.move(minutes=5)
    browser = pending(network)
    assert (second(browser, code=code_of(network, enrolled[0], steps)).status_code == 302) is taken


def test_a_code_is_taken_once_and_none_before_it_either(
    network: Network, enrolled: tuple[str, list[str]]
) -> None:
    code, before = code_of(network, enrolled[0]), code_of(network, enrolled[0], -1)
    assert second(pending(network), code=code).status_code == 302
    for replayed in (code, before):
        browser = pending(network)
        assert second(browser, code=replayed).status_code == 422
        assert not signed_in(browser)


@on_sqlite
def test_the_code_that_proved_the_app_does_not_sign_in(network: Network) -> None:
    browser = network.browser("manager")
    page = text_of(browser.get("/account/factors/app"))
    key, setup = KEY.findall(page)[0].replace(" ", ""), SETUP.findall(page)[0]
    code = code_of(network, key)
    assert browser.post("/account/factors/app", {"setup": setup, "code": code}).status_code == 200
    assert second(pending(network), code=code).status_code == 422


@on_sqlite
def test_an_app_counts_only_once_a_code_of_it_has_come_back(network: Network) -> None:
    browser = network.browser("manager")
    setup = SETUP.findall(text_of(browser.get("/account/factors/app")))[0]
    answer = browser.post("/account/factors/app", {"setup": setup, "code": "000000"})
    assert answer.status_code == 422
    assert "not the code of this key" in text_of(answer)
    assert SETUP.findall(text_of(answer))[0] != ""
    assert network.browser().sign_in(email_of("manager")).location == "/work"


@on_sqlite
def test_after_a_wrong_code_the_key_in_the_telephone_stays_good(network: Network) -> None:
    browser = network.browser("manager")
    page = text_of(browser.get("/account/factors/app"))
    answer = browser.post("/account/factors/app", {"setup": SETUP.findall(page)[0], "code": "12"})
    assert KEY.findall(text_of(answer)) == KEY.findall(page)


@on_sqlite
def test_the_key_of_a_form_is_for_one_person_and_one_hour(network: Network) -> None:
    director = network.browser("director")
    page = text_of(director.get("/account/factors/app"))
    key, setup = KEY.findall(page)[0].replace(" ", ""), SETUP.findall(page)[0]
    fields = {"setup": setup, "code": code_of(network, key)}
    assert network.browser("manager").post("/account/factors/app", fields).status_code == 422
    fields["setup"] = "made up"
    assert director.post("/account/factors/app", fields).status_code == 422


@on_sqlite
def test_the_key_is_kept_only_encrypted(network: Network, enrolled: tuple[str, list[str]]) -> None:
    with network.database.reading() as session:
        stored = session.execute(text("SELECT encrypted_key FROM authenticator_apps")).scalar_one()
    assert enrolled[0] not in stored
    assert len(stored) > 100


@on_sqlite
def test_somebody_elses_row_put_in_its_place_opens_nothing(
    network: Network, enrolled: tuple[str, list[str]]
) -> None:
    """Whoever can write to the database but has no key of ours cannot give somebody their own app."""
    key, _ = add_app(network, network.browser("director"))
    with network.database.writing() as session:
        mine = "SELECT encrypted_key FROM authenticator_apps a JOIN people p ON p.id = a.person_id"
        director = session.execute(text(f"{mine} WHERE p.email = :e"), {"e": email_of("director")}).scalar()
        session.execute(text("UPDATE authenticator_apps SET encrypted_key = :k"), {"k": director})
    assert second(pending(network), code=code_of(network, key)).status_code == 422


def test_ten_recovery_codes_each_good_once(network: Network, enrolled: tuple[str, list[str]]) -> None:
    codes = enrolled[1]
    assert len(set(codes)) == 10
    browser = pending(network)
    assert second(browser, recovery=codes[3].upper().replace("-", " ")).status_code == 302
    assert "9 of 10" in text_of(browser.get("/account/factors"))
    again = pending(network)
    assert second(again, recovery=codes[3]).status_code == 422
    assert second(again, recovery=codes[4]).status_code == 302
    assert "recovery code used" in actions(network)


@on_sqlite
def test_recovery_codes_are_kept_only_as_hashes(network: Network, enrolled: tuple[str, list[str]]) -> None:
    with network.database.reading() as session:
        rows = session.execute(text("SELECT code_hash, salt FROM recovery_codes")).all()
    shown = {code.replace("-", "") for code in enrolled[1]}
    assert len(rows) == 10
    assert not shown & {row.code_hash for row in rows}
    assert all(len(row.code_hash) == 64 for row in rows)


def test_new_recovery_codes_make_the_old_ones_worthless(
    network: Network, enrolled: tuple[str, list[str]]
) -> None:
    browser = pending(network)
    second(browser, code=code_of(network, enrolled[0]))
    page = text_of(browser.post("/account/factors/codes", {}, form="/account/factors"))
    new = CODES.findall(page)
    assert len(new) == 10
    assert not set(new) & set(enrolled[1])
    assert not CODES.findall(text_of(browser.get("/account/factors")))  # shown once
    assert second(pending(network), recovery=enrolled[1][0]).status_code == 422
    assert second(pending(network), recovery=new[0]).status_code == 302


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """What several get who do their work at the same moment."""
    ready = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        ready.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return [done.result() for done in [pool.submit(run, work) for work in works]]


@pytest.mark.parametrize("kind", ["code", "recovery"])
def test_of_two_who_bring_one_code_at_once_one_comes_in(
    network: Network, enrolled: tuple[str, list[str]], kind: str
) -> None:
    fields = {"code": code_of(network, enrolled[0])} if kind == "code" else {"recovery": enrolled[1][0]}
    browsers = [pending(network) for _ in range(3)]
    answers = at_once(*(partial(second, browser, **fields) for browser in browsers))
    assert sorted(answer.status_code for answer in answers) == [302, 422, 422]


def test_of_two_apps_added_at_once_one_is_kept(network: Network) -> None:
    browser = network.browser("manager")
    browsers, forms = [browser, network.browser("manager")], []
    for one in browsers:
        page = text_of(one.get("/account/factors/app"))
        key, setup = KEY.findall(page)[0].replace(" ", ""), SETUP.findall(page)[0]
        forms.append({"setup": setup, "code": code_of(network, key)})
    add = [partial(one.post, "/account/factors/app", form) for one, form in zip(browsers, forms, strict=True)]
    codes = sorted(answer.status_code for answer in at_once(*add))
    assert codes[0] == 200
    assert codes[1] in (401, 409)  # told that there is one, or that this sign-in has ended meanwhile
    with network.database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM authenticator_apps")).scalar_one() == 1


def test_of_two_sets_of_codes_made_at_once_one_counts(
    network: Network, enrolled: tuple[str, list[str]]
) -> None:
    browser = pending(network)
    second(browser, code=code_of(network, enrolled[0]))
    token = browser.token("/account/factors")
    make = partial(
        browser.client.post,
        "/account/factors/codes",
        data={"csrf_token": token},
        base_url="http://localhost",
    )
    assert [answer.status_code for answer in at_once(make, make)] == [200, 200]
    with network.database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM recovery_codes")).scalar_one() == 10


@on_sqlite
def test_without_a_factor_there_are_no_recovery_codes(network: Network) -> None:
    answer = network.browser("manager").post("/account/factors/codes", {}, form="/account")
    assert answer.status_code == 409
    assert "Add one of these first" in text_of(answer)


def test_the_wait_for_the_second_factor_ends_after_ten_minutes_and_loses_nothing(
    network: Network, enrolled: tuple[str, list[str]]
) -> None:
    browser = network.browser()
    kept = '[["q-GOV-1", "3"], ["note-GOV-1", "typed words"]]'
    fields = {"email": email_of("manager"), "password": PASSWORD, "kept": kept, "kept_path": "/responses/x/y"}
    page = browser.post("/sign-in", fields)
    assert page.status_code == 200
    assert "typed words" in text_of(page)
    network.clock.move(minutes=10)
    more = {"kept": kept, "kept_path": "/responses/x/y", "code": code_of(network, enrolled[0])}
    late = browser.post("/sign-in/second-factor", more, form="/sign-in")
    assert late.status_code == 422
    assert "longer than 10 minutes" in text_of(late)
    assert "typed words" in text_of(late)
    assert not signed_in(browser)
    assert browser.get("/sign-in/second-factor").location == "/sign-in"


@on_sqlite
def test_a_form_that_was_kept_comes_through_the_second_factor(
    network: Network, enrolled: tuple[str, list[str]]
) -> None:
    browser = network.browser()
    kept = '[["q-GOV-1", "3"], ["note-GOV-1", "typed words"]]'
    fields = {"email": email_of("manager"), "password": PASSWORD, "kept": kept, "kept_path": "/responses/x/y"}
    browser.post("/sign-in", fields)
    more = {"kept": kept, "kept_path": "/responses/x/y"}
    wrong = second(browser, code="000000", **more)
    assert wrong.status_code == 422
    assert "typed words" in text_of(wrong)
    done = second(browser, code=code_of(network, enrolled[0]), **more)
    assert 'action="/responses/x/y"' in text_of(done)
    assert "typed words" in text_of(done)


@on_sqlite
def test_where_one_wanted_to_be_survives_and_another_site_does_not(
    network: Network, enrolled: tuple[str, list[str]]
) -> None:
    for target, expected in (("/cycles?page=1", "/cycles?page=1"), ("https://evil.example", "/work")):
        browser = network.browser()
        fields = {"email": email_of("manager"), "password": PASSWORD, "next": target}
        step = browser.post("/sign-in", fields).location
        assert "evil" not in step
        done = browser.post(
            "/sign-in/second-factor", {"code": code_of(network, enrolled[0]), "next": target}, form=step
        )
        assert done.location == expected
        network.clock.move(seconds=60)


def test_wrong_codes_are_counted_like_wrong_passwords(
    network: Network, enrolled: tuple[str, list[str]]
) -> None:
    browser = pending(network)
    found = [second(browser, code=f"{n:06}").status_code for n in range(tries.FREE + 1)]
    assert found == [422] * tries.FREE + [429]
    assert second(browser, code=code_of(network, enrolled[0])).status_code == 429
    network.clock.move(minutes=1)
    assert second(browser, code=code_of(network, enrolled[0])).status_code == 302


@on_sqlite
def test_giving_the_password_again_gives_no_more_tries(
    network: Network, enrolled: tuple[str, list[str]]
) -> None:
    for number in range(tries.FREE):
        assert second(pending(network), code=f"{number:06}").status_code == 422
    assert second(pending(network), code=code_of(network, enrolled[0])).status_code == 429


@on_sqlite
def test_wrong_passwords_make_nobody_wait_who_has_the_right_one(
    network: Network, enrolled: tuple[str, list[str]]
) -> None:
    """Else the wait could outlast the ten minutes, and whoever guesses nearby would shut the owner out."""
    for _ in range(tries.FREE + 6):
        network.browser().sign_in(email_of("manager"), "not the password")
        network.clock.move(minutes=16)
    assert second(pending(network), code=code_of(network, enrolled[0])).status_code == 302


@on_sqlite
def test_right_passwords_alone_make_nobody_wait(network: Network, enrolled: tuple[str, list[str]]) -> None:
    for _ in range(2 * tries.FREE):
        pending(network)


@on_sqlite
def test_every_wrong_answer_is_told_the_same(network: Network, enrolled: tuple[str, list[str]]) -> None:
    used = code_of(network, enrolled[0])
    assert second(pending(network), code=used).status_code == 302
    said = []
    for fields in ({"code": used}, {"code": "1"}, {"recovery": "x"}, {"recovery": enrolled[1][0][:-1] + "8"}):
        page = text_of(second(pending(network), **fields))
        said.append(re.findall(r"<li>(.*?)</li>", page[page.index("There is a problem") :])[0])
        network.clock.move(minutes=16)
    assert set(said) == {"That code is not right, or it was used before. Try again."}


@on_sqlite
def test_nothing_entered_is_told_so_and_costs_no_try(
    network: Network, enrolled: tuple[str, list[str]]
) -> None:
    browser = pending(network)
    for _ in range(2 * tries.FREE):
        answer = second(browser)
        assert answer.status_code == 422
    assert "or a recovery code below" in text_of(answer)


@on_sqlite
def test_the_session_is_another_before_and_after(network: Network, enrolled: tuple[str, list[str]]) -> None:
    browser = network.browser()
    browser.get("/sign-in")
    cookies = [browser.client.get_cookie("tandem", domain="localhost")]
    browser.sign_in(email_of("manager"))
    cookies.append(browser.client.get_cookie("tandem", domain="localhost"))
    second(browser, code=code_of(network, enrolled[0]))
    thief = network.browser()
    assert cookies[1] is not None
    thief.client.set_cookie("tandem", cookies[1].value, domain="localhost")
    assert thief.get("/work").status_code == 302
    assert thief.get("/sign-in/second-factor").status_code == 302  # it was used up
