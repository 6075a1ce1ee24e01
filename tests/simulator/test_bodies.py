"""Forms with files and JSON bodies are read as strictly as they are to be written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from smsc_async.simulator import Settings, Simulator
from smsc_async.simulator import _form as forms
from smsc_async.simulator import _simulator as simulators
from tests.simulator.posting import PHONE, opened

LOGIN = {"login": "demo", "psw": "demo"}
KIND = "multipart/form-data; boundary=x"
FIELD = b'--x\r\nContent-Disposition: form-data; name="mes"\r\n\r\nhi\r\n'
FILE = (
    b'--x\r\nContent-Disposition: form-data; name="file0"; filename="a.mp3"\r\n'
    b"Content-Type: audio/mpeg\r\n\r\nabc\r\n"
)
END = b"--x--\r\n"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (FIELD + END, KIND),
        (FIELD + b"--x--", KIND),
        (FIELD + END, 'multipart/form-data; boundary="x"; charset=utf-8'),
        (FIELD.replace(b"C", b"c").replace(b"; ", b";") + END, KIND),
        (FIELD.replace(b"hi", b"hi\r\n--y\r\n") + END, KIND),
    ],
)
def test_a_form_with_parts_may_be_written_in_some_ways(body: bytes, kind: str) -> None:
    form = forms.read(b"", body, kind)

    assert not form.broken
    assert form.params["mes"].startswith("hi")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (FIELD + END, "multipart/form-data"),
        (FIELD + END, "multipart/form-data; boundary="),
        (b"", KIND),
        (b"preamble\r\n" + FIELD + END, KIND),
        (FIELD, KIND),
        (FIELD + FILE[:-5], KIND),
        (FIELD + END + b"epilogue", KIND),
        (FIELD.replace(b"\r\n\r\n", b"\r\n") + END, KIND),
        (FIELD.replace(b"--x\r\n", b"--x \r\n") + END, KIND),
        (FIELD.replace(b"form-data", b"attachment") + END, KIND),
        (FIELD.replace(b'name="mes"', b"name=mes") + END, KIND),
        (FIELD.replace(b"mes", b"\xff") + END, KIND),
        (FIELD.replace(b"Content-Disposition", b"Content-Location") + END, KIND),
        (FILE.replace(b"Content-Disposition", b"Content-Type") + END, KIND),
    ],
)
async def test_a_form_whose_parts_cannot_be_told_apart_is_an_error_in_parameters(
    body: bytes, kind: str
) -> None:
    async with opened() as (simulator, sender):
        answer = await sender.http.post(
            "/sys/send.php?fmt=3", content=body, headers={"content-type": kind}
        )

    assert answer.json() == {"error": "parameters error", "error_code": 1}
    assert [request.code for request in simulator.log] == [1]


async def test_the_files_of_a_request_can_be_seen() -> None:
    async with opened() as (simulator, sender):
        form = LOGIN | {"fmt": "3", "phones": PHONE, "mms": "1", "subj": "photo"}
        files = [("file0", ("a.jpg", b"abc")), ("file1", ("b.txt", b""))]
        answer = await sender.http.post("/sys/send.php", data=form, files=files)

    assert answer.json()["cnt"] == 1
    ((first, second),) = [request.files for request in simulator.log]
    assert first == ("file0", "a.jpg", "image/jpeg", 3, hashlib.sha256(b"abc").hexdigest())
    assert (second.field, second.name, second.kind, second.size) == (
        "file1",
        "b.txt",
        "text/plain",
        0,
    )
    assert simulator.accepted[0].request == simulator.log[0].number


@pytest.mark.parametrize(
    ("identical", "told"), [("message", [0, 9, 9]), ("no_id", [0, 0, 9]), ("all", [0, 0, 9])]
)
async def test_whether_other_files_are_another_message_is_a_setting(
    identical: Any,  # noqa: ANN401 - a Literal
    told: list[int],
) -> None:
    async with opened(Settings(identical=identical)) as (_, sender):
        form = LOGIN | {"fmt": "3", "phones": PHONE, "mms": "1", "subj": "x"}
        codes = [
            answer.json().get("error_code", 0)
            for content in (b"one", b"two", b"one")
            for answer in [
                await sender.http.post("/sys/send.php", data=form, files={"file0": ("a", content)})
            ]
        ]

    assert codes == told


async def test_with_a_text_other_files_make_no_other_message() -> None:
    async with opened() as (_, sender):
        form = LOGIN | {"fmt": "3", "phones": PHONE, "mms": "1", "mes": "hi"}
        first, second = [
            await sender.http.post("/sys/send.php", data=form, files={"file0": ("a", content)})
            for content in (b"one", b"two")
        ]

    assert "error_code" not in first.json()
    assert second.json()["error_code"] == 9


async def posted(body: object, simulator: Simulator) -> Any:  # noqa: ANN401 - it is JSON
    transport = httpx.ASGITransport(app=simulator.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://simulator") as http:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = await http.post(
            "/rest/send/", content=content, headers={"content-type": "application/json"}
        )
        return json.loads(answer.content)


async def test_a_send_may_be_json_and_is_answered_in_json() -> None:
    async with Simulator() as simulator:
        told = await posted(
            LOGIN | {"phones": PHONE, "mes": "привет: 😀", "cost": 3, "flash": True, "period": 0.5},
            simulator,
        )

    assert told["cnt"] == 1
    assert told["balance"] == "998.8"
    (message,) = simulator.accepted
    assert (message.text, message.kind) == ("привет: 😀", "flash")


async def test_the_form_of_an_answer_to_json_may_be_asked_for() -> None:
    async with Simulator() as simulator:
        asked = LOGIN | {"phones": PHONE, "mes": "hi", "cost": 1, "fmt": 3}

        assert await posted(asked, simulator) == {"cost": "1.2", "cnt": 1}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"login=demo",
        b"\xff{}",
        b"[" * 100_000,
        LOGIN | {"phones": [PHONE], "mes": "hi"},
        LOGIN | {"phones": PHONE, "mes": None},
        b'{"login": "demo", "psw": "demo", "phones": NaN}',
    ],
    ids=range(9),
)
async def test_malformed_json_is_an_error_in_parameters(body: object) -> None:
    async with Simulator() as simulator:
        told = await posted(body, simulator)

    assert told == {"error": "parameters error", "error_code": 1}
    assert [request.code for request in simulator.log] == [1]
    assert simulator.accepted == []


async def test_what_does_not_say_that_it_is_json_is_not_read() -> None:
    async with opened() as (_, sender):
        answer = await sender.http.post("/rest/send/", data=LOGIN | {"phones": PHONE, "mes": "hi"})

    assert answer.json()["error_code"] == 1


async def test_both_addresses_of_a_send_are_counted_as_one() -> None:
    async with opened() as (simulator, sender):
        first = await sender.json("send.php", phones=PHONE, mes="hi")
        told = await posted(LOGIN | {"phones": PHONE, "mes": "hi"}, simulator)

    assert first["cnt"] == 1
    assert told["error_code"] == 9


async def test_the_credentials_in_json_must_be_right() -> None:
    async with Simulator() as simulator:
        told = await posted({"login": "demo", "psw": "?", "phones": PHONE, "mes": "hi"}, simulator)

    assert told["error_code"] == 2


async def test_a_request_may_not_be_endless() -> None:
    piece = b"x" * 2**20

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(simulators.MOST_BYTES // len(piece) + 1):
            yield piece

    async with opened() as (simulator, sender):
        answer = await sender.http.post("/sys/send.php", content=endless())

    assert answer.status_code == 413
    assert simulator.requests == 0
