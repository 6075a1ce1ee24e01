"""Who calls, and where: from arguments, else from the environment."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Mapping
from urllib.parse import parse_qsl

import pytest

from smsc_async import InvalidMessage, SmscClient, _config
from tests.samples import Answering, asked, sample
from tests.virtual import run

NONE: Mapping[str, str] = {}


def form(
    api_key: str | None = None,
    login: str | None = None,
    password: str | None = None,
    environ: Mapping[str, str] = NONE,
) -> dict[str, str]:
    """Return the credentials as they end a form."""
    data = _config.account(api_key, login, password, None, environ).credentials.reveal().decode()
    assert data.startswith("&")
    return dict(parse_qsl(data[1:], strict_parsing=True))


# Credentials


@pytest.mark.parametrize(
    ("environ", "found"),
    [
        ({"SMSC_API_KEY": "K"}, {"apikey": "K"}),
        ({"SMSC_LOGIN": "L", "SMSC_PASSWORD": "P"}, {"login": "L", "psw": "P"}),
        ({"SMSC_API_KEY": "K", "SMSC_LOGIN": "L", "SMSC_PASSWORD": "P"}, {"apikey": "K"}),
        (
            {"SMSC_API_KEY": "", "SMSC_LOGIN": "L", "SMSC_PASSWORD": "P"},
            {"login": "L", "psw": "P"},
        ),
    ],
)
def test_without_arguments_the_environment_is_read(
    environ: dict[str, str], found: dict[str, str]
) -> None:
    assert form(environ=environ) == found


def test_arguments_go_before_the_environment() -> None:
    environ = {"SMSC_API_KEY": "K", "SMSC_LOGIN": "L", "SMSC_PASSWORD": "P"}

    assert form(api_key="key", environ=environ) == {"apikey": "key"}
    assert form(login="alex", password="123", environ=environ) == {"login": "alex", "psw": "123"}


@pytest.mark.parametrize(
    ("login", "password"), [("alex", "123"), ("alex", None), (None, "123"), ("", "")]
)
def test_a_key_beside_a_login_or_a_password_is_refused(
    login: str | None, password: str | None
) -> None:
    with pytest.raises(ValueError, match="not both"):
        form("key", login, password)


@pytest.mark.parametrize(
    ("api_key", "login", "password", "environ"),
    [
        (None, None, None, {}),
        (None, None, None, {"SMSC_LOGIN": "L"}),
        (None, None, None, {"SMSC_API_KEY": "", "SMSC_PASSWORD": "P"}),
        ("", None, None, {"SMSC_API_KEY": "K"}),
        (None, "alex", None, {"SMSC_PASSWORD": "P"}),
        (None, None, "123", {"SMSC_LOGIN": "L"}),
        (None, "alex", "", {}),
    ],
)
def test_half_of_the_credentials_is_none_and_the_text_says_what_to_pass(
    api_key: str | None, login: str | None, password: str | None, environ: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match="pass api_key=, or login= and password=, or set SMSC_API"):
        form(api_key, login, password, environ)


def test_credentials_may_hold_any_character() -> None:
    assert form(login="a&b=c", password="+ %я\n") == {"login": "a&b=c", "psw": "+ %я\n"}


def test_an_account_is_known_by_its_name_else_by_its_login_or_key() -> None:
    def name(
        api_key: str | None = None,
        login: str | None = None,
        password: str | None = None,
        named: str | None = None,
    ) -> bytes:
        return _config.account(api_key, login, password, named, NONE).name

    assert name(login="alex", password="1") == name(login="alex", password="2")
    assert name(login="alex", password="1") != name(login="ivan", password="1")
    assert name(api_key="alex") != name(login="alex", password="1")
    assert name(api_key="one", named="shop") == name(login="alex", password="1", named="shop")
    assert name(api_key="one", named="alex") != name(login="alex", password="1")
    assert b"alex" not in name(login="alex", password="1")


def test_an_account_shows_no_secret_and_is_not_copied_with_one() -> None:
    who = _config.account(None, "alexander", "pa55word", None, NONE)

    assert "pa55word" not in repr(who)
    assert "alexander" not in repr(who)
    for attempt in (copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            attempt(who)


# Where


@pytest.mark.parametrize(
    ("given", "environ", "url"),
    [
        (None, {}, "https://smscentre.com"),
        (None, {"SMSC_URL": "https://smsc.kz/"}, "https://smsc.kz"),
        ("", {"SMSC_URL": ""}, "https://smscentre.com"),
        ("https://smsc.ru", {"SMSC_URL": "https://smsc.kz"}, "https://smsc.ru"),
        ("https://smsc.ru//", {}, "https://smsc.ru"),
        ("https://sms.example.com:8443", {}, "https://sms.example.com:8443"),
        ("http://127.0.0.1:8000", {}, "http://127.0.0.1:8000"),
        ("http://localhost", {}, "http://localhost"),
        ("http://[::1]:8000", {}, "http://[::1]:8000"),
        ("http://127.8.8.8", {}, "http://127.8.8.8"),
    ],
)
def test_an_address_is_scheme_and_host(
    given: str | None, environ: dict[str, str], url: str
) -> None:
    assert _config.base_url(given, environ) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://smsc.ru",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://192.168.0.1",
        "ftp://smsc.ru",
    ],
)
def test_credentials_go_over_tls_but_to_a_server_on_this_machine(url: str) -> None:
    with pytest.raises(ValueError, match="begins with https://"):
        _config.base_url(url, NONE)
    with pytest.raises(ValueError, match="begins with https://"):
        _config.base_url(None, {"SMSC_URL": url})


@pytest.mark.parametrize(
    "url",
    [
        "smsc.ru",
        "https://",
        "https:///sys",
        "https://alex:secret@smsc.ru",
        "https://secret@smsc.ru",
        "https://smsc.ru?psw=secret",
        "https://smsc.ru#secret",
        "https://smsc.ru/sys",
        "https://smsc.ru/secret/send.php",
        "https://smsc.ru:secret",
        "https://smsc.ru:99999",
        "https://smsc.ru:0",
        "https://[secret",
        "https://[::1]secret",
        "https://[::1]secret:80",
        "https://alex:se/cret@smsc.ru",
        "https://secret\\.smsc.ru",
        "https://secret\\@smsc.ru",
        "https://sec\tret.smsc.ru",
        "https://smsc.ru\r\nX-Secret: 1",
        "https://smsc.ru%2esecret.example.com",
        "http://127.0.0.1%2esecret.example.com",
        "https:// secret.example.com",
    ],
)
def test_an_address_is_nothing_but_scheme_and_host_and_is_not_repeated(url: str) -> None:
    with pytest.raises(ValueError, match="scheme and host only") as caught:
        _config.base_url(url, NONE)
    with pytest.raises(ValueError, match="scheme and host only") as from_environment:
        _config.base_url(None, {"SMSC_URL": url})

    assert "cret" not in f"{caught.value}{from_environment.value}".lower()


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        (
            "https://smscentre.com",
            ["https://smscentre.com", "https://www2.smscentre.com"],
        ),
        ("https://smsc.ru", ["https://smsc.ru", "https://www2.smsc.ru"]),
        ("https://smsc.ua", ["https://smsc.ua", "https://www2.smsc.ua"]),
        ("https://smsc.kz", ["https://smsc.kz", "https://www2.smsc.kz"]),
        ("https://SMSC.ru", ["https://smsc.ru", "https://www2.smsc.ru"]),
        ("https://www2.smsc.ru", ["https://www2.smsc.ru", "https://smsc.ru"]),
        ("https://www3.smsc.ru", ["https://www3.smsc.ru"]),
        ("https://sms.example.com", ["https://sms.example.com"]),
        ("https://smsc.ru:8443", ["https://smsc.ru:8443"]),
        ("http://127.0.0.1:8000", ["http://127.0.0.1:8000"]),
    ],
)
def test_the_services_own_hosts_have_a_backup(url: str, hosts: list[str]) -> None:
    assert list(_config.hosts(url)) == hosts


@pytest.mark.parametrize(
    ("some", "other"),
    [
        ("https://smsc.ru", "https://www2.smsc.ru"),
        ("https://smsc.ru", "https://SMSC.RU"),
        ("https://smsc.ru", "https://smsc.ru:443"),
        ("http://127.0.0.1", "http://127.0.0.1:80"),
    ],
)
def test_hosts_of_one_family_count_together(some: str, other: str) -> None:
    assert _config.family(some) == _config.family(other)


@pytest.mark.parametrize(
    ("some", "other"),
    [
        ("https://smsc.ru", "https://smsc.kz"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8001"),
        ("http://[::1]:8000", "http://[::1]:8001"),
    ],
)
def test_other_hosts_count_apart(some: str, other: str) -> None:
    assert _config.family(some) != _config.family(other)


# The client


def test_a_client_reads_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMSC_LOGIN", "L")
    monkeypatch.setenv("SMSC_PASSWORD", "P")
    monkeypatch.delenv("SMSC_API_KEY", raising=False)
    monkeypatch.setenv("SMSC_URL", "https://smsc.kz")
    transport = Answering(sample("account.balance/currency.json"))

    async def main() -> None:
        async with SmscClient(transport=transport) as smsc:
            assert repr(smsc) == "SmscClient('https://smsc.kz')"
            await smsc.account.balance()

    run(main())

    assert transport.forms[0]["login"] == "L"
    assert transport.forms[0]["psw"] == "P"


def test_the_key_goes_alone() -> None:
    transport = Answering(sample("account.balance/currency.json"))

    async def main() -> None:
        async with SmscClient(api_key="key", transport=transport) as smsc:
            await smsc.account.balance()

    run(main())

    assert transport.forms == [{"apikey": "key", "cur": "1", "fmt": "3", "charset": "utf-8"}]


def test_a_client_is_shown_by_its_host_only() -> None:
    client = SmscClient(login="alexander", password="pa55word", base_url="https://smsc.ru/")

    assert repr(client) == "SmscClient('https://smsc.ru')"
    assert repr(client.with_options(priority="bulk")) == repr(client)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"attempts": 0}, "attempts is 1 or more"),
        ({"timeout": 0.0}, "timeout and deadline are above 0"),
        ({"max_wait": -1.0}, "max_wait and settle_for are 0 or more"),
        ({"settle_for": -1.0}, "max_wait and settle_for are 0 or more"),
        ({"on_unknown": "guess"}, "'settle' or 'raise', not 'guess'"),
        ({"deadline": -1.0}, "timeout and deadline are above 0"),
        ({"deadline": 0.0}, "timeout and deadline are above 0"),
        ({"priority": "urgent"}, "'interactive' or 'bulk', not 'urgent'"),
        ({"base_url": "smsc.ru"}, "scheme and host only"),
        ({"sender": "longer than eleven"}, "has over 11 characters"),
    ],
)
def test_what_can_never_work_is_refused_when_the_client_is_made(
    options: dict[str, object], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        SmscClient(api_key="key", **options)  # type: ignore[arg-type]


def test_what_can_never_work_is_refused_in_copies_and_calls_too() -> None:
    client = SmscClient(api_key="key")

    with pytest.raises(ValueError, match="above 0"):
        client.with_options(timeout=0)


def test_a_copy_sends_as_its_original_does() -> None:
    async def balance(smsc: SmscClient) -> object:
        return await smsc.with_options(max_wait=1, timeout=2, deadline=3).account.balance()

    _, path, pairs = asked(balance, sample("account.balance/currency.json"))

    assert path == "/sys/balance.php"
    assert pairs["login"] == "alex"


def test_a_senders_name_is_checked_when_the_client_is_made() -> None:
    with pytest.raises(InvalidMessage) as caught:
        SmscClient(api_key="key", sender="1234567890123456")

    assert caught.value.field == "sender"
