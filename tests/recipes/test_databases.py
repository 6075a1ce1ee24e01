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
        answer = httpx.get(f"{self.url}/deliveries/{id}/{PHONE}", timeout=60)
        return None if answer.status_code == 404 else int(answer.text)

    def change(self, sql: str) -> None:
        with closing(sqlite3.connect(self.folder / "shop.db")) as db, db:
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
    (table,) = {"delivery", "shop_delivery"} & tables(site.folder)
    site.change(f"ALTER TABLE {table} RENAME TO away")
    try:
        assert post(f"{site.url}/smsc/", status("again", PHONE, 1)) == 503
    finally:
        site.change(f"ALTER TABLE away RENAME TO {table}")

    assert post(f"{site.url}/smsc/", status("again", PHONE, 1)) == 200
    assert site.delivery("again") == 1


@pytest.mark.parametrize("app", [FASTAPI, DJANGO])
def test_what_was_handled_is_known_after_a_restart(app: str, tmp_path: Path) -> None:
    folder = made(app, tmp_path)
    with listening() as (listener, url), served(app, folder, listener):
        assert post(f"{url}/smsc", status("restart", PHONE, 1)) == 200
    (table,) = {"delivery", "shop_delivery"} & tables(folder)

    with listening() as (listener, url), served(app, folder, listener):
        Site(url, folder).change(f"UPDATE {table} SET status = 99")  # noqa: S608 - our own words
        assert post(f"{url}/smsc", status("restart", PHONE, 1)) == 200
        assert Site(url, folder).delivery("restart") == 99


def tables(folder: Path) -> set[str]:
    """Return the names of the tables of the example's own database."""
    with closing(sqlite3.connect(folder / "shop.db")) as db:
        return {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
