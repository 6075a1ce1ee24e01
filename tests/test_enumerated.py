"""A text that is a member of an enumeration goes out as its value, never by its name."""

from __future__ import annotations

from enum import Enum
from urllib.parse import parse_qs

import httpx
import pytest

from smsc_async import Sms, SmscClient, Throttle


class Said(str, Enum):  # noqa: UP042 - of StrEnum the form of a member is its value
    """Texts of a program, as many keep them."""

    PHONE = "+79990000000"
    WORD = "Hello"
    SENTENCE = "Hello you"
    SENDER = "Shop"


@pytest.mark.parametrize("text", [Said.WORD, Said.SENTENCE])
async def test_what_goes_out_of_an_enumeration_is_its_value(text: Said) -> None:
    forms: list[dict[str, list[str]]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        forms.append(parse_qs(request.content.decode()))
        return httpx.Response(200, json={"id": 1, "cnt": 1})

    async with SmscClient(
        api_key="key",
        sender=Said.SENDER,
        throttle=Throttle(),
        transport=httpx.MockTransport(answer),
    ) as smsc:
        await smsc.send(Said.PHONE, text)
        await smsc.with_options(timeout=1).send_each(
            [("79990000001", Sms(text=text, sender=Said.SENDER)), (Said.PHONE, f"{text.value} too")]
        )

    one, each = forms
    assert (one["phones"], one["mes"], one["sender"]) == ([Said.PHONE], [text], [Said.SENDER])
    assert all("Said." not in value for values in forms[1].values() for value in values)
    assert Said.WORD in each["list"][0]
