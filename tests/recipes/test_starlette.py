from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import NamedTuple

import httpx
import pytest
from anyio.from_thread import start_blocking_portal

from smsc_async.simulator import Fault, Settings, Simulator
from tests.recipes.serving import listening, message, post, served, status

NOBODY = 3  # the code of an empty list


class Running(NamedTuple):
    """The example, and the service to its client."""

    url: str
    simulator: Simulator
    service: str
    numbers: count[int]  # so that no two requests are alike, which would soon be refused

    def fail(self, fault: Fault | int | None) -> None:
        self.simulator.faults = lambda *_: fault

    def blacklisted(self, phone: str) -> bool:
        settings = self.simulator.settings
        form = {"login": settings.login, "psw": settings.password, "get_black": "1", "fmt": "3"}
        answer = httpx.post(
            f"{self.service}/sys/phones.php",
            data={**form, "n": str(next(self.numbers))},
            timeout=60,
        ).json()
        assert isinstance(answer, list) or answer["error_code"] == NOBODY
        return isinstance(answer, list) and phone in {entry["phone"] for entry in answer}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    simulator = Simulator(Settings())
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(simulator),
        portal.wrap_async_context_manager(simulator.serve()) as service,
        listening() as (listener, url),
        served(
            "callbacks_starlette:app",
            tmp_path_factory.mktemp("starlette"),
            listener,
            SMSC_URL=service,
            SMSC_LOGIN=simulator.settings.login,
            SMSC_PASSWORD=simulator.settings.password,
        ),
    ):
        yield Running(url, simulator, service, count())


def test_who_writes_stop_gets_no_mailings_and_who_writes_else_does(running: Running) -> None:
    assert post(f"{running.url}/smsc", message("79990000001", " Стоп\n")) == 200
    assert post(f"{running.url}/smsc/", message("79990000002", "Спасибо 🙂")) == 200

    assert running.blacklisted("79990000001")
    assert not running.blacklisted("79990000002")


@pytest.mark.parametrize("phone", ["84912345678", "+84912345679", "12025550123"])
def test_a_foreign_number_is_not_taken_for_a_russian_one(running: Running, phone: str) -> None:
    digits = phone.removeprefix("+")
    assert post(f"{running.url}/smsc", message(phone, "STOP")) == 200

    assert running.blacklisted(digits)
    assert not running.blacklisted(f"7{digits[1:]}")


def test_stop_from_a_short_number_is_not_asked_for_again(running: Running) -> None:
    assert post(f"{running.url}/smsc", message("900", "STOP")) == 200

    assert not running.blacklisted("900")


def test_while_the_service_cannot_be_reached_it_is_asked_to_call_again(running: Running) -> None:
    running.fail("drop_before")
    assert post(f"{running.url}/smsc", message("79990000003", "STOP")) == 503
    running.fail(None)
    assert not running.blacklisted("79990000003")

    assert post(f"{running.url}/smsc", message("79990000003", "STOP")) == 200
    assert running.blacklisted("79990000003")


def test_what_the_service_will_always_refuse_is_not_asked_for_again(running: Running) -> None:
    running.fail(1)
    assert post(f"{running.url}/smsc", message("79990000004", "STOP")) == 200
    running.fail(None)

    assert not running.blacklisted("79990000004")


@pytest.mark.parametrize("path", ["/smsc", "/smsc/", "/smsc/token", "/smsc?a=1"])
def test_statuses_come_to_the_same_path_which_is_never_nobodys(running: Running, path: str) -> None:
    assert post(running.url + path, status("path", "79990000000", 1)) == 200
    assert post(running.url + path, b"nothing of the service's") == 400
    assert post(running.url + path, status("path", "79990000000", 1, secret="x")) == 403
