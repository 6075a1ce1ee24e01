"""What a request brings: a form, JSON, or a form with files; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from urllib.parse import parse_qsl

import msgspec

from ._codec import encode
from ._slices import Work
from ._upload import Taken
from ._wire import codes
from ._wire.secret import Secret

_ESCAPED = str.maketrans({"\r": "%0D", "\n": "%0A", '"': "%22"})


class Content(msgspec.Struct, frozen=True):
    """The bytes of a request, the same each time that it goes out, their kind, and their way."""

    path: str
    kind: str
    parts: tuple[Secret | Taken, ...]

    @property
    def size(self) -> int:
        """Return how many bytes it has."""
        return sum(
            part.size if isinstance(part, Taken) else len(part.reveal()) for part in self.parts
        )


def content(
    script: str,
    pairs: Mapping[str, str],
    credentials: Secret,
    files: Mapping[str, Taken],
    *,
    json_body: bool,
) -> Work[Content]:
    """Return what to post: a form, with *files* one that has parts, or a send as JSON if wanted.

    *credentials* are the end of a form.
    """
    path = codes.FOLDER + script
    # Nothing may fail once the credentials are shown: an error would carry them in its frames.
    if files:
        kind, parts = multipart(pairs, credentials, files)
        return Content(path, kind, parts)
    if json_body and script == codes.SEND:
        begun = msgspec.json.encode({**pairs, "fmt": int(pairs["fmt"])})[:-1]
        whole = begun + b"," + msgspec.json.encode(dict(_shown(credentials)))[1:]
        return Content(codes.REST, "application/json", (Secret(whole),))
    form = yield from encode(pairs)
    whole = form + credentials.reveal()
    return Content(path, "application/x-www-form-urlencoded", (Secret(whole),))


def multipart(
    pairs: Mapping[str, str], credentials: Secret, files: Mapping[str, Taken]
) -> tuple[str, tuple[Secret | Taken, ...]]:
    """Return the content type and the parts of *pairs* and *files*, written as browsers do."""
    fields = [_field(name, value) for name, value in pairs.items()]
    heads = [_head(name, file) for name, file in files.items()]
    seeds = [*fields, *heads, *(file.digest for file in files.values())]
    texts = [*fields, *(_field(name, value) for name, value in _shown(credentials)), *heads]
    boundary = _boundary(seeds, texts)
    line = b"--" + boundary + b"\r\n"
    before = b"".join(line + field + b"\r\n" for field in texts[: -len(heads)])
    parts: list[Secret | Taken] = []
    for head, file in zip(heads, files.values(), strict=True):
        parts += [Secret(before + line + head), file]
        before = b"\r\n"
    parts.append(Secret(b"\r\n--" + boundary + b"--\r\n"))
    return f"multipart/form-data; boundary={boundary.decode('ascii')}", tuple(parts)


def _shown(credentials: Secret) -> list[tuple[str, str]]:
    return parse_qsl(credentials.reveal().decode("ascii"))


def _field(name: str, value: str) -> bytes:
    return f'Content-Disposition: form-data; name="{_escaped(name)}"\r\n\r\n{value}'.encode()


def _head(name: str, file: Taken) -> bytes:
    disposition = f'form-data; name="{_escaped(name)}"; filename="{_escaped(file.name)}"'
    return f"Content-Disposition: {disposition}\r\nContent-Type: {file.kind}\r\n\r\n".encode()


def _escaped(name: str) -> str:
    return name.translate(_ESCAPED)


def _boundary(seeds: Sequence[bytes], texts: Sequence[bytes]) -> bytes:
    """Return what occurs in none of *texts*, and in a file of *seeds* by no chance worth naming.

    It is read by whoever reads headers, so that no credentials are among what it is made of.
    """
    sponge = blake2b(digest_size=24)
    for seed in seeds:
        sponge.update(len(seed).to_bytes(8, "big") + seed)
    found = sponge.hexdigest().encode("ascii")
    while any(found in text for text in texts):
        sponge.update(found)
        found = sponge.hexdigest().encode("ascii")
    return found
