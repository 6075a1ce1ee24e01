from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import typer

from smsc_async import _refusals, errors
from smsc_async._cli import main
from smsc_async._cli._ending import code, ending, line

MOMENT = datetime(2030, 1, 31, tzinfo=UTC)
CASES: list[tuple[errors.SmscError, int, str]] = [
    (errors.NotSent("send", "no route"), 1, "SMSC_URL"),
    (errors.Throttled("send", 12.0, "1 in 60 s"), 4, "try again in 12.0 s"),
    (errors.DuplicateSend("send", 12.0, "1 in 60 s"), 4, "--repeat"),
    (errors.NoAnswer("price", "it took too long", 3), 1, "try again"),
    (errors.OutcomeUnknown("send", "reset", "7", ("+79990000000",), MOMENT), 3, "before sending"),
    (errors.InvalidMessage("text", "is empty"), 2, "text: is empty"),
    (errors.BadReply("send", "no JSON", b"<html>"), 1, "SMSC_URL"),
]


@pytest.mark.parametrize(("error", "number", "said"), CASES, ids=lambda case: type(case).__name__)
def test_each_error_has_a_code_and_one_line(
    error: errors.SmscError, number: int, said: str
) -> None:
    assert code(error) == number
    assert said in line(error)


def test_an_error_of_many_lines_becomes_one() -> None:
    said = line(errors.ApiError("send", 1, "first\n  second"))

    assert said == "smsc: send: first\\n second (code 1)"


@pytest.mark.parametrize("kind", sorted(_kinds := set(_refusals.SEND.values()), key=str))
def test_a_refused_send_is_1_but_for_a_limit(kind: type[errors.ApiError]) -> None:
    assert code(kind("send", 0, "no")) == (4 if kind is errors.TooManyRequests else 1)


def test_no_line_speaks_of_the_arguments_of_python() -> None:
    lines = [line(error) for error in _every()]

    assert [said for said in lines if "repeat=True" in said or "base_url" in said] == []


def test_what_the_library_does_not_raise_goes_through() -> None:
    with pytest.raises(ZeroDivisionError), ending():
        raise ZeroDivisionError


def test_bad_settings_end_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended, ending():
        raise ValueError("base_url is wrong")

    assert ended.value.exit_code == 2
    assert capsys.readouterr().err == "smsc: SMSC_URL is wrong\n"


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "smsc_async._cli._app", None)

    with pytest.raises(SystemExit, match=r"pip install 'smsc-async\[cli\]'"):
        main()


def _every() -> Iterator[errors.SmscError]:
    yield from (error for error, _, _ in CASES)
    for kind in _refusals.SEND.values():
        yield kind("send", 1, "no")
