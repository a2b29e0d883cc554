"""A definition of a site's own that leaves something out does not break the pages of all."""

from __future__ import annotations

import pytest

from tests.conftest import Network

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
UNSCORED = "every-answer-type"


def test_a_questionnaire_without_scoring_rules_is_not_offered(network: Network) -> None:
    admin = network.browser("admin")
    page = admin.get("/cycles/new").get_data(as_text=True)
    assert "worked-example 1.0" in page
    assert UNSCORED not in page
    wish = {"code": "own", "title": "Own", "opens": "2026-06-15", "closes": "2026-07-15"}
    assert admin.post("/cycles/new", {**wish, "questionnaire": f"{UNSCORED} 1.0"}).status_code == 422
    for path in ("/reports/pairs/FC-CO/EOC-CO", "/reports/centers/FC-CO", "/reports/network"):
        assert admin.get(path).status_code in (200, 404), path


def test_the_command_refuses_it_with_a_sentence(network: Network) -> None:
    days = ["--opens", "2026-06-15", "--closes", "2026-07-15"]
    wanted = ["cycles", "open", "own", "--questionnaire", UNSCORED, "--title", "Own", *days]
    run = network.app.test_cli_runner().invoke(args=wanted)
    assert run.exit_code == 1
    assert "has no scoring rules" in run.output
