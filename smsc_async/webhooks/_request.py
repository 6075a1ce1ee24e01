"""One HTTP request of ASGI: who makes it, and its body."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from contextlib import suppress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final, TypeAlias

Scope: TypeAlias = MutableMapping[str, Any]
Headers: TypeAlias = Mapping[bytes, bytes]  # of each name the last
Event: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Event]]
Send: TypeAlias = Callable[[Event], Awaitable[None]]

Address: TypeAlias = IPv4Address | IPv6Address
Networks: TypeAlias = tuple[IPv4Network | IPv6Network, ...]


class Refused(Exception):
    """The request is answered with ``status``, and why is logged."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(status, reason)
        self.status = status
        self.reason = reason


def networks(name: str, given: Iterable[str]) -> Networks:
    """Return addresses and networks as such; raise ValueError for what is none."""
    if isinstance(given, str):
        raise ValueError(f"{name}: a list of addresses or networks")  # noqa: TRY004 - as below
    try:
        return tuple(_plain_network(ip_network(network)) for network in given)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def header(scope: Scope, name: bytes) -> bytes:
    """Return a header's values as one; nothing where it did not come."""
    return b",".join([value for key, value in scope["headers"] if key == name])


def client_of(scope: Scope, proxies: Networks) -> Address | None:
    """Return who makes the request: the peer, or if that is a listed proxy whom it names.

    Of a chain the last one counts that is no proxy of the list: what stands before it, anybody may
    have written. None where nobody can be told, as on a socket of Unix: no header is believed then.
    """
    peer = scope.get("client")
    if not peer:
        return None
    chain = [peer[0]]
    if proxies:
        named = header(scope, b"x-forwarded-for").decode("latin-1")
        chain = [*(_no_port(name.strip()) for name in named.split(",") if name.strip()), *chain]
    found: Address | None = None
    for name in reversed(chain):
        try:
            found = _plain(ip_address(name))
        except ValueError:
            return None
        if not within(found, proxies):
            break
    return found


def within(address: Address, among: Networks) -> bool:
    """Tell whether one of the networks has this address."""
    return any(address in network for network in among)


def _plain_network(network: IPv4Network | IPv6Network) -> IPv4Network | IPv6Network:
    """Return the IPv4 network that an IPv6 one stands for, as :func:`_plain` does an address."""
    inside = getattr(network.network_address, "ipv4_mapped", None)
    if inside is None or network.prefixlen < _MAPPED:
        return network
    return IPv4Network((inside, network.prefixlen - _MAPPED))


def _no_port(name: str) -> str:
    """Return the address of a name that some balancers write with a port."""
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0] if name.count(":") == 1 else name


def _plain(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 socket shows as its own."""
    return getattr(address, "ipv4_mapped", None) or address


def ends_with(path: str, token: bytes) -> bool:
    """Tell whether the last part of *path* is *token*, in a time that tells nothing."""
    last = path.rstrip("/").rpartition("/")[2]
    return hmac.compare_digest(last.encode(errors="replace"), token)


async def body_of(headers: Headers, receive: Receive, most: int) -> bytes:
    """Return the body. Raises :class:`Refused` if it is too long, or ends before its end."""
    try:
        length = int(headers.get(b"content-length", b"0"))
    except ValueError:  # also for a number of thousands of digits
        raise Refused(400, "a length that is no number") from None
    if length > most:
        raise Refused(413, f"a body of more than {most} bytes")
    event = await receive()
    if event["type"] == "http.request" and not event.get("more_body"):  # as nearly always
        body: bytes = event.get("body", b"")
        if len(body) > most:
            raise Refused(413, f"a body of more than {most} bytes")
        return body
    chunks = bytearray()
    while event["type"] == "http.request":
        chunks += event.get("body", b"")
        if len(chunks) > most:
            raise Refused(413, f"a body of more than {most} bytes")
        if not event.get("more_body"):
            return bytes(chunks)
        event = await receive()
    raise Refused(400, "the client went away before the end of the body")


async def respond(send: Send, status: int) -> None:
    """Answer with *status* and its number as the text, if there is still somebody to answer."""
    headers = _HEADERS if status != METHOD_NOT_ALLOWED else [*_HEADERS, (b"allow", b"POST")]
    with suppress(OSError):  # as a server may say that nobody is there any more
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"%d" % status})


_MAPPED: Final = 96  # the bits of an IPv6 address before the IPv4 one in it
METHOD_NOT_ALLOWED: Final = 405
_HEADERS: Final = [(b"content-type", b"text/plain"), (b"content-length", b"3")]
