"""Addresses of files that the service fetches: no door into anybody's private network."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final

from .errors import InvalidMessage

_LONGEST: Final = 2000
# What an address may be written with. It leaves out blanks, control signs and backslashes, at
# which readers of addresses differ, and letters that are not ASCII, which some turn into others.
_WRITTEN = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+\Z")
_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9.\-]+)(?::443)?\Z")
_LABEL = re.compile(r"(?!-)[a-z0-9\-]{1,63}(?<!-)\Z")
_NUMBER = re.compile(r"[0-9]+\Z|0x[0-9a-f]*\Z")
# Names that are never public: the special-use names of RFC 6761, 6762, 7686, 8375 and 9476, the
# ones that ICANN keeps for private use or will not delegate, and what home routers use.
_PRIVATE: Final = (
    *("alt", "corp", "example", "home", "home.arpa", "internal", "invalid", "lan", "local"),
    *("localdomain", "localhost", "mail", "onion", "test"),
)
# Routable by their tables, and yet for a purpose: the protocols of a network itself, and tunnels,
# which hold an IPv4 address. Outside of _UNICAST_6 are all others that hold one.
_APART_4: Final = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"))
_UNICAST_6: Final = IPv6Network("2000::/3")
_APART_6: Final = (IPv6Network("2001::/23"), IPv6Network("2002::/16"), IPv6Network("3fff::/20"))


def check_file_url(url: object) -> None:
    """Raise :class:`InvalidMessage` unless the service may be asked to fetch *url*.

    Such an address often comes from a user. The service, or whoever is asked in its place, must
    not be led into a private network by it, nor learn a password from it: https only, port 443,
    a public name with a dot or a public address in its usual form. What a name leads to is not
    looked up, for it would be another answer when the service asks. The address is not repeated.
    """
    if not isinstance(url, str):
        raise InvalidMessage("fileurl", "is a text")
    if len(url) > _LONGEST:
        raise InvalidMessage("fileurl", f"has over {_LONGEST} characters")
    if not _WRITTEN.match(url):
        raise InvalidMessage("fileurl", "has a character that is to be written as %XX, or as xn--")
    scheme, _, rest = url.lower().partition("://")
    authority = rest.partition("/")[0]
    if scheme != "https":
        raise InvalidMessage("fileurl", "begins with https://")
    if not (found := _AUTHORITY.match(authority)):
        raise InvalidMessage("fileurl", "has no user, a host, no port but 443, and then a slash")
    if not _is_public(found[1]):
        raise InvalidMessage(
            "fileurl", "leads to a public name, or to a public address in its usual form"
        )


def _is_public(host: str) -> bool:
    if host.startswith("["):
        return _is_public_6(host[1:-1])
    if _NUMBER.match(host.rpartition(".")[2]):  # then its readers take it for an address
        return _is_public_4(host)
    return _is_public_name(host)


def _is_public_4(host: str) -> bool:
    try:
        address = IPv4Address(host)
    except ValueError:  # decimal, octal, hexadecimal and short forms among them
        return False
    apart = address.is_multicast or address.is_reserved or any(address in net for net in _APART_4)
    return address.is_global and not apart


def _is_public_6(host: str) -> bool:
    try:
        address = IPv6Address(host)
    except ValueError:
        return False
    apart = any(address in network for network in _APART_6)
    return address.is_global and address in _UNICAST_6 and not apart


def _is_public_name(host: str) -> bool:
    labels = host.split(".")
    return (
        len(host) < 254  # noqa: PLR2004 - the longest name that DNS holds is 253
        and len(labels) > 1
        and all(map(_LABEL.match, labels))
        and not any(f".{host}".endswith(f".{name}") for name in _PRIVATE)
        and all(_is_idna(label) for label in labels if label.startswith("xn--"))
    )


def _is_idna(label: str) -> bool:
    try:
        label.encode("ascii").decode("idna")  # there and back, by the narrower rules of 2003
    except UnicodeError:
        return False
    return True
