"""The address of the account's handler, as it is written in the settings of the account."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import parse_qsl, urlsplit, urlunsplit

Form = Literal["form", "xml", "json"]

CHARSETS: Final = ("windows-1251", "utf-8", "koi8-r")  # the first where none is chosen
FORMS: Final[Mapping[str, Form]] = {"2": "xml", "3": "json"}
ALGORITHMS: Final = ("md5", "sha1", "crc32")
SECRET: Final = re.compile(r"[A-Za-z0-9_-]+")
ELEMENT: Final = re.compile(r"[A-Za-z_][\w.-]*")


@dataclass(frozen=True, slots=True)
class Address:
    """Where to post, and how."""

    url: str
    params: Mapping[str, str] = field(repr=False)  # those that are posted too, the secret as it is
    charset: str
    form: Form
    algorithm: str | None  # the name of the parameter with the secret, too


def address(text: str) -> Address:
    """Read the address of a handler.

    What follows ``!`` in the path becomes the query. What follows ``?`` is posted, and of that the
    parameters with a meaning of their own say how.

    Raises:
        ValueError: it is none, or asks for what the service does not offer.
    """
    parts = urlsplit(text)
    usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    if not usable or re.search(r"\s", text):
        raise ValueError("the address of a handler begins with http:// or https:// and a host")
    named = parse_qsl(parts.query, keep_blank_values=True)
    algorithms = [name for name, _ in named if name in ALGORITHMS]
    if len(algorithms) > 1:
        raise ValueError(f"a handler can ask for one hash, not for {' and '.join(algorithms)}")
    algorithm = algorithms[0] if algorithms else None
    chosen = dict(named)
    if algorithm and not SECRET.fullmatch(chosen[algorithm]):
        raise ValueError("a secret is made of Latin letters, digits, minus signs and underscores")
    charset, form = _chosen(chosen)
    params = dict(parse_qsl(parts.query, keep_blank_values=True, encoding=charset))
    if form == "xml" and (odd := [name for name in params if not ELEMENT.fullmatch(name)]):
        raise ValueError(f"no element of XML can be called {odd[0]!r}")
    path, _, query = parts.path.partition("!")
    url = urlunsplit((parts.scheme, parts.netloc, path or "/", query, ""))
    return Address(url, params, charset, form, algorithm)


def _chosen(params: Mapping[str, str]) -> tuple[str, Form]:
    """Return charset and form; the forms that are no form know no KOI8-R."""
    charset = params.get("charset", CHARSETS[0])
    if charset not in CHARSETS:
        raise ValueError(f"a handler is called in {', '.join(CHARSETS)}, not in {charset!r}")
    if "fmt" not in params:
        return charset, "form"
    if params["fmt"] not in FORMS:
        raise ValueError(f"fmt is 2 for XML or 3 for JSON, not {params['fmt']!r}")
    return CHARSETS[0] if charset == "koi8-r" else charset, FORMS[params["fmt"]]
