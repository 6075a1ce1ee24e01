"""Keep what becomes of messages in a model of Django, served by ASGI.

    export SMSC_CALLBACK_SECRET=$(python -c 'import secrets; print(secrets.token_urlsafe())')
    python callbacks_django.py    # makes the table if it is not there, as "manage.py migrate" does
    uvicorn callbacks_django:application

The address to register is ``callback_url("https://shop.example/smsc", secret=...)``. Settings,
model and view stand here to make one file that runs. In a project they are where they always are,
and what comes after them goes into its ``asgi.py``.
"""

# ruff: noqa: E402 - the settings come before the models, which are in this file, too

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import django
from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["shop.example"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.environ.get("SHOP_DB", "shop.db"),
        }
    },
    ROOT_URLCONF=__name__,
)
django.setup()

from asgiref.sync import sync_to_async
from django.core.asgi import get_asgi_application
from django.db import close_old_connections, connection, models
from django.db.models import Q
from django.http import HttpRequest, JsonResponse
from django.shortcuts import aget_object_or_404
from django.urls import path

from smsc_async.webhooks import CallbackApp, SqliteSeen, StatusReport


class Delivery(models.Model):  # type: ignore[misc]  # Django has no types
    """What became of a message to a phone."""

    id = models.BigAutoField(primary_key=True)
    message = models.CharField(max_length=40)
    phone = models.CharField(max_length=254)
    progress = models.IntegerField()  # this and the next two are the rank of the report
    ts = models.BigIntegerField()
    status = models.IntegerField()

    class Meta:
        """An app's name has to be given where the file is none."""

        app_label = "shop"
        db_table = "delivery"
        unique_together = ("message", "phone")

    def __str__(self) -> str:
        return f"{self.message} to {self.phone}: {self.status}"


async def delivery(_request: HttpRequest, message: str, phone: str) -> JsonResponse:
    """Tell the newest status of a message."""
    found = await aget_object_or_404(Delivery, message=message, phone=phone)
    return JsonResponse(found.status, safe=False)


# Open to everybody: put your log-in before this.
urlpatterns = [path("deliveries/<message>/<phone>", delivery)]


@sync_to_async
def on_status(report: StatusReport) -> None:
    """Keep the newest status; what is known to be late does not come here, but to on_late."""
    # A callback is no request of Django's, which would do this at its begin and its end. Without
    # it a connection that the database has dropped would turn every callback into a 503.
    close_old_connections()
    key = {"message": report.id, "phone": report.phone}
    progress, ts, status = report.rank
    newest = {"progress": progress, "ts": ts, "status": status}
    is_older = (
        Q(progress__lt=progress)
        | Q(progress=progress, ts__lt=ts)
        | Q(progress=progress, ts=ts, status__lt=status)
    )
    try:
        # To do it twice does no harm. The database keeps the order: after CallbackApp's timeout
        # nobody waits for this any more, but a thread cannot be stopped, and may get at the
        # database when a newer status is there.
        _, is_new = Delivery.objects.get_or_create(**key, defaults=newest)
        if not is_new:
            Delivery.objects.filter(is_older, **key).update(**newest)
    finally:
        close_old_connections()


# Whatever on_status raises is answered with 503, and the service calls again in four minutes.
# There is no on_message: an answer of a subscriber is dropped, which the log says once.
callbacks = CallbackApp(
    on_status=on_status,
    secret=os.environ["SMSC_CALLBACK_SECRET"].split(),  # two with a space between, to change it
    seen=SqliteSeen(os.environ.get("SMSC_CALLBACK_SEEN", "seen.db")),  # one for all workers
)
site = get_asgi_application()


async def application(
    scope: MutableMapping[str, Any],
    receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
) -> None:
    """Give callbacks to their app, and all else to Django."""
    # Not a view: Django would have read the body, want a CSRF token, and answer a path that differs
    # by a slash with 404 or a redirect, which loses the callback. That the server starts and
    # stops (lifespan) Django does not want to hear; the callbacks do, to close their file.
    if scope["type"] == "lifespan" or f"{scope['path']}/".startswith("/smsc/"):
        await callbacks(scope, receive, send)
    else:
        await site(scope, receive, send)


if __name__ == "__main__" and "delivery" not in connection.introspection.table_names():
    with connection.schema_editor() as editor:
        editor.create_model(Delivery)
