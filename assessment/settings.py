"""Settings from the environment, checked once at the start: a wrong one stops it with one line."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from email.errors import MessageError
from email.headerregistry import AddressHeader
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from assessment.database import CONNECTIONS
from assessment.errors import SettingsError as SettingsError
from assessment.provider_settings import LOOPBACK as LOOPBACK
from assessment.provider_settings import IdentityProvider, identity_provider, local_passwords
from assessment.serving_settings import ServingSettings, serving_settings
from assessment.sign_in_limits import DEFAULT, SignInLimits

MAIL_PORTS = {"smtp": 587, "smtps": 465}  # where the address names none
SHORTEST_KEY = 32
LONGEST_NOTICE, LONGEST_BANNER = 50_000, 3_000  # characters
MAIL_PER_MINUTE = 120  # to a server elsewhere; one on this machine paces itself
HSTS_SECONDS = 365 * 24 * 3600
API_PER_MINUTE = 600  # with one token; a person has twice as many with all of theirs together


class Mailbox(NamedTuple):
    """Whom a message comes from or goes to."""

    name: str
    address: str


DEFAULT_SENDER = Mailbox("Tandem", "tandem@localhost")


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed over; ``tls`` from the first byte on, else STARTTLS where offered."""

    host: str
    port: int
    tls: bool = False
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def local(self) -> bool:
        return self.host in LOOPBACK


@dataclass(frozen=True)
class Settings:
    instance: Path
    database_url: str
    secret_key: str
    base_url: str
    port: int
    proxies: int
    timezone: ZoneInfo
    definitions: Path | None
    marking: str
    demo: bool
    government_banner: bool
    mail_server: MailServer | None = None  # none: messages are files in the outbox folder
    mail_from: Mailbox = DEFAULT_SENDER
    audit_keys: tuple[str, ...] = ()  # seal the audit trail; the last is in use, the others still verify
    mail_per_minute: int = 0  # messages handed over by all workers together; 0: no limit
    identity_provider: IdentityProvider | None = None  # where people may sign in instead of here
    local_passwords: bool = True  # whether a password of ours is a way to sign in
    sign_in_limits: SignInLimits = DEFAULT
    api_per_minute: int = 0  # requests with one token; 0: no limit
    second_factor_required: bool = False  # whoever signs in by password sets one up before all else
    privacy_notice: str = ""  # instead of our own words; see privacy/notice.py for how it is written
    use_banner: str = ""  # on the sign-in page, before anybody signs in
    database_connections: int = CONNECTIONS  # of one process to PostgreSQL, at most
    serving: ServingSettings = field(default_factory=ServingSettings)
    retention_years: int = 0  # after which a cycle is reduced to its aggregates; 0: kept for good
    hsts_subdomains: bool = False  # whether hosts below ours are reached over TLS too

    @property
    def secure(self) -> bool:
        """Cookies are Secure exactly when people reach us over TLS."""
        return urlsplit(self.base_url).scheme == "https"

    @property
    def transport_security(self) -> str:
        """What browsers are told of TLS (HSTS, RFC 6797); "" where people reach us without it."""
        below = "; includeSubDomains" if self.hsts_subdomains else ""
        return f"max-age={HSTS_SECONDS}{below}" if self.secure else ""

    @property
    def hosts(self) -> tuple[str, ...]:
        """Host names that are answered; any other gets 400."""
        return (urlsplit(self.base_url).hostname or "", *LOOPBACK)


def from_environment(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read and check every setting; raises SettingsError with one sentence."""
    instance = _instance(environ.get("TANDEM_INSTANCE") or "instance")
    port = _whole_number(environ, "PORT", 5000, 1, 65535)
    base_url = _base_url(environ.get("TANDEM_BASE_URL") or f"http://127.0.0.1:{port}")
    server = _mail_server(environ.get("TANDEM_MAIL_URL") or "")
    pace = MAIL_PER_MINUTE if server and not server.local else 0
    demo = _switch(environ, "TANDEM_DEMO")
    provider = identity_provider(environ)
    return Settings(
        instance=instance,
        database_url=_database_url(environ.get("DATABASE_URL") or f"sqlite:///{instance / 'tandem.sqlite'}"),
        secret_key=environ.get("SECRET_KEY") or _kept_secret(instance / "secret_key"),
        base_url=base_url,
        port=port,
        proxies=_whole_number(environ, "TANDEM_PROXIES", 0, 0, 10),
        timezone=_timezone(environ.get("TANDEM_TIMEZONE") or "UTC"),
        definitions=_folder(environ, "TANDEM_DEFINITIONS"),
        marking=environ.get("TANDEM_MARKING") or "UNCLASSIFIED",
        demo=demo,
        government_banner=_switch(environ, "TANDEM_GOVERNMENT_BANNER"),
        mail_server=server,
        mail_from=_mail_from(environ.get("TANDEM_MAIL_FROM") or "", server, base_url),
        audit_keys=_audit_keys(environ.get("TANDEM_AUDIT_KEYS") or _kept_secret(instance / "audit_key")),
        mail_per_minute=_whole_number(environ, "TANDEM_MAIL_PER_MINUTE", pace, 0, 100_000),
        identity_provider=provider,
        local_passwords=local_passwords(environ, provider, demo),
        sign_in_limits=_sign_in_limits(environ),
        api_per_minute=_whole_number(environ, "TANDEM_API_PER_MINUTE", API_PER_MINUTE, 0, 1_000_000),
        second_factor_required=_required(environ, "TANDEM_SECOND_FACTOR"),
        privacy_notice=_words_of_file(environ, "TANDEM_PRIVACY_NOTICE"),
        use_banner=_banner(environ.get("TANDEM_USE_BANNER") or ""),
        serving=serving_settings(environ, port, demo),
        hsts_subdomains=_switch(environ, "TANDEM_HSTS_SUBDOMAINS"),
        retention_years=_whole_number(environ, "TANDEM_RETENTION_YEARS", 0, 0, 100),
        database_connections=_whole_number(environ, "TANDEM_DATABASE_CONNECTIONS", CONNECTIONS, 2, 1000),
    )


def _words_of_file(environ: Mapping[str, str], name: str) -> str:
    """The text of the file that a setting names; "" without one."""
    file = environ.get(name) or ""
    if not file:
        return ""
    try:
        text = Path(file).read_bytes().decode("utf-8-sig").strip()
    except (OSError, ValueError) as error:
        raise SettingsError(f"{name} is {file!r}, which cannot be read as UTF-8 text ({error}).") from error
    if not text or len(text) > LONGEST_NOTICE:
        raise SettingsError(f"{name} is {file!r}; it must hold 1 to {LONGEST_NOTICE:,} characters.")
    return text


def _banner(text: str) -> str:
    """Of several paragraphs; a backslash and an n stand for the end of a line where one cannot be typed."""
    text = text.replace("\\n", "\n").strip()
    if len(text) > LONGEST_BANNER:
        raise SettingsError(f"TANDEM_USE_BANNER is longer than {LONGEST_BANNER:,} characters.")
    return text


def _sign_in_limits(environ: Mapping[str, str]) -> SignInLimits:
    """A quarter of an hour to a day without a visit; an hour to a week in all."""
    idle = _whole_number(environ, "TANDEM_IDLE_MINUTES", 480, 15, 1440)
    hours = _whole_number(environ, "TANDEM_SESSION_HOURS", 24, 1, 168)
    if idle > hours * 60:
        raise SettingsError(
            f"TANDEM_IDLE_MINUTES is {idle}, which is longer than TANDEM_SESSION_HOURS allows ({hours * 60});"
            " write the shorter time there."
        )
    return SignInLimits(timedelta(minutes=idle), timedelta(hours=hours))


def _instance(name: str) -> Path:
    folder = Path(name).resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError as error:
        raise SettingsError(
            f"TANDEM_INSTANCE: the folder {folder} cannot be made or kept private ({error.strerror})."
        ) from error
    return folder


def _kept_secret(file: Path) -> str:
    """A secret key, made once and kept with mode 0600; two first starts at once agree on one."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    except OSError as error:
        raise SettingsError(f"The secret key cannot be kept in {file} ({error.strerror}).") from error
    else:
        with os.fdopen(descriptor, "w") as handle:
            handle.write(secrets.token_urlsafe(48))
    key = file.read_text().strip()
    if len(key) < SHORTEST_KEY:
        raise SettingsError(f"The secret key in {file} is too short; remove the file and start again.")
    return key


def _audit_keys(text: str) -> tuple[str, ...]:
    keys = tuple(text.replace(",", " ").split())
    if any(len(key) < SHORTEST_KEY for key in keys):
        raise SettingsError(
            f"TANDEM_AUDIT_KEYS holds a key of less than {SHORTEST_KEY} characters; write random ones, the"
            " newest last, with a space between."
        )
    return keys


def _database_url(text: str) -> str:
    try:
        url = make_url(text)
        url.get_dialect()
    except (ArgumentError, ImportError) as error:
        raise SettingsError(
            "DATABASE_URL is not a database address; write sqlite:///file or postgresql://user@host/name."
        ) from error
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise SettingsError(
            f"DATABASE_URL: {url.get_backend_name()} is not supported; use SQLite or PostgreSQL."
        )
    return text


def _base_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise SettingsError(f"TANDEM_BASE_URL is {text!r}; write it like https://tandem.example.gov.")
    return text.rstrip("/")


def _mail_server(text: str) -> MailServer | None:
    """The server of TANDEM_MAIL_URL. What is wrong is said without the text: it may hold a password."""
    if not text:
        return None
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise SettingsError(_mail_advice("its host or port cannot be read")) from None
    fault = _mail_fault(parts)
    if fault:
        raise SettingsError(_mail_advice(fault))
    return MailServer(
        host=parts.hostname or "",
        port=port or MAIL_PORTS[parts.scheme],
        tls=parts.scheme == "smtps",
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def _mail_fault(parts: SplitResult) -> str:
    if parts.scheme not in MAIL_PORTS:
        return "it begins with neither smtp:// nor smtps://"
    if not parts.hostname or any(ord(character) < 33 for character in parts.hostname):
        return "it names no host"
    if parts.path.strip("/") or parts.query or parts.fragment:
        return "something follows the port (write @, / and # in a password as %40, %2F and %23)"
    if bool(parts.username) != bool(parts.password):
        return "a user needs a password, and a password a user"
    return ""


def _mail_advice(fault: str) -> str:
    return (
        f"TANDEM_MAIL_URL cannot be used: {fault}."
        " Write it like smtp://user:password@mail.example.gov:587, or smtps:// for TLS from the start."
    )


def _mail_from(text: str, server: MailServer | None, base_url: str) -> Mailbox:
    """Who messages come from: one address, with or without a name."""
    if not text and server and not server.local:
        raise SettingsError(
            "TANDEM_MAIL_FROM is missing; with TANDEM_MAIL_URL say from which address messages come,"
            " such as survey@example.gov."
        )
    if not text:
        return Mailbox("Tandem", f"tandem@{_domain(base_url)}")
    found: dict[str, Any] = {"defects": []}
    try:
        AddressHeader.parse(text, found)
        (group,) = found["groups"]
        (address,) = group.addresses
        whole = address.username and address.domain and text.isprintable()
    except (ValueError, IndexError, MessageError):
        whole = False
    if not whole or found["defects"]:
        raise SettingsError(
            f"TANDEM_MAIL_FROM is {text!r}; write one address, such as"
            " survey@example.gov or Survey team <survey@example.gov>."
        )
    return Mailbox(address.display_name, address.addr_spec)


def _domain(base_url: str) -> str:
    """The host people use, where it is a name: an address cannot stand at a number."""
    host = urlsplit(base_url).hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return host
    return "localhost"


def _whole_number(environ: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise SettingsError(f"{name} is {text!r}; it takes a whole number from {low} to {high}.")
    return int(text)


def _timezone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise SettingsError(
            f"TANDEM_TIMEZONE is {name!r}; use an IANA name such as America/Denver."
        ) from error


def _folder(environ: Mapping[str, str], name: str) -> Path | None:
    text = environ.get(name)
    if not text:
        return None
    if not Path(text).is_dir():
        raise SettingsError(f"{name} is {text!r}, which is not a folder.")
    return Path(text).resolve()


def _required(environ: Mapping[str, str], name: str) -> bool:
    text = environ.get(name) or "offered"
    if text not in ("offered", "required"):
        raise SettingsError(f"{name} is {text!r}; it takes offered or required.")
    return text == "required"


def _switch(environ: Mapping[str, str], name: str) -> bool:
    text = environ.get(name) or "0"
    if text not in ("0", "1"):
        raise SettingsError(f"{name} is {text!r}; it takes 1 or 0.")
    return text == "1"
