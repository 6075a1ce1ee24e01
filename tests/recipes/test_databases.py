from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from tests.recipes.serving import SECRET, listening, message, post, ran, served, status

FASTAPI = "callbacks_fastapi:app"
DJANGO = "callbacks_django:application"
OLD = "the-secret-that-was-before"
PHONE = "79990000000"


class Site(NamedTuple):
    """An example that runs, and the folder with its databases."""

    url: str
    folder: Path

    def delivery(self, id: str) -> int | None:
        answer = httpx.get(
            f"{self.url}/deliveries/{id}/{PHONE}", headers={"Host": "shop.example"}, timeout=60
        )
        return None if answer.status_code == 404 else int(answer.text)

    def change(self, sql: str, *, file: str = "shop.db") -> None:
        with closing(sqlite3.connect(self.folder / file)) as db, db:
            db.execute(sql)


def made(app: str, folder: Path) -> Path:
    """Return the folder, ready for the example to be run in it."""
    if app == DJANGO:
        ran("callbacks_django.py", folder)
    return folder


@pytest.fixture(scope="module", params=[FASTAPI, DJANGO])
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    folder = made(request.param, tmp_path_factory.mktemp("site"))
    with (
        listening() as (listener, url),
        served(request.param, folder, listener, SMSC_CALLBACK_SECRET=f"{SECRET} {OLD}"),
    ):
        yield Site(url, folder)


def test_what_became_of_a_message_is_kept_and_never_goes_backwards(site: Site) -> None:
    assert site.delivery("forward") is None
    for number in (0, 1, 1, 0, -1):
        assert post(f"{site.url}/smsc", status("forward", PHONE, number, ts=number)) == 200

    assert site.delivery("forward") == 1


@pytest.mark.parametrize(
    ("newer", "older"),
    [((1, 0), (0, 9)), ((20, 9), (25, 8)), ((25, 5), (20, 5))],
    ids=["of less progress", "of an earlier time", "of the same time"],
)
def test_a_status_that_is_written_late_does_not_take_the_place_of_a_newer_one(
    site: Site, newer: tuple[int, int], older: tuple[int, int]
) -> None:
    name = f"late.{newer[0]}.{older[0]}"
    for number, ts in (newer, older):
        assert post(f"{site.url}/smsc", status(name, PHONE, number, ts=ts)) == 200
        # So the next one comes to on_status too, as from a thread that nobody waits for any more.
        site.change("DELETE FROM subject", file="seen.db")

    assert site.delivery(name) == newer[0]


def test_a_newer_status_of_the_same_progress_is_kept(site: Site) -> None:
    for number, ts in ((20, 5), (25, 5), (22, 6)):
        assert post(f"{site.url}/smsc", status("newer", PHONE, number, ts=ts)) == 200
        assert site.delivery("newer") == number


@pytest.mark.parametrize("path", ["/smsc", "/smsc/", "/smsc/token", "/smsc?a=1", "/smsc/?a=1"])
def test_no_request_to_the_path_is_answered_as_if_nobody_were_there(site: Site, path: str) -> None:
    assert post(site.url + path, b"nothing of the service's") == 400
    assert post(site.url + path, status("path", PHONE, 1, secret="another one")) == 403
    assert post(site.url + path, status("path", PHONE, 1)) == 200
    for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS"):
        assert httpx.request(method, site.url + path, timeout=60).status_code == 405


def test_both_secrets_are_taken_while_one_takes_the_place_of_the_other(site: Site) -> None:
    assert post(f"{site.url}/smsc", status("secrets", PHONE, 0, secret=OLD)) == 200
    assert post(f"{site.url}/smsc", status("secrets", PHONE, 1, secret=SECRET)) == 200

    assert site.delivery("secrets") == 1


def test_what_nobody_handles_is_taken(site: Site) -> None:
    assert post(f"{site.url}/smsc", message(PHONE, "Спасибо 🙂")) == 200


def test_a_status_that_the_database_does_not_take_is_asked_for_again(site: Site) -> None:
    site.change("ALTER TABLE delivery RENAME TO away")
    try:
        assert post(f"{site.url}/smsc/", status("again", PHONE, 1)) == 503
    finally:
        site.change("ALTER TABLE away RENAME TO delivery")

    assert post(f"{site.url}/smsc/", status("again", PHONE, 1)) == 200
    assert site.delivery("again") == 1


@pytest.mark.parametrize("app", [FASTAPI, DJANGO])
def test_what_was_handled_is_known_after_a_restart(app: str, tmp_path: Path) -> None:
    folder = made(app, tmp_path)
    with listening() as (listener, url), served(app, folder, listener):
        assert post(f"{url}/smsc", status("restart", PHONE, 1)) == 200

    made(app, folder)
    with listening() as (listener, url), served(app, folder, listener):
        Site(url, folder).change("UPDATE delivery SET status = 99")
        assert post(f"{url}/smsc", status("restart", PHONE, 1)) == 200
        assert Site(url, folder).delivery("restart") == 99
