"""The settings of an identity provider: each wrong one stops the start with one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from joserfc.jwk import ECKey, RSAKey

from assessment.settings import SettingsError, from_environment

RIGHT = {
    "TANDEM_OIDC_ISSUER": "https://login.example.gov/",
    "TANDEM_OIDC_CLIENT_ID": "tandem",
    "TANDEM_OIDC_CLIENT_SECRET": "a secret",
    "TANDEM_OIDC_NAME": "Example ID",
}


@pytest.fixture
def read(tmp_path: Path) -> object:
    def read(**changes: str | None) -> object:
        values = RIGHT | {name: value or "" for name, value in changes.items()}
        return from_environment({"TANDEM_INSTANCE": str(tmp_path / "instance"), **values})

    return read


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"TANDEM_OIDC_ISSUER": None}, "TANDEM_OIDC_CLIENT_ID is set and TANDEM_OIDC_ISSUER is not"),
        ({"TANDEM_OIDC_ISSUER": "http://login.example.gov"}, "it must begin with https://"),
        ({"TANDEM_OIDC_ISSUER": "login.example.gov"}, "write it as the provider does"),
        ({"TANDEM_OIDC_ISSUER": "https://"}, "write it as the provider does"),
        ({"TANDEM_OIDC_ISSUER": "https://a.example/?x=y"}, "write it as the provider does"),
        ({"TANDEM_OIDC_ISSUER": "https://me:secret@a.example"}, "write it as the provider does"),
        ({"TANDEM_OIDC_ISSUER": "https://a.example:port"}, "write it as the provider does"),
        ({"TANDEM_OIDC_ISSUER": "https://a.example/" + "x" * 250}, "write it as the provider does"),
        ({"TANDEM_OIDC_CLIENT_ID": None}, "TANDEM_OIDC_CLIENT_ID is missing"),
        ({"TANDEM_OIDC_CLIENT_SECRET": None}, "set one of them"),
        ({"TANDEM_OIDC_CLIENT_SECRET_FILE": "/nowhere"}, "set one of them"),
        (
            {"TANDEM_OIDC_CLIENT_SECRET": None, "TANDEM_OIDC_CLIENT_SECRET_FILE": "/nowhere"},
            "the file /nowhere cannot be read",
        ),
        ({"TANDEM_OIDC_PRIVATE_KEY": "/nowhere"}, "the file /nowhere cannot be read"),
        ({"TANDEM_OIDC_NAME": "x" * 61}, "up to 60 characters"),
        ({"TANDEM_OIDC_NAME": "a\nb"}, "up to 60 characters"),
        ({"TANDEM_LOCAL_PASSWORDS": "no"}, "it takes 1 or 0"),
        ({"TANDEM_LOCAL_PASSWORDS": "0", "TANDEM_DEMO": "1"}, "sign in with a password"),
    ],
)
def test_a_wrong_setting_is_named(read, changes: dict[str, str | None], said: str) -> None:
    with pytest.raises(SettingsError) as raised:
        read(**changes)
    assert said in str(raised.value)
    assert str(raised.value).startswith("TANDEM_")
    assert "\n" not in str(raised.value)
    assert "a secret" not in str(raised.value)


def test_passwords_go_only_with_a_provider(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="nobody could sign in"):
        from_environment({"TANDEM_INSTANCE": str(tmp_path), "TANDEM_LOCAL_PASSWORDS": "0"})


def test_right_settings(read, tmp_path: Path) -> None:
    found = read().identity_provider
    assert [found.issuer, found.client_id, found.client_secret, found.name] == list(RIGHT.values())
    assert "a secret" not in repr(found)
    assert read(TANDEM_OIDC_NAME=None).identity_provider.name == "login.example.gov"
    assert read(TANDEM_LOCAL_PASSWORDS="0").local_passwords is False
    assert read().local_passwords is True
    assert read(TANDEM_OIDC_ISSUER="http://127.0.0.1:8080").identity_provider is not None
    file = tmp_path / "secret"
    file.write_text("from a file\n")
    by_file = read(TANDEM_OIDC_CLIENT_SECRET=None, TANDEM_OIDC_CLIENT_SECRET_FILE=str(file))
    assert by_file.identity_provider.client_secret == "from a file"


@pytest.mark.filterwarnings("ignore:.*1024.*|.*2048.*")
def test_a_key_in_place_of_a_secret(read, tmp_path: Path) -> None:
    file = tmp_path / "key.pem"

    def with_key(content: bytes) -> object:
        file.write_bytes(content)
        return read(TANDEM_OIDC_CLIENT_SECRET=None, TANDEM_OIDC_PRIVATE_KEY=str(file))

    key = RSAKey.generate_key(2048, private=True)
    assert "PRIVATE KEY" in with_key(key.as_pem(private=True)).identity_provider.private_key
    unfit = [
        b"",
        b"garbage",
        b"\xff\xfe",
        key.as_pem(private=False),
        RSAKey.generate_key(1024, private=True).as_pem(private=True),
        ECKey.generate_key("P-256", private=True).as_pem(private=True),
    ]
    for content in unfit:
        with pytest.raises(SettingsError, match="TANDEM_OIDC_PRIVATE_KEY: the file"):
            with_key(content)
