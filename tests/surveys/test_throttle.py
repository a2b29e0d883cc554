"""Ten thousand random links: slowed down by failures, and nobody with a good link is shut out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from assessment.surveys import throttle
from assessment.surveys.links import new_token
from tests.surveys.world import World

ANN = "ann@example.gov"


def try_links(world: World, count: int, address: str = "192.0.2.1") -> list[int]:
    client = world.network.app.test_client()
    return [
        client.get(
            f"/s/{new_token()}", base_url="http://localhost", environ_overrides={"REMOTE_ADDR": address}
        ).status_code
        for _ in range(count)
    ]


def counters(world: World) -> dict[str, int]:
    return {
        ("all" if source == "all" else "address"): failures
        for source, failures in world.rows("SELECT source, failures FROM link_failures")
    }


def test_random_links_are_slowed_down_and_an_office_at_that_address_is_not_shut_out(
    confidential: World,
) -> None:
    token = confidential.invite(ANN)
    codes = try_links(confidential, throttle.LIMIT + 20)
    assert codes == [404] * throttle.LIMIT + [429] * 20
    colleague = confidential.phone(token)
    environment = {"environ_overrides": {"REMOTE_ADDR": "192.0.2.1"}}
    assert colleague.get(**environment).status_code == 200
    colleague.start()
    assert colleague.get("P", **environment).status_code == 200
    assert try_links(confidential, 1, "192.0.2.2") == [404]
    assert counters(confidential)["all"] == throttle.LIMIT + 1


def test_once_slowed_down_ten_thousand_more_write_nothing(confidential: World) -> None:
    try_links(confidential, throttle.LIMIT)
    before = counters(confidential)
    assert set(try_links(confidential, 100)) == {429}
    assert counters(confidential) == before


def test_many_addresses_together_are_slowed_down_too(
    confidential: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "LIMIT_OF_ALL", 25)
    codes = [try_links(confidential, 1, f"192.0.2.{number}")[0] for number in range(40)]
    assert codes == [404] * 25 + [429] * 15


def test_an_hour_later_one_may_try_again_and_after_a_day_the_address_is_gone(confidential: World) -> None:
    try_links(confidential, throttle.LIMIT + 1)
    confidential.network.clock.move(hours=1)
    assert try_links(confidential, 1) == [404]
    confidential.network.clock.move(hours=26)
    try_links(confidential, 1, "192.0.2.9")
    assert confidential.rows("SELECT count(*) FROM link_failures WHERE source <> 'all'") == [(1,)]


def test_no_address_stands_in_the_table(confidential: World) -> None:
    try_links(confidential, 2)
    text = str(confidential.rows("SELECT * FROM link_failures"))
    assert "192.0.2.1" not in text
    now = confidential.moment.now
    one = throttle.source_of("192.0.2.1", "key", now)
    assert one != throttle.source_of("192.0.2.1", "another key", now)
    assert one != throttle.source_of("192.0.2.1", "key", now.replace(day=now.day + 1))


def test_several_processes_count_together(confidential: World) -> None:
    now = confidential.moment.now

    def fail(_: int) -> None:
        with confidential.network.database.writing() as session:
            throttle.count_failure(session, "somewhere", now)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(fail, range(24)))
    assert counters(confidential) == {"all": 24, "address": 24}
