"""How a file of centers or pairs comes in by the directory's pages."""

from __future__ import annotations

import html
import io
import re
from typing import Any

import pytest

from assessment.directory import uploads
from tests.conftest import Browser, Network
from tests.directory_pages import center, pair_active, words

HEADER = "code,name,kind,level,state,fema_region\n"


def upload(browser: Browser, path: str, text: str | bytes, **fields: str) -> Any:
    content = text.encode() if isinstance(text, str) else text
    data = {"file": (io.BytesIO(content), "file.csv"), **fields}
    return browser.post(path, data, content_type="multipart/form-data")


def hidden(response: Any, name: str) -> str:
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', response.get_data(as_text=True))
    assert found, f"no field {name}"
    return html.unescape(found.group(1))


def test_a_file_is_shown_first_and_imported_then(network: Network) -> None:
    browser = network.browser("admin")
    text = f"{HEADER}EOC-NM,<b>New</b> & Mexico,eoc,state,NM,6\nEOC-CO,Colorado EOC,eoc,state,CO,8\n"
    shown = upload(browser, "/centers/import", text)
    assert shown.status_code == 200
    assert "1 added, 1 changed, 0 unchanged." in words(shown)
    assert "EOC-NM: <b>New</b> & Mexico" in words(shown)
    assert "<b>New" not in shown.get_data(as_text=True)
    assert 'EOC-CO: name "Colorado State EOC" -> "Colorado EOC"' in words(shown)
    assert center(network, "EOC-NM") is None
    carried = {"text": hidden(shown, "text"), "apply": hidden(shown, "apply")}
    done = browser.post("/centers/import", carried, content_type="multipart/form-data")
    assert done.location == "/centers"
    assert "The file is imported: 1 added, 1 changed, 0 unchanged." in words(browser.get("/centers"))
    row = center(network, "EOC-NM")
    assert row
    assert row.name == "<b>New</b> & Mexico"


def test_the_second_step_checks_everything_again(network: Network) -> None:
    browser = network.browser("admin")
    text = f"{HEADER}EOC-NM,New Mexico EOC,eoc,state,NM,5\n"
    response = browser.post(
        "/centers/import", {"text": text, "apply": "yes"}, content_type="multipart/form-data"
    )
    assert response.status_code == 422
    assert "Line 2, column fema_region: New Mexico lies in FEMA region 6, not 5." in words(response)
    assert center(network, "EOC-NM") is None


def test_bad_lines_are_listed_escaped_and_the_count_is_whole(network: Network) -> None:
    lines = "".join(f"EOC-{n},x,eoc,<i>{n},CO,8\n" for n in range(250))
    response = upload(network.browser("admin"), "/centers/import", HEADER + lines)
    text = words(response)
    assert response.status_code == 422
    assert "The file was not taken, and nothing was changed. It has 250 problems." in text
    assert 'Line 2, column level: "<i>0" is not a level of an EOC.' in text
    assert "<i>" not in response.get_data(as_text=True)
    assert text.count(" is not a level of an EOC.") == uploads.PROBLEMS_SHOWN
    assert "And 50 more." in text


def test_a_file_without_news_has_nothing_to_confirm(network: Network) -> None:
    response = upload(network.browser("admin"), "/pairs/import", "fusion_center,eoc\nFC-CO,EOC-CO\n")
    assert "Nothing: all of it is there already." in words(response)
    assert 'name="apply"' not in response.get_data(as_text=True)


def test_pairs_come_in_by_file(network: Network) -> None:
    browser = network.browser("admin")
    shown = upload(browser, "/pairs/import", "fusion_center;eoc\r\nFC-WY;EOC-DEN\r\n")
    assert "FC-WY with EOC-DEN" in words(shown)
    browser.post("/pairs/import", {"text": hidden(shown, "text"), "apply": "yes"})
    assert pair_active(network, "FC-WY", "EOC-DEN") is True


def test_no_file_chosen_is_a_sentence(network: Network) -> None:
    response = network.browser("admin").post("/centers/import", {})
    assert response.status_code == 422
    assert words(response).count("Choose a file.") == 2


@pytest.mark.parametrize(
    ("megabytes", "status", "sentence"),
    [
        (3, 422, "is not an EOC"),
        (6, 422, "The file is larger than 5 MB. Split it into several files."),
        (9, 413, "What was sent is larger than this page accepts."),
    ],
)
def test_a_large_file_is_refused_kindly(network: Network, megabytes: int, status: int, sentence: str) -> None:
    line = "FC-CO,FC-WY\n"
    text = "fusion_center,eoc\n" + line * 2 + f'FC-CO,"{" " * 1000}"\n' * (megabytes * 1024 * 1024 // 1010)
    response = upload(network.browser("admin"), "/pairs/import", text)
    assert response.status_code == status
    assert sentence.replace("is not an EOC", "FC-WY is a fusion center. Name an EOC here.") in words(response)


def test_a_long_file_is_chosen_a_second_time(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "CARRIED_LIMIT", 50)
    browser = network.browser("admin")
    text = f"{HEADER}EOC-NM,New Mexico EOC,eoc,state,NM,6\n"
    shown = upload(browser, "/centers/import", text)
    assert "Choose it once more." in words(shown)
    assert 'name="text"' not in shown.get_data(as_text=True)
    assert upload(browser, "/centers/import", text, apply="yes").location == "/centers"
    assert center(network, "EOC-NM")


def test_others_may_not_send_more_than_elsewhere(network: Network) -> None:
    """The larger limit is the administrator's alone, so that nobody else fills the server's memory."""
    for who, status in (("admin", 422), ("staff", 404)):
        browser = network.browser(who)
        data = {"text": "x" * 3_000_000, "csrf_token": browser.token("/centers")}
        response = browser.client.post("/pairs/import", data=data, content_type="multipart/form-data")
        assert response.status_code == status
    too_much = network.browser().client.post("/pairs/import", data=data, content_type="multipart/form-data")
    assert too_much.status_code == 413
