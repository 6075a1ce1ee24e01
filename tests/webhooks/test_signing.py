"""A callback is taken only with the hash that its secret makes of it, compared in even time."""

from __future__ import annotations

import ast
import random
import re
import zlib
from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path
from typing import cast

import pytest

from smsc_async import webhooks
from smsc_async.webhooks import (
    Algorithm,
    BadCallback,
    CallConfirmation,
    IncomingMessage,
    SignatureMismatch,
    StatusReport,
    parse,
)

from . import service
from .service import CALL, HASHES, MESSAGE, OTHER_SECRET, SECRET, SIGNED, STATUS, form, signed

ROOT = Path(webhooks.__file__).parent
ROWS = {"status": STATUS, "message": MESSAGE, "call": CALL}
ALGORITHMS: tuple[Algorithm, ...] = ("md5", "sha1", "crc32")
every_kind = pytest.mark.parametrize("kind", ROWS)
every_algorithm = pytest.mark.parametrize("algorithm", ALGORITHMS)


def is_taken(row: dict[str, str], algorithm: Algorithm = "sha1") -> bool:
    try:
        parse(form([row], "utf-8"), secret=(OTHER_SECRET, SECRET), algorithm=algorithm)
    except SignatureMismatch:
        return False
    return True


def damaged(digest: str) -> Iterator[str]:
    """List what is nearly a hash."""
    yield ""
    for end in range(1, len(digest)):
        yield digest[:end]
        yield digest[end:]
    yield from (f"{digest}0", f"0{digest}", f"{digest}:", f"{digest},{digest}", digest * 2)
    yield from (f"{digest}\0", f"0x{digest}", f"{digest[:-1]}\u0430", "\u0660" * len(digest))
    for at in range(len(digest)):
        yield f"{digest[:at]}{'1' if digest[at] == '0' else '0'}{digest[at + 1 :]}"
        yield f"{digest[:at]}é{digest[at + 1 :]}"
    yield from ("null", "true", "[]", "None", "-", "*", "%", "sha1", SECRET, "9" * 5000)


@every_kind
@pytest.mark.parametrize("how", [how for how in HASHES if " " not in how])
def test_a_hash_that_is_cut_longer_or_changed_is_refused(kind: str, how: str) -> None:
    row = signed(kind, ROWS[kind], how=how)
    algorithm = cast("Algorithm", how)

    assert is_taken(row, algorithm)
    assert is_taken({**row, how: row[how].upper()}, algorithm)
    right = {write(text_of(kind, row)).lower() for name, write in HASHES.items() if how in name}
    for digest in damaged(row[how]):
        if digest not in right:
            assert not is_taken({**row, how: digest}, algorithm), digest
    del row[how]
    assert not is_taken(row, algorithm)


def text_of(kind: str, row: dict[str, str], secret: str = SECRET) -> bytes:
    return ("".join(f"{row[name]}:" for name in SIGNED[kind]) + secret).encode()


@every_kind
@every_algorithm
def test_a_change_of_any_signed_field_is_found(kind: str, algorithm: Algorithm) -> None:
    row = signed(kind, ROWS[kind], how=algorithm)

    for name in SIGNED[kind]:
        last = "7" if row[name][-1] != "7" else "8"
        assert not is_taken({**row, name: row[name][:-1] + last}, algorithm), name


@every_kind
@every_algorithm
def test_ten_thousand_forgeries_are_refused(kind: str, algorithm: Algorithm) -> None:
    chance = random.Random(f"{kind} {algorithm}")
    row = signed(kind, ROWS[kind], how=algorithm)
    length = len(row[algorithm])

    for _ in range(1_200):  # of each kind and algorithm
        forged = "".join(chance.choices("0123456789abcdef", k=length))
        assert not is_taken({**row, algorithm: forged}, algorithm)


@every_kind
@pytest.mark.parametrize("secret", [f"{SECRET}a", SECRET[:-1], SECRET.lower(), "", f"x{SECRET}"])
def test_another_secret_is_none(kind: str, secret: str) -> None:
    for algorithm in ALGORITHMS:
        assert not is_taken(signed(kind, ROWS[kind], how=algorithm, secret=secret), algorithm)


@every_kind
@pytest.mark.parametrize(
    ("used", "asked"), [(a, b) for a in ALGORITHMS for b in ALGORITHMS if a != b]
)
def test_only_the_algorithm_that_is_asked_for_counts(
    kind: str, used: Algorithm, asked: Algorithm
) -> None:
    row = signed(kind, ROWS[kind], how=used)

    assert not is_taken(row, asked)
    assert not is_taken({**row, asked: row[used]}, asked)
    both = signed(kind, row, how=asked)
    assert not is_taken(both, asked)
    assert not is_taken(both, used)
    assert not is_taken({**signed(kind, ROWS[kind], how=asked), used: ""}, asked)


@every_kind
def test_what_is_not_signed_may_be_anything(kind: str) -> None:
    row = signed(kind, ROWS[kind])

    assert is_taken({**row, "charset": "utf-8", "fmt": "3", "ts2": "x", "syserr": "y"})


def test_a_hash_over_an_unsigned_form_of_the_text_is_none() -> None:
    """The colon before the secret counts, and the order of the fields."""
    for text in (
        f"123456:79991234567:1{SECRET}",
        f"123456:79991234567:1:{SECRET}:",
        f"79991234567:123456:1:{SECRET}",
        f"{SECRET}:123456:79991234567:1",
    ):
        assert not is_taken({**STATUS, "sha1": HASHES["sha1"](text.encode())})


FORMS = {"status": StatusReport, "message": IncomingMessage, "call": CallConfirmation}


def splits(text: str, parts: int) -> Iterator[list[str]]:
    """List all ways to take *text* for that many fields with colons between."""
    at = [place for place, sign in enumerate(text) if sign == ":"]
    for chosen in combinations(at, parts - 1):
        edges = [-1, *chosen, len(text)]
        yield [text[a + 1 : b] for a, b in pairwise(edges)]


def made_up(chance: random.Random, kind: str) -> list[str]:
    """Return signed fields of a kind that it may have, as like those of another as can be."""

    def digits(least: int, most: int) -> str:
        return str(chance.randrange(10 ** (least - 1), 10 ** chance.randint(least, most)))

    match kind:
        case "status":
            phone = chance.choice([digits(3, 12), f"+{digits(3, 9)}", "a@b.ru", digits(9, 11)])
            return [digits(1, 20), phone, str(chance.randint(-9, 99))]
        case "message":
            words = [digits(1, 11), str(chance.randint(-9, 99)), "", "+", "x", "1 2"]
            text = ":".join(chance.choices(words, k=chance.randint(1, 3)))
            return [digits(3, 20), text, digits(3, 11)]
        case _:
            return [digits(3, 20), digits(9, 11)]


def test_what_was_signed_as_one_is_never_read_as_another() -> None:
    """Whoever has a callback may cut its signed text into other fields; none are such."""
    chance = random.Random(1)
    read = forged = 0
    while read < 100_000:
        kind = chance.choice(sorted(ROWS))
        fields = made_up(chance, kind)
        text = ":".join(fields)
        digest = HASHES["md5"](f"{text}:{SECRET}".encode())
        for other, names in SIGNED.items():
            for parts in splits(text, len(names)):
                row = dict(zip(names, parts, strict=True), md5=digest)
                if other == "call":
                    row["waitcall"] = "1"
                read += 1
                try:
                    (found,) = parse(form([row], "utf-8"), secret=SECRET, algorithm="md5")
                except BadCallback:
                    continue
                assert (other, parts) == (kind, fields)
                assert type(found) is FORMS[kind]
                forged += 1
    assert forged > 10_000  # the genuine ones


def test_a_sum_of_crc32_can_be_forged_from_one_callback() -> None:
    """So it is no protection: the difference of two sums does not depend on the secret.

    To know the length of the secret is enough, and there are not many to try.
    """
    seen = signed("status", STATUS, how="crc32")
    wanted = {**STATUS, "status": "2"}
    before, after = text_of("status", seen, ""), text_of("status", wanted, "")
    taken = 0
    for length in range(1, 65):
        nothing = bytes(length)
        forged = int(seen["crc32"]) ^ zlib.crc32(before + nothing) ^ zlib.crc32(after + nothing)
        taken += is_taken({**wanted, "crc32": str(forged)}, "crc32")

    assert taken == 1


def test_a_forged_sum_does_not_help_with_another_algorithm() -> None:
    seen = signed("status", STATUS, how="crc32")

    for algorithm in ("md5", "sha1"):
        assert not is_taken({**STATUS, algorithm: seen["crc32"]}, algorithm)


SECRETS = re.compile(r"digest|claimed|reveal|token|secret|hash")


def compared(tree: ast.AST) -> Iterator[str]:
    """List what is compared by ``==`` and the like, by the names that stand there."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and not all(
            isinstance(how, ast.Is | ast.IsNot) for how in node.ops
        ):
            for part in ast.walk(node):
                if isinstance(part, ast.Name):
                    yield part.id
                elif isinstance(part, ast.Attribute):
                    yield part.attr


def secrets_compared(tree: ast.AST) -> list[str]:
    return [name for name in compared(tree) if SECRETS.search(name)]


@pytest.mark.parametrize("path", sorted(ROOT.glob("*.py")), ids=lambda path: path.stem)
def test_no_digest_is_compared_but_in_even_time(path: Path) -> None:
    assert secrets_compared(ast.parse(path.read_text("utf-8"))) == []


def test_a_comparison_of_digests_would_be_found() -> None:
    for text in ("a if digest == claimed else b", "x.hexdigest() != y", "token in tokens"):
        assert secrets_compared(ast.parse(text))
    assert "hmac.compare_digest(digest, claimed)" in (ROOT / "_signing.py").read_text("utf-8")


def test_every_way_to_write_a_sum_is_another_text() -> None:
    data = next(str(at).encode() for at in range(10_000) if zlib.crc32(str(at).encode()) >= 1 << 31)
    small = next(str(at).encode() for at in range(10_000) if zlib.crc32(str(at).encode()) < 1 << 28)
    ways = [write for name, write in service.HASHES.items() if name.startswith("crc32")]

    assert int(HASHES["crc32 with a sign"](data)) < 0
    assert len({way(data) for way in ways}) >= 3
    assert HASHES["crc32 in 8 digits"](small) != HASHES["crc32 without zeros"](small)
