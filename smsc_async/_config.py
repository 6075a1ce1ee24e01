"""Where the service is and who calls it: read from arguments, else from the environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

import msgspec

from ._codec import encode
from ._slices import at_once
from ._wire import codes
from ._wire.secret import Secret
from ._wire.values import digest

DEFAULT_URL = f"https://{codes.HOSTS[0]}"

_NO_TEXT = re.compile("[\ud800-\udfff]")  # what stands for undecodable bytes in an environment
_STRANGE = re.compile(r"[^\w.:/\[\]\-]|\][^:]")  # what readers of addresses disagree about


class Account(msgspec.Struct, frozen=True):
    """Who calls: the credentials as they end a form, and what names the account."""

    credentials: Secret
    name: bytes


def account(
    api_key: str | None,
    login: str | None,
    password: str | None,
    name: str | None,
    environ: Mapping[str, str],
) -> Account:
    """Return the credentials that were given, else those of the environment.

    *name* tells which clients share a throttle; without it, the login or the key does.
    """
    if api_key is None and login is None and password is None:
        api_key = environ.get("SMSC_API_KEY") or None
        if api_key is None:
            login = environ.get("SMSC_LOGIN") or None
            password = environ.get("SMSC_PASSWORD") or None
    if api_key is not None and (login is not None or password is not None):
        raise ValueError("pass api_key, or login and password, not both")
    if _NO_TEXT.search(f"{api_key}{login}{password}"):  # urlencode() would quote it in its error
        raise ValueError("the credentials hold bytes that are no text in UTF-8")
    if api_key:
        form, named = {"apikey": api_key}, ("key", api_key)
    elif login and password:
        form, named = {"login": login, "psw": password}, ("login", login.casefold())
    else:
        raise ValueError(
            "no credentials: pass api_key=, or login= and password=, or set SMSC_API_KEY, or "
            "SMSC_LOGIN and SMSC_PASSWORD"
        )
    return Account(
        Secret(b"&" + at_once(encode(form))), digest("account", name) if name else digest(*named)
    )


def base_url(given: str | None, environ: Mapping[str, str]) -> str:
    """Return the address of the service, without a slash at its end.

    Credentials go there, so it is https, but for a server on this machine. An address of the
    environment is held to the same.
    """
    url = (given or environ.get("SMSC_URL") or DEFAULT_URL).rstrip("/")
    try:
        parts = urlsplit(url)
        beside = (parts.username, parts.password, parts.path, parts.query, parts.fragment)
        host = None if any(beside) or parts.port == 0 or _STRANGE.search(url) else parts.hostname
    except ValueError:  # its text quotes what stands there, which may be a password
        host = None
    if not host:
        raise ValueError("base_url is scheme and host only, such as https://smsc.ru")
    schemes = ("https://", "http://") if _is_loopback(host) else ("https://",)
    if not url.lower().startswith(schemes):
        raise ValueError("base_url begins with https://; http is for a server on this machine only")
    return url


def hosts(url: str) -> tuple[str, ...]:
    """Return where a call goes, without the path: the main host, then its backup."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix(codes.BACKUP).rstrip(".")
    if host not in codes.HOSTS or parts.port:
        return (url,)
    first = parts.hostname or ""
    second = host if first.startswith(codes.BACKUP) else codes.BACKUP + host
    return tuple(f"{parts.scheme}://{name}" for name in (first, second))


def family(url: str) -> str:
    """Return what the hosts that count together have in common."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix(codes.BACKUP).rstrip(".")
    usual = 443 if parts.scheme == "https" else 80
    return host if parts.port in (None, usual) else f"{host}:{parts.port}"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
