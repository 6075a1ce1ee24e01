"""What a direct connection makes of each way to answer, and when it is used again."""

from __future__ import annotations

import asyncio
import re

import pytest

from smsc_async._transport.direct import HEAD
from smsc_async._transport.http import Answer, Http, Lost
from tests.transport.sockets import OK, content, serving


async def read(reader: asyncio.StreamReader) -> bytes:
    """Read a request whole; empty at the end of its connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    (size,) = re.findall(rb"content-length: (\d+)", head.lower())
    return head + await reader.readexactly(int(size))


async def twice(answer: bytes, *, closes: bool = False) -> tuple[list[Answer | Lost], int]:
    """Post twice where each is answered so; return what came of it, and over how many sockets."""
    sockets = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sockets
        sockets += 1
        while await read(reader):
            writer.write(answer)
            if closes:
                return

    async with serving(serve) as (url, connections):
        http = Http(connections)
        found = [await http.post(url, content(body), 30) for body in (b"one", b"two")]
    return found, sockets


CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: A\r\n\r\n"
    b"1\r\nO\r\n1;a=b\r\nK\r\n0\r\nA: b\r\n\r\n"
)
EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (OK, 200, b"OK"),
        (CHUNKED, 200, b"OK"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + EARLY + OK, 200, b"OK"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 304, b""),
    ],
    ids=["with a length", "chunked", "after others", "no content", "not modified"],
)
async def test_an_answer_that_is_whole_leaves_its_connection_of_use(
    answer: bytes, status: int, body: bytes
) -> None:
    assert await twice(answer) == ([Answer(status, body)] * 2, 1)


@pytest.mark.parametrize("more", [b"\r\n", OK, b"HTTP/1.1 500 "], ids=["a line", "whole", "begun"])
async def test_what_comes_with_an_answer_is_not_taken_for_the_next_one(more: bytes) -> None:
    assert await twice(OK + more) == ([Answer(200, b"OK")] * 2, 2)


@pytest.mark.parametrize(
    "answer",
    [
        OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"),
        OK.replace(b"HTTP/1.1", b"HTTP/1.0"),
        b"HTTP/1.1 200 OK\r\n\r\nOK",
        b"HTTP/1.0 200 OK\r\n\r\nOK",
    ],
    ids=["that says so", "of old", "without a length", "without a length, of old"],
)
async def test_an_answer_that_ends_its_connection_is_read_to_its_end(answer: bytes) -> None:
    assert await twice(answer, closes=True) == ([Answer(200, b"OK")] * 2, 2)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: " + 2 * HEAD * b"a" + b"\r\nContent-Length: 2\r\n\r\nOK",
        b"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nOK",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nOK",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"",
    ],
    ids=["to another protocol", "long head", "no length", "two lengths", "none yet", "none"],
)
async def test_what_is_no_answer_leaves_the_outcome_unknown_and_its_connection_unused(
    answer: bytes,
) -> None:
    ended, sockets = await twice(answer, closes=True)

    assert [one.left for one in ended if isinstance(one, Lost)] == [True, True]
    assert sockets == 2
