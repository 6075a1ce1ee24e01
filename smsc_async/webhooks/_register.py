"""The address to give to the service: pure."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

from ._bodies import CHARSETS, Charset
from ._kinds import KNOWN
from ._signing import DIGESTS, Algorithm, check_algorithm, check_signs, check_strength

_OWN: Final = frozenset({"charset", "fmt", *DIGESTS})
_WRITTEN: Final = re.compile(r"[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=%]+\Z")


def callback_url(
    base: str,
    *,
    secret: str,
    algorithm: Algorithm = "sha1",
    fmt: Literal[2, 3] | None = 3,
    charset: Charset = "utf-8",
    insecure_crc32: bool = False,
) -> str:
    """Return the address to enter in "User settings", which the service calls from then on.

    It holds the secret: keep it as you keep a password. The same ``secret`` and ``algorithm`` go
    to :class:`CallbackApp`, or to :func:`parse`.

    Args:
        base: The https address of your handler; http is for the simulator on this machine.
            Parameters of your own come back with each call, so none may be named like a field of
            the service's.
        secret: At least 22 Latin letters, digits, - and _, such as ``secrets.token_urlsafe()``
            makes; ``secrets`` is the module of Python's.
        algorithm: sha1 is the best that the service has.
        fmt: 3 for JSON, 2 for XML, None for a form.
        charset: UTF-8 alone has every sign. koi8-r is for forms.
        insecure_crc32: Let the sum be used, which anybody can forge who has seen one call.

    Raises:
        ValueError: What the service forbids, or what is weak. The secret is not in it.
    """
    check_signs("secret", secret)
    check_strength("secret", secret)
    check_algorithm(algorithm, insecure_crc32=insecure_crc32)
    if fmt not in {2, 3, None}:
        raise ValueError("fmt: 3 for JSON, 2 for XML, None for a form")
    if charset not in CHARSETS:
        raise ValueError(f"charset: one of {', '.join(CHARSETS)}")
    if fmt is not None and charset == "koi8-r":
        raise ValueError("charset: the service uses koi8-r for forms alone, so not with fmt")
    try:
        parts = urlsplit(base)
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and _is_here(parts.hostname))
        is_address = is_safe and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
        parts = urlsplit("")
    if not is_address or not _WRITTEN.match(base):
        raise ValueError("base: an https address, without # and spaces; the rest percent-encoded")
    if parts.username is not None:
        raise ValueError("base: no user and password; a secret path or the secret tell as much")
    sent = [parts.path.partition("!")[2], parts.query]  # what stands behind ! goes by GET
    names = [name for text in sent for name, _ in parse_qsl(text, keep_blank_values=True)]
    if not _OWN.isdisjoint(names):
        raise ValueError("base: charset, fmt and the secret are added here")
    if not KNOWN.isdisjoint(names) or len(set(names)) != len(names):
        raise ValueError("base: a parameter comes back, and another field has its name already")
    own: dict[str, str] = {"charset": charset}
    if fmt is not None:
        own["fmt"] = str(fmt)
    own[algorithm] = secret
    return f"{base}{'&' if parts.query else '' if base.endswith('?') else '?'}{urlencode(own)}"


def _is_here(host: str | None) -> bool:
    """Tell whether nobody can listen on the way."""
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False
