"""Why an exchange failed, in words for a person: plain functions.

Nothing of what the other side said is repeated, for it may be any text, the form itself included.
"""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterator
from http import HTTPStatus
from typing import cast

_REDIRECTS = range(300, 400)
_SYSTEM = {
    socket.gaierror: "the name does not resolve",
    ConnectionRefusedError: "connection refused",
    ConnectionError: "the connection was reset",
}
_PROTOCOL = {
    "Receive buffer too long": "an answer whose head has no end",
    "peer closed connection": "the answer was cut short",
    "Response payload is not completed": "the answer was cut short",
}


def failure(error: BaseException, *, within: float, left: bool, heard: bool) -> str:
    """Say what *error* of an HTTP library means.

    *within* is how long connecting was allowed to take, in seconds; *left* and *heard* say whether
    a byte of the request may have left, and whether one of the answer came.
    """
    for cause in _causes(error):
        if found := _of_system(cause):
            return found
    return _of_library(type(error).__name__, str(error), within, left=left, heard=heard)


def status(number: int) -> str:
    """Say what an HTTP status other than 200 means."""
    try:
        named = f"HTTP {number} {HTTPStatus(number).phrase}"
    except ValueError:
        named = f"HTTP {number}"
    return f"{named}, a redirect, which is not followed" if number in _REDIRECTS else named


def _of_library(name: str, text: str, within: float, *, left: bool, heard: bool) -> str:
    """Say what an error of an HTTP library means, by its name and how its own text begins.

    The names are ours, httpcore's and httpx's alike; the texts are also those of aiohttp.
    """
    if name == "ConnectTimeout":
        return f"no connection within {within:g} s"
    if name == "ProxyError" and text[:3].isdecimal():
        return f"the proxy refused with HTTP {text[:3]}"
    if name != "RemoteProtocolError":
        return name if left else f"no connection: {name}"
    for beginning, meaning in _PROTOCOL.items():
        if text.startswith(beginning):
            return meaning
    return "an answer that is no HTTP" if heard else "the connection was closed without an answer"


def _of_system(error: BaseException) -> str | None:
    """Say what an error of Python's own modules means; the words are OpenSSL's and libc's."""
    if isinstance(error, ssl.SSLCertVerificationError):
        # aiohttp's own error of this kind wraps the one that knows why.
        why: str | None = getattr(error, "verify_message", None)
        return why and f"TLS: the certificate does not hold: {why}"
    if isinstance(error, ssl.SSLError):
        named: str = getattr(error, "reason", None) or type(error).__name__
        return f"TLS: {named.replace('_', ' ').lower()}"
    for kind, meaning in _SYSTEM.items():
        if isinstance(error, kind):
            return meaning
    if isinstance(error, OSError) and error.errno is not None:
        return os.strerror(error.errno).lower()
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Give *error* and what lies beneath it; of several tries to connect the first."""
    known: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in known:
        known.add(id(found))
        yield found
        found = _first(found) or found.__cause__ or found.__context__


def _first(error: BaseException) -> BaseException | None:
    if not isinstance(error, BaseExceptionGroup):
        return None
    return cast("BaseExceptionGroup[BaseException]", error).exceptions[0]
