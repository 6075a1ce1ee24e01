"""What the app answers, what it calls, and what it says about it."""

from __future__ import annotations

import asyncio
import copy
import json
import logging
import pickle
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from smsc_async._transport.clock import loop_time
from smsc_async.webhooks import (
    CallbackApp,
    CallConfirmation,
    Event,
    IncomingMessage,
    Letter,
    MemorySeen,
    StatusReport,
    Verdict,
    parse,
)
from smsc_async.webhooks._seen import event_of
from tests.virtual import run

from .calling import (
    ANOTHER,
    PHONE,
    SECRET,
    Fields,
    Heard,
    as_json,
    ask,
    body,
    call,
    lines,
    message,
    post,
    signed,
    status,
)

TOKEN = "A_token-at-the-end-of-the-path-42"
FORGED = {**status(), "sha1": "0" * 40}
CUT = {name: value for name, value in status().items() if name != "phone"}
STRANGE = signed({"id": "5", "phone": PHONE, "status": "delivered"})
FAILED = "answered 503 to a callback from 127.0.0.1: "
JSON = {"content-type": "application/json"}


class Away:
    """A store that cannot be used in the steps that a test names."""

    def __init__(self, *steps: str) -> None:
        self.seen = MemorySeen()
        self.steps = set(steps)

    def _fail(self, step: str) -> None:
        if step in self.steps:
            raise OSError(28, "No space left on device")

    async def begin(self, event: Event, lease: float) -> Verdict:
        self._fail("begin")
        return await self.seen.begin(event, lease)

    async def end(self, event: Event, *, handled: bool) -> None:
        self._fail("end")
        await self.seen.end(event, handled=handled)

    async def keep(self, letter: Letter) -> None:
        self._fail("keep")
        await self.seen.keep(letter)

    async def aclose(self) -> None:
        self.steps.add("closed")


def app_of(**given: Any) -> CallbackApp:  # noqa: ANN401 - what the app takes
    return CallbackApp(**{"secret": SECRET, "on_status": Heard(), **given})


def test_each_kind_goes_to_its_own_handler_and_is_answered_with_200(
    caplog: pytest.LogCaptureFixture,
) -> None:
    statuses, messages, calls = Heard(), Heard(), Heard()
    app = CallbackApp(secret=SECRET, on_status=statuses, on_message=messages, on_call=calls)

    async def main() -> None:
        assert [await post(app, each) for each in (status(), message(), call())] == [200] * 3

    run(main())
    assert [type(each) for each in statuses + messages + calls] == [
        StatusReport,
        IncomingMessage,
        CallConfirmation,
    ]
    assert messages[0].text == "Да"
    assert lines(caplog) == []


@pytest.mark.parametrize(
    ("secret", "expected", "kinds"),
    [(SECRET, 200, ["StatusReport", "IncomingMessage"]), (ANOTHER, 403, [])],
)
def test_one_object_in_json_is_handled_if_it_is_signed(
    secret: str, expected: int, kinds: list[str]
) -> None:
    async def main() -> None:
        heard = Heard()
        app = CallbackApp(on_status=heard, on_message=heard, secret=secret)
        for fields in (status(1, cmt="Заказ"), message("Да: 10:30")):
            answer = await post(app, json.dumps(fields).encode(), headers=JSON)
            assert answer == expected
        assert [type(each).__name__ for each in heard] == kinds

    run(main())


@pytest.mark.parametrize(
    ("given", "asked", "number", "why"),
    [
        ({}, {"fields": FORGED}, 403, "no sha1 of it with the secret"),
        ({}, {"fields": signed(status(), ANOTHER)}, 403, "no sha1 of it with the secret"),
        ({"algorithm": "md5"}, {"fields": status()}, 403, "no md5 of it with the secret"),
        ({}, {"fields": CUT}, 400, "phone is missing"),
        ({}, {"fields": b""}, 400, "id is missing"),
        ({}, {"fields": status(), "method": "GET"}, 405, "the service posts"),
        ({}, {"fields": status(), "method": "PUT"}, 405, "the service posts"),
        ({}, {"fields": status(), "headers": {"content-encoding": "gzip"}}, 415, "a packed body"),
        ({"max_body": 20}, {"fields": status()}, 413, "a body of more than 20 bytes"),
        ({"path_token": TOKEN}, {"fields": status()}, 403, "not the secret path"),
        ({"path_token": TOKEN}, {"fields": status(), "path": "/"}, 403, "not the secret path"),
        (
            {"path_token": TOKEN},
            {"fields": status(), "path": f"/{TOKEN}/more"},
            403,
            "not the secret path",
        ),
        ({"allow": ["10.0.0.0/8"]}, {"fields": status()}, 403, "an address that is not allowed"),
    ],
)
def test_what_is_refused_is_answered_with_its_number_and_one_line(
    given: dict[str, Any],
    asked: dict[str, Any],
    number: int,
    why: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    heard = Heard()

    async def main() -> None:
        assert await post(app_of(**given, on_status=heard), **asked) == number

    run(main())
    assert heard == []
    assert lines(caplog) == [f"answered {number} to a callback from 127.0.0.1: {why}"]


def test_a_refused_method_is_told_which_one_is_right() -> None:
    async def main() -> None:
        start, _ = await ask(app_of(), method="GET")
        assert start["status"] == 405
        assert (b"allow", b"POST") in start["headers"]

    run(main())


def test_the_secret_path_is_the_last_part_wherever_the_app_is_mounted() -> None:
    heard = Heard()

    async def main() -> None:
        app = app_of(path_token=TOKEN, on_status=heard)
        for number, path in enumerate((f"/{TOKEN}", f"/a/b/{TOKEN}", f"/a/{TOKEN}/")):
            assert await post(app, status(number), path=path) == 200

    run(main())
    assert heard.statuses == [0, 1, 2]


@pytest.mark.parametrize("fields", [message(), call(), status()])
def test_what_nobody_handles_is_dropped_which_is_said_once(
    fields: Fields, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    seen = MemorySeen()
    kind = {"mes": "IncomingMessage", "waitcall": "CallConfirmation"}
    name = next((kind[name] for name in kind if name in fields), "StatusReport")

    async def main() -> None:
        app = CallbackApp(secret=SECRET, seen=seen)
        for _ in range(3):
            assert await post(app, as_json(fields), headers=JSON) == 200

    run(main())
    assert seen.letters() == []
    assert lines(caplog) == [f"a {name} came, and nobody handles those: it is dropped"]


def test_what_is_not_understood_does_not_keep_others_of_a_list_from_being_handled() -> None:
    seen, heard = MemorySeen(), Heard()
    strange = signed({"id": "5", "phone": PHONE, "status": "100"})

    async def main() -> None:
        app = app_of(on_status=heard, seen=seen)
        assert await post(app, as_json(status(0), strange, status(1)), headers=JSON) == 200

    run(main())
    assert heard.statuses == [0, 1]
    (letter,) = seen.letters()
    assert letter.body == as_json(status(0), strange, status(1))


def test_one_of_a_list_that_is_forged_has_none_handled() -> None:
    heard = Heard()

    async def main() -> None:
        app = app_of(on_status=heard)
        forged = status(1) | {"status": "2"}
        assert await post(app, as_json(status(0), forged), headers=JSON) == 403

    run(main())
    assert heard.statuses == []


def test_a_plain_function_that_has_returned_is_not_called_again() -> None:
    heard = list[int]()

    async def main() -> None:
        handler: Any = lambda report: heard.append(report.status)  # noqa: E731 - what it shows
        app = app_of(on_status=handler)
        assert await post(app, status()) == 200
        assert await post(app, status()) == 200

    run(main())
    assert heard == [1]


def test_an_app_that_is_entered_again_is_open_again() -> None:
    async def main() -> None:
        app = app_of()
        for _ in range(2):
            async with app:
                assert await post(app, status()) == 200
            assert await post(app, status()) == 503

    run(main())


def test_what_is_signed_but_not_understood_is_kept_logged_and_answered_with_200(
    caplog: pytest.LogCaptureFixture,
) -> None:
    seen, heard = MemorySeen(), Heard()

    async def main() -> None:
        assert await post(app_of(seen=seen, on_status=heard), STRANGE) == 200

    run(main())
    (letter,) = seen.letters()
    assert b"delivered" in letter.body
    assert heard == []
    (line,) = lines(caplog)
    assert "kept a callback" in line
    assert "delivered" not in line


def test_a_list_is_handled_one_by_one_and_what_was_handled_is_not_repeated() -> None:
    failures = iter([None, ValueError("not this one"), None, None])

    async def fail(report: StatusReport) -> None:
        if (error := next(failures)) is not None:
            raise error

    heard = Heard(fail)

    async def main() -> None:
        app = app_of(on_status=heard)
        records = as_json(status(0), status(1), status(2))
        assert await post(app, records, headers=JSON) == 503
        assert heard.statuses == [0]
        assert await post(app, records, headers=JSON) == 200
        assert heard.statuses == [0, 1, 2]

    run(main())


def test_a_list_that_takes_longer_than_there_is_time_goes_on_with_the_next_repeat() -> None:
    async def slow(report: StatusReport) -> None:
        await asyncio.sleep(8)

    heard = Heard(slow)

    async def main() -> None:
        app, records = app_of(on_status=heard), as_json(*(status(id=name) for name in "abcdefgh"))
        answers = [await post(app, records, headers=JSON) for _ in range(4)]
        assert answers == [503, 503, 200, 200]

    run(main())
    assert [report.id for report in heard] == list("abcdefgh")


# Handlers that do not return.


def test_a_handler_that_raises_is_called_again_with_the_next_repeat(
    caplog: pytest.LogCaptureFixture,
) -> None:
    failures = iter([ValueError("secret of the program"), None])

    async def fail(report: StatusReport) -> None:
        if (error := next(failures)) is not None:
            raise error

    heard = Heard(fail)

    async def main() -> None:
        app = app_of(on_status=heard)
        assert await post(app, status()) == 503
        (record,) = caplog.records
        assert record.levelno == logging.ERROR
        assert record.exc_info is not None
        assert isinstance(record.exc_info[1], ValueError)
        assert lines(caplog) == [FAILED + "the handler for a StatusReport raised ValueError"]
        assert await post(app, status()) == 200
        assert await post(app, status()) == 200
        assert lines(caplog) == []

    run(main())
    assert heard.statuses == [1]


def test_a_handler_that_hangs_is_given_up_and_called_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    waits = iter([3600.0, 29.0])

    async def hang(report: StatusReport) -> None:
        await asyncio.sleep(next(waits))

    heard = Heard(hang)

    async def main() -> None:
        app, began = app_of(on_status=heard), loop_time()
        assert await post(app, status()) == 503
        assert loop_time() - began == pytest.approx(30)
        assert lines(caplog) == [
            "answered 503 to a callback from 127.0.0.1: not handled within 30 s"
        ]
        assert await post(app, status()) == 200

    run(main())
    assert heard.statuses == [1]


def test_what_a_handler_waits_for_may_be_cancelled_and_the_service_calls_again() -> None:
    async def main() -> None:
        awaited = asyncio.get_running_loop().create_future()
        awaited.cancel()

        async def wait(report: StatusReport) -> None:
            await awaited

        assert await post(app_of(on_status=wait), status()) == 503

    run(main())


def test_a_request_that_is_cancelled_lets_go_of_its_message() -> None:
    waits = iter([3600.0, 0.0])

    async def hang(report: StatusReport) -> None:
        await asyncio.sleep(next(waits))

    heard = Heard(hang)

    async def main() -> None:
        app = app_of(on_status=heard)
        task = asyncio.create_task(post(app, status()))
        await asyncio.sleep(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await post(app, status()) == 200

    run(main())
    assert heard.statuses == [1]


def test_a_client_that_went_away_before_the_end_of_the_body_brings_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    heard = Heard()
    part = {"type": "http.request", "body": as_json(status())[:-9], "more_body": True}

    async def main() -> None:
        gone = {"type": "http.disconnect"}
        for events in ((gone,), (part, gone)):
            start, _ = await ask(app_of(on_status=heard), *events)
            assert start["status"] == 400

    run(main())
    assert heard == []
    assert lines(caplog) == 2 * [
        "answered 400 to a callback from 127.0.0.1: the client went away before the end of the body"
    ]


def test_a_client_that_does_not_wait_for_the_answer_is_no_error() -> None:
    heard = Heard()

    async def receive() -> dict[str, Any]:
        return body(status())

    async def send(event: object) -> None:
        raise BrokenPipeError

    async def main() -> None:
        scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": []}
        await app_of(on_status=heard)(scope, receive, send)

    run(main())
    assert heard.statuses == [1]


def test_a_body_that_does_not_come_is_waited_for_as_long_as_a_handler(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def drip() -> dict[str, Any]:
        await asyncio.sleep(1)
        return {"type": "http.request", "body": b"a", "more_body": True}

    told = list[Any]()

    async def send(event: object) -> None:
        told.append(event)

    async def main() -> None:
        scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": []}
        began = loop_time()
        await app_of()(scope, drip, send)
        assert loop_time() - began == 30
        assert told[0]["status"] == 408

    run(main())
    assert lines(caplog) == [
        "answered 408 to a callback from an unknown address: no whole body within 30 s"
    ]


# The same, and others of the same message, while a handler runs.


def test_a_duplicate_waits_for_the_handler_of_the_first() -> None:
    async def slow(report: StatusReport) -> None:
        await asyncio.sleep(5)

    heard = Heard(slow)

    async def main() -> None:
        app, began = app_of(on_status=heard), loop_time()
        answers = await asyncio.gather(*(post(app, status()) for _ in range(20)))
        assert answers == [200] * 20
        assert 5 <= loop_time() - began < 5.3

    run(main())
    assert heard.statuses == [1]


def test_who_waits_too_long_for_another_is_told_to_call_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    heard = Heard()

    async def main() -> None:
        seen, began = MemorySeen(), loop_time()
        app = app_of(on_status=heard, seen=seen)
        (other,) = map(event_of, parse(urlencode(status(0)).encode(), secret=None))
        assert await seen.begin(other, lease=40) == "new"
        assert await post(app, status(1)) == 503
        assert loop_time() - began == pytest.approx(30)
        assert lines(caplog) == [FAILED + "not handled within 30 s"]
        await seen.end(other, handled=False)
        assert await post(app, status(1)) == 200

    run(main())
    assert heard.statuses == [1]


def test_other_messages_wait_for_nobody() -> None:
    async def slow(report: StatusReport) -> None:
        await asyncio.sleep(25)

    async def main() -> None:
        app, began = app_of(on_status=Heard(slow)), loop_time()
        answers = await asyncio.gather(*(post(app, status(id=str(each))) for each in range(50)))
        assert answers == [200] * 50
        assert loop_time() - began == 25

    run(main())


# Order.


def test_a_status_that_is_older_than_one_that_was_handled_is_late() -> None:
    heard, late = Heard(), Heard()

    async def main() -> None:
        app = app_of(on_status=heard, on_late=late)
        for number in (1, 0, 1, 0, -1, 2, 1):
            assert await post(app, status(number)) == 200

    run(main())
    assert heard.statuses == [1, 2]
    assert late.statuses == [0, -1]


def test_a_late_status_that_nobody_wants_is_told_to_the_log_without_its_number(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "smsc_async.webhooks")
    heard = Heard()

    async def main() -> None:
        app = app_of(on_status=heard)
        for number in (1, 0, 0):
            assert await post(app, status(number)) == 200

    run(main())
    assert heard.statuses == [1]
    assert [record.getMessage() for record in caplog.records if "newer" in record.getMessage()] == [
        "status 0 of message 5 to 7999***67 comes after a newer one"
    ]


def test_a_late_status_whose_handler_fails_comes_again() -> None:
    failures = iter([ValueError("once"), None])

    async def fail(report: StatusReport) -> None:
        if (error := next(failures)) is not None:
            raise error

    late = Heard(fail)

    async def main() -> None:
        app = app_of(on_late=late)
        assert [await post(app, status(number)) for number in (1, 0, 0, 0)] == [200, 503, 200, 200]

    run(main())
    assert late.statuses == [0]


def test_each_key_of_a_call_is_heard_of_in_its_order() -> None:
    keys, numbers = "123456789", Heard()
    reports = [
        status(1, dtmf=keys[:at], callmenu=",".join(keys[:at]), calltime=3 * at)
        for at in range(1, 10)
    ]

    async def main() -> None:
        app = app_of(on_status=numbers)
        for report in reports:
            assert await post(app, report) == 200

    run(main())
    assert [report.dtmf for report in numbers] == [keys[:at] for at in range(1, 10)]


# The store.


@pytest.mark.parametrize("step", ["begin", "end", "keep"])
def test_without_the_store_the_service_is_told_to_call_again_until_it_is_back(
    step: str, caplog: pytest.LogCaptureFixture
) -> None:
    away, heard = Away(step), Heard()
    fields = STRANGE if step == "keep" else status()

    async def main() -> None:
        app = app_of(seen=away, on_status=heard)
        assert await post(app, fields) == 503
        assert lines(caplog) == [
            FAILED + "the store cannot be used: [Errno 28] No space left on device"
        ]
        away.steps.clear()
        away.seen = MemorySeen()  # a lease ends
        assert await post(app, fields) == 200
        assert await post(app, fields) == 200

    run(main())
    # If it could not be noted that the handler has returned, it is called once more.
    assert heard.statuses == {"begin": [1], "end": [1, 1], "keep": []}[step]
    assert len(away.seen.letters()) == (step == "keep")


# Starting and stopping.


def test_a_closed_app_answers_503_and_works_again_when_it_is_started(
    caplog: pytest.LogCaptureFixture,
) -> None:
    away, heard = Away(), Heard()

    async def main() -> None:
        app = app_of(seen=away, on_status=heard)
        start, stop = {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}
        told = await ask(app, start, stop, type="lifespan")
        assert [each["type"] for each in told] == [
            "lifespan.startup.complete",
            "lifespan.shutdown.complete",
        ]
        assert "closed" in away.steps
        assert await post(app, status()) == 503
        assert lines(caplog) == ["answered 503 to a callback from 127.0.0.1: the app is closed"]

        with pytest.raises(IndexError, match="pop"):  # the server is still running
            await ask(app, start, type="lifespan")
        assert await post(app, status()) == 200

    run(main())
    assert heard.statuses == [1]


def test_what_is_being_handled_when_the_app_is_closed_is_brought_to_its_end() -> None:
    async def slow(report: StatusReport) -> None:
        await asyncio.sleep(5)

    away, heard = Away(), Heard(slow)

    async def main() -> None:
        app = app_of(seen=away, on_status=heard)
        task = asyncio.create_task(post(app, status()))
        await asyncio.sleep(1)
        await app.aclose()
        away.steps.clear()
        assert await task == 200
        assert away.steps == {"closed"}, "what it opened again is closed again"

    run(main())
    assert heard.statuses == [1]


def test_a_web_socket_is_turned_away(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        told = await ask(app_of(), {"type": "websocket.connect"}, type="websocket")
        assert told == [{"type": "websocket.close"}]

    run(main())
    assert lines(caplog) == ["answered 403 to a callback from 127.0.0.1: a web socket"]


def test_a_scope_that_nobody_knows_is_an_error_as_asgi_wants_it() -> None:
    with pytest.raises(RuntimeError, match="not webtransport"):
        run(ask(app_of(), type="webtransport"))


# Secrets.


def test_while_secrets_change_both_are_right_and_a_third_is_not() -> None:
    heard, fields = Heard(), {"id": "5", "phone": PHONE}

    async def main() -> None:
        app = app_of(secret=(SECRET, ANOTHER), on_status=heard)
        for number, secret in ((0, SECRET), (1, ANOTHER)):
            assert await post(app, signed({**fields, "status": str(number)}, secret)) == 200
        assert await post(app, signed({**fields, "status": "2"}, SECRET[::-1])) == 403

    run(main())
    assert heard.statuses == [0, 1]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"secret": SECRET[:21]}, "secret: at least 22 signs"),
        ({"secret": (SECRET, ANOTHER[:21])}, "secret: at least 22 signs"),
        ({"secret": SECRET + "é"}, "secret: Latin letters, digits, - and _ only"),
        ({"secret": SECRET + "\n"}, "secret: Latin letters, digits, - and _ only"),
        ({"secret": ""}, "secret: Latin letters"),
        ({"secret": ()}, "secret: give one, or two"),
        ({"secret": (SECRET, ANOTHER, SECRET)}, "secret: give one, or two"),
        ({"path_token": SECRET[:21]}, "path_token: at least 22 signs"),
        ({"path_token": SECRET + "/"}, "path_token: Latin letters, digits, - and _ only"),
        ({"algorithm": "sha256"}, "algorithm: one of md5, sha1, crc32"),
        ({"algorithm": "crc32", "path_token": TOKEN}, "algorithm: crc32 can be forged"),
        ({"algorithm": "crc32", "insecure_crc32": True}, "set path_token or allow as well"),
        ({"charset": "cp1251"}, "charset: one of utf-8, windows-1251, koi8-r"),
        ({"allow": "127.0.0.1"}, "allow: a list of addresses or networks"),
        ({"allow": ["localhost"]}, "allow: 'localhost' does not appear to be"),
        ({"proxies": ["10.0.0.1/8"]}, "proxies: 10.0.0.1/8 has host bits set"),
        ({"max_body": 0}, "max_body and timeout: more than none"),
        ({"timeout": 0}, "max_body and timeout: more than none"),
        ({"timeout": float("nan")}, "max_body and timeout: more than none"),
    ],
)
def test_what_is_weak_or_wrong_is_refused_at_once_and_no_secret_is_shown(
    given: dict[str, Any], why: str
) -> None:
    with pytest.raises(ValueError, match=why) as refused:
        app_of(**given)

    shown = f"{refused.value!r} {refused.value.__cause__!r} {refused.value.__context__!r}"
    assert SECRET[:10] not in shown
    assert ANOTHER[:10] not in shown


@pytest.mark.parametrize("factor", [{"path_token": TOKEN}, {"allow": ["127.0.0.1"]}])
def test_the_sum_is_taken_with_another_factor(factor: dict[str, Any]) -> None:
    heard = Heard()
    fields = signed({"id": "5", "phone": PHONE, "status": "1"}, algorithm="crc32")

    async def main() -> None:
        app = app_of(algorithm="crc32", insecure_crc32=True, on_status=heard, **factor)
        assert await post(app, fields, path=f"/{TOKEN}") == 200
        assert await post(app, fields, path="/", client=("10.0.0.1", 1)) == 403

    run(main())
    assert heard.statuses == [1]


def shown(value: object, depth: int = 6) -> str:
    """Return what *value* and all that hangs on it say of themselves."""
    text = repr(value)
    if depth and hasattr(value, "__dict__"):
        text += "".join(shown(each, depth - 1) for each in vars(value).values())
    if depth and isinstance(value, tuple | list | dict | set):
        text += "".join(shown(each, depth - 1) for each in value)
    return text


def test_neither_the_app_nor_its_log_shows_a_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    app = app_of(secret=(SECRET, ANOTHER), path_token=TOKEN, seen=Away("end"))

    async def main() -> None:
        for fields in (status(), FORGED, STRANGE, CUT):
            for path in (f"/{TOKEN}", f"/{TOKEN}/more"):
                await ask(app, body(fields), path=path)

    run(main())
    logged = caplog.text + "".join(str(vars(each)) for each in caplog.records)
    assert "Secret(***)" in shown(app)
    assert len(lines(caplog)) == 8
    for secret in (SECRET, ANOTHER, TOKEN):
        assert secret not in shown(app) + logged
    assert PHONE not in logged


@pytest.mark.parametrize("copied", [pickle.dumps, copy.deepcopy])
def test_an_app_is_not_pickled_or_copied_with_its_secrets(
    copied: Callable[[object], object],
) -> None:
    with pytest.raises(TypeError, match="a secret is not copied"):
        copied(app_of())
