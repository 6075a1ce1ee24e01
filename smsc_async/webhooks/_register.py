"""The address to give to the service: pure."""

from __future__ import annotations

from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

from ._bodies import CHARSETS, Charset
from ._signing import DIGESTS, Algorithm, check_algorithm, check_signs, check_strength

_OWN = frozenset({"charset", "fmt", *DIGESTS})


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
        base: The https address of your handler. Parameters of your own come back with each call.
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
        is_address = parts.scheme == "https" and bool(parts.hostname) and not parts.fragment
    except ValueError:
        is_address = False
        parts = urlsplit("")
    if not is_address or not base.isascii() or not base.isprintable() or " " in base:
        raise ValueError("base: an https address, without # and spaces; the rest percent-encoded")
    if parts.username is not None:
        raise ValueError("base: no user and password; a secret path or the secret tell as much")
    taken = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    taken |= {name for name, _ in parse_qsl(parts.path.partition("!")[2], keep_blank_values=True)}
    if taken & _OWN:
        raise ValueError("base: charset, fmt and the secret are added here")
    own: dict[str, str] = {"charset": charset}
    if fmt is not None:
        own["fmt"] = str(fmt)
    own[algorithm] = secret
    return f"{base}{'&' if parts.query else '' if base.endswith('?') else '?'}{urlencode(own)}"
