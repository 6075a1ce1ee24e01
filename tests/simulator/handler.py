"""The account's handler: an app, or what is left of one, that the simulator calls."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Literal

import httpx

Trouble = Literal["lost", "silent", "broken"]


@dataclass(frozen=True)
class Post:
    """One call, as it came."""

    at: float
    url: str
    content_type: str
    body: bytes


class Handler(httpx.AsyncBaseTransport):
    """Remembers each call, and answers in turn; the last answer is given ever after."""

    def __init__(self, *answers: int | Trouble, seconds: float = 0) -> None:
        self.answers = list(answers or (200,))
        self.seconds = seconds  # that an answer takes
        self.posts: list[Post] = []
        self.now = self.most = 0
        self.closed = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert request.method == "POST"
        at = asyncio.get_running_loop().time()
        kind = request.headers["content-type"]
        self.posts.append(Post(at, str(request.url), kind, await request.aread()))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await asyncio.sleep(86_400 if answer == "silent" else self.seconds)
        finally:
            self.now -= 1
        match answer:
            case "lost" | "silent":
                raise httpx.ReadError("it went away", request=request)
            case "broken":
                raise ZeroDivisionError
            case code:
                return httpx.Response(code, headers={"location": "http://host/elsewhere"})

    async def aclose(self) -> None:
        self.closed = True
