"""Which new passwords are taken: long ones that are not easy to guess, of any composition."""

from __future__ import annotations

import pytest

from assessment.accounts import passwords
from tests.conftest import PASSWORD, Network


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword",
        "123456789012",
        "qwertyuiop12",
        "aaaaaaaaaaaa",
        "sanfrancisco",
        "tandemtandem",
        "Password1234!",
        "casey.morgan@example.gov",
        "casey morgan",
    ],
)
def test_common_and_expected_ones_are_refused(password: str) -> None:
    assert "easy to guess" in passwords.fault(password, "casey.morgan@example.gov", "Casey Morgan")


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "river otter stapler moss",
        "all lower case and long",
        "ñandú über žluťoučký",
        "xK9 q!v r7 tz",
    ],
)
def test_a_few_words_are_good_whatever_they_are_made_of(password: str) -> None:
    assert passwords.fault(password) == ""


@pytest.mark.parametrize("length", [0, 1, 11, 201])
def test_too_short_or_too_long_is_said_with_both_bounds(length: int) -> None:
    assert passwords.fault("x" * length) == f"The password has {length} characters; use 12 to 200."


def test_a_person_with_an_easy_password_is_not_added(network: Network) -> None:
    result = network.app.test_cli_runner().invoke(
        args=["users", "add", "new@example.gov", "--name", "New Person", "--role", "reviewer"],
        input="passwordpassword\n",
    )
    assert result.exit_code == 1
    assert "easy to guess" in result.output
    assert network.browser().sign_in("new@example.gov", "passwordpassword").status_code == 422
