"""Any script of the service, through the same door."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest

from smsc_async import (
    ApiError,
    BadReply,
    Forbidden,
    InvalidMessage,
    NoMoney,
    NotFound,
    OperationFailed,
    OutcomeUnknown,
    SmscClient,
    SmscError,
)
from smsc_async._wire import codes
from tests.samples import NOW, Answering, asked, sample, unsent
from tests.virtual import run

LOGIN = {"login": "alex", "psw": "123", "fmt": "3", "charset": "utf-8"}


def raw(path: str, params: dict[str, str | int] | None, answer: str) -> tuple[Any, str, Any]:
    async def call(smsc: SmscClient) -> Any:  # noqa: ANN401 - JSON
        return await smsc.raw(path, params)

    return asked(call, sample(answer))


@pytest.mark.parametrize(
    "path", ["info.php", "/info.php", "sys/info.php", "/sys/info.php", "info.php/"]
)
def test_a_script_is_named_with_its_folder_or_without(path: str) -> None:
    reply, asked_at, form = raw(
        path, {"get_operator": 1, "phone": "79999999999"}, "raw/operator.json"
    )

    assert asked_at == "/sys/info.php"
    assert form == {"get_operator": "1", "phone": "79999999999", **LOGIN}
    assert reply["operator"] == "МТС"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "info",
        "INFO.php",
        "info.php?get=1",
        "info.php\n",
        "../info.php",
        "sys/../info.php",
        "sys/sys/info.php",
        "rest/send/",
        "http://example.com/info.php",
        "//example.com/info.php",
        "info.php#x",
        "in fo.php",
        "инфо.php",
    ],
)
def test_anything_but_a_script_is_refused(path: str) -> None:
    with pytest.raises(InvalidMessage) as error:
        unsent(lambda smsc: smsc.raw(path))

    assert error.value.field == "path"
    assert "'info.php'" in error.value.rule


@pytest.mark.parametrize("name", sorted(codes.CREDENTIALS | codes.ANSWER_FORM.keys()))
def test_what_the_client_adds_itself_is_refused(name: str) -> None:
    with pytest.raises(InvalidMessage) as error:
        unsent(lambda smsc: smsc.raw("info.php", {"get_operator": 1, name: "hunter2"}))

    assert error.value.field == "params"
    assert name in error.value.rule
    assert "hunter2" not in str(error.value)


def test_all_names_that_are_refused_are_named() -> None:
    with pytest.raises(InvalidMessage, match="fmt, login, psw: the client adds that itself"):
        unsent(lambda smsc: smsc.raw("info.php", {"psw": "x", "login": "x", "fmt": 1}))


def test_no_parameters_are_needed() -> None:
    reply, path, form = raw("templates.php", None, "raw/groups.json")

    assert (path, form) == ("/sys/templates.php", LOGIN)
    assert reply[0]["cnt"] == "12", "JSON as it came: nothing is converted"


@pytest.mark.parametrize(
    "params", [{"x": 1.5}, {"x": b"1"}, {"x": date.max}, {1: 2}, {"x": ["1"]}, ["x"], "x", 5]
)
def test_a_parameter_of_no_wire_form_is_refused_before_anything_is_sent(
    params: Any,  # noqa: ANN401 - what is wrong
) -> None:
    with pytest.raises(InvalidMessage, match="by the service's names"):
        unsent(lambda smsc: smsc.raw("info.php", params))


@pytest.mark.parametrize("how", [{"path": 5}, {"path": None}, {"path": "info.php", "repeat": "x"}])
def test_a_script_is_called_by_its_name_and_repeated_or_not(how: dict[str, Any]) -> None:
    with pytest.raises(InvalidMessage):
        unsent(lambda smsc: smsc.raw(**how))


@pytest.mark.parametrize("params", [{"x": "secret\ud800"}, {"x\ud800": "secret"}])
def test_what_cannot_be_written_is_named_and_not_shown(params: dict[str, str]) -> None:
    with pytest.raises(InvalidMessage) as error:
        unsent(lambda smsc: smsc.raw("info.php", params))

    assert error.value.field == ("x" if "x" in params else "params")
    assert "secret" not in str(error.value)
    assert (error.value.__cause__, error.value.__context__) == (None, None)


def test_a_plain_ok_is_the_documented_object() -> None:
    reply, _, _ = raw("templates.php", {"del": 1, "id": 5}, "raw/done_plain.txt")

    assert reply == {"result": "OK"}


@pytest.mark.parametrize(
    ("path", "answer", "kind"),
    [
        ("send.php", "no_money.json", NoMoney),
        ("send.php", "denied.json", Forbidden),
        ("get.php", "nothing_found.json", NotFound),
        ("phones.php", "without_text.json", OperationFailed),
        ("get.php", "denied.json", ApiError),
        ("templates.php", "plain_nested.txt", NotFound),
    ],
)
def test_a_number_means_what_it_means_to_the_script(
    path: str, answer: str, kind: type[ApiError]
) -> None:
    with pytest.raises(ApiError) as error:
        raw(path, {"phones": "79990000000", "mes": "x"}, f"errors/{answer}")

    assert type(error.value) is kind
    assert error.value.operation == f"raw {path}"


@pytest.mark.parametrize(
    "file", [b"%PDF-1.7\r\n\xff\x00", b"OK", b"\xef\xbb\xbf phone;status\n", b"", b"{}", b" \n"]
)
def test_a_file_is_returned_as_it_came(file: bytes) -> None:
    reply, path, form = asked(
        lambda smsc: smsc.raw_bytes("downloads.php", {"get_file": 1, "id": 17}), file
    )

    assert reply == file
    assert path == "/sys/downloads.php"
    assert form == {"get_file": "1", "id": "17", **LOGIN}


def test_an_error_in_place_of_a_file_is_raised() -> None:
    with pytest.raises(NotFound) as error:
        asked(
            lambda smsc: smsc.raw_bytes("downloads.php", {"get_file": 1, "id": 17}),
            sample("errors/nothing_found.json"),
        )

    assert error.value.operation == "raw downloads.php"


def test_what_is_no_script_has_no_file_either() -> None:
    with pytest.raises(InvalidMessage, match="path"):
        unsent(lambda smsc: smsc.raw_bytes("file.zip"))


def test_a_raw_send_carries_an_id_too_and_its_own_goes_before() -> None:
    _, _, derived = raw("send.php", {"phones": "79990000000", "mes": "x"}, "send/cost_0.json")
    _, _, given = raw(
        "send.php", {"phones": "79990000000", "mes": "x", "id": 17}, "send/cost_0.json"
    )

    assert derived["id"].startswith("d")
    assert given["id"] == "17"


def test_a_raw_question_carries_none() -> None:
    _, _, form = raw(
        "send.php", {"phones": "79990000000", "mes": "x", "cost": 1}, "price/cost_1.json"
    )

    assert "id" not in form


def outcome(path: str, params: dict[str, str | int], data: bytes) -> tuple[SmscError, int]:
    """Return what a call raises, and how often it went out."""
    transport = Answering(data)

    async def main() -> SmscError:
        async with SmscClient(api_key="key", transport=transport, wall=lambda: NOW) as smsc:
            with pytest.raises(SmscError) as error:
                await smsc.raw(path, params)
            return error.value

    return run(main()), len(transport.forms)


def test_a_question_is_asked_again_when_the_answer_cannot_be_read() -> None:
    error, times = outcome("get.php", {"get_price": 1}, sample("refused/gateway.html"))

    assert isinstance(error, BadReply)
    assert times == 3


@pytest.mark.parametrize("path", ["templates.php", "phones.php", "get.php", "send.php"])
def test_what_is_no_known_question_is_never_asked_again_by_itself(path: str) -> None:
    params: dict[str, str | int] = {"add": 1, "phones": "79990000000", "mes": "x"}

    error, times = outcome(path, params, sample("refused/gateway.html"))

    assert isinstance(error, OutcomeUnknown)
    assert times == 1


def test_a_repeat_waits_for_its_minute_and_goes_out_with_a_new_id() -> None:
    transport = Answering(sample("send/cost_0.json"))
    params = {"phones": "79990000000", "mes": "x"}

    async def main() -> list[float]:
        clock = asyncio.get_running_loop().time
        async with SmscClient(api_key="key", transport=transport, wall=lambda: NOW) as smsc:
            times = [clock()]
            await smsc.raw("send.php", params)
            await smsc.raw("send.php", params, repeat=True)
            return [*times, clock()]

    begun, ended = run(main())

    assert 60 <= ended - begun <= 62
    assert transport.forms[0]["id"] != transport.forms[1]["id"]
