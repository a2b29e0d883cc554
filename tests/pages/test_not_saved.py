"""What came too late to be saved is shown as it was typed, line by line."""

from __future__ import annotations

import pytest

from tests.answering_client import Sheet
from tests.conftest import Network


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_note_that_was_not_taken_keeps_its_lines(network: Network) -> None:
    network.open()
    sheet = Sheet(network, "manager", "eoc")
    sheet.fill("3")
    fields = sheet.open("GOV")
    sheet.submit()
    late = sheet.post("GOV", fields | {"q_GOV-01": "1", "note_GOV-01": "First line\r\nSecond <line>"})
    assert late.status_code == 409
    page = late.get_data(as_text=True)
    typed = '1<span class="answered__note">First line\nSecond &lt;line&gt;</span>'
    assert f'<dt>GOV-01</dt><dd class="as-typed">{typed}</dd>' in page.replace("\r\n", "\n")
