"""How often one person may send files and have files made within a minute."""

from __future__ import annotations

import io
import re
from typing import Any

from assessment import rates
from tests.conftest import Browser, Network

CENTERS = b"code,name,kind,level,state,fema_region\nEOC-X,Example EOC,eoc,city,CO,8\n"


def send(browser: Browser) -> Any:
    data = {"file": (io.BytesIO(CENTERS), "centers.csv")}
    return browser.post("/centers/import", data, content_type="multipart/form-data")


def test_imports_of_one_person_are_counted_by_the_minute(network: Network, monkeypatch: Any) -> None:
    monkeypatch.setitem(rates.SENT, "directory.upload_centers", 3)
    admin = network.browser("admin")
    assert [send(admin).status_code for _ in range(4)] == [200, 200, 200, 429]
    answer = send(admin)
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert "3 times within a minute" in answer.get_data(as_text=True)
    assert admin.get("/centers/import").status_code == 200  # looking at the page is free
    network.clock.move(minutes=1)
    assert send(admin).status_code == 200


def test_files_of_one_person_are_counted_and_nobody_elses(network: Network, monkeypatch: Any) -> None:
    network.open()
    monkeypatch.setitem(rates.MADE, "center_reports.pairs_csv", 2)
    path = "/reports/centers/FC-CO/pairs.csv"
    director, analyst = network.browser("director"), network.browser("analyst")
    assert [director.get(path).status_code for _ in range(3)] == [200, 200, 429]
    assert analyst.get(path).status_code == 200


def test_every_route_that_takes_or_gives_a_file_has_its_limit(network: Network) -> None:
    """A new one is found by its address or by its page."""
    gives = re.compile(r"\.(csv|json|xlsx)$|<kind>|/files/")
    takes = re.compile(r"/import$")
    known = set(rates.SENT) | set(rates.MADE)
    free = {"network_exports.delete", "survey_setup.words"}  # makes nothing; a kind of letter
    found = {
        rule.endpoint
        for rule in network.app.url_map.iter_rules()
        if (gives.search(rule.rule) or takes.search(rule.rule))
        and not rule.rule.startswith(("/api/", "/static"))
    }
    assert found - known - free == set()
    assert known <= set(network.app.view_functions)
