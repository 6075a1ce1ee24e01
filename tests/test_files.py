"""What goes out with files: what is read is what was given, and what cannot be is told before."""

from __future__ import annotations

import asyncio
import os
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_async import DuplicateSend, Event, InvalidMessage, NotSent, SmscClient
from smsc_async._bodies import Content, content
from smsc_async._operation import Overrides
from smsc_async._slices import at_once
from smsc_async._transport.bodies import Body, Spoiled
from smsc_async._upload import CHUNK, File, Taken, take
from smsc_async._wire import codes
from smsc_async._wire.secret import Secret
from smsc_async.simulator import Simulator
from smsc_async.simulator import _form as simulated
from tests.samples import unsent
from tests.uploads import MMS, PHONE, PRICE, Read, boundary, mms, read
from tests.virtual import run

CREDENTIALS = Secret(b"&login=alex&psw=a%26%22b%0D%0A")


async def sent(posted: Content) -> bytes:
    """Return the bytes that go out."""
    body = Body(posted)
    try:
        await body.open()
        return b"".join([piece async for piece in body])
    finally:
        body.close()


def posted(
    pairs: dict[str, str], *files: File, credentials: Secret = CREDENTIALS
) -> tuple[str, bytes]:
    """Return the content type and the bytes of a form."""
    named = {f"file{at}": file for at, file in enumerate(take(files))}
    found = at_once(content(codes.SEND, pairs, credentials, named, json_body=False))
    body = asyncio.run(sent(found))
    assert found.size == len(body)
    assert found.path == "/sys/send.php"
    return found.kind, body


# A reader of mail takes what ends with these for mail, or for a form in a form.
ENDINGS = ("", ".jpg", ".txt", ".mp3", ".tar.gz", ".html", ".unknown")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
NAMES = st.builds(
    str.__add__,
    st.text(
        st.characters(exclude_categories=["C", "Z"], exclude_characters="/\\"),
        min_size=1,
        max_size=20,
    ).filter(str.isprintable),
    st.sampled_from(ENDINGS),
).filter(lambda name: not name.endswith((".eml", ".mht", ".mhtml", ".nws")))
# What is nearly the end of a part, too.
CONTENTS = st.binary(min_size=1, max_size=60) | st.lists(
    st.sampled_from([b"\r", b"\n", b"--", b"a", b'Content-Type: x"']), min_size=1
).map(b"".join)


@given(
    st.dictionaries(st.from_regex(r"[a-z_]{1,10}", fullmatch=True), TEXTS, max_size=4),
    st.lists(st.tuples(NAMES, CONTENTS), min_size=1, max_size=4),
)
def test_what_is_read_is_what_was_given(
    pairs: dict[str, str], given_files: list[tuple[str, bytes]]
) -> None:
    pairs = {name: value for name, value in pairs.items() if name not in codes.CREDENTIALS}
    pairs |= {"charset": "utf-8"}

    kind, body = posted(pairs, *(File(name, data) for name, data in given_files))

    shown = {**pairs, "login": "alex", "psw": 'a&"b\r\n'}
    files = [
        (f"file{at}", name.replace('"', "%22"), data) for at, (name, data) in enumerate(given_files)
    ]
    assert read(kind, body) == Read(shown, files)
    form = simulated.read(b"", body, kind)
    assert not form.broken
    assert form.params == shown
    assert [(file.field, file.name, file.size) for file in form.files] == [
        (field, name, len(data)) for field, name, data in files
    ]


def test_a_file_is_written_as_browsers_do(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\x00\xff")

    kind, body = posted({"mes": "да"}, File('фото "1".jpg', tmp_path / "x"), File("b", b"x"))

    line = b"--" + boundary(kind)
    assert body.split(b"\r\n") == [
        line,
        b'Content-Disposition: form-data; name="mes"',
        b"",
        "да".encode(),
        line,
        b'Content-Disposition: form-data; name="login"',
        b"",
        b"alex",
        line,
        b'Content-Disposition: form-data; name="psw"',
        b"",
        b'a&"b',
        b"",
        line,
        'Content-Disposition: form-data; name="file0"; filename="фото %221%22.jpg"'.encode(),
        b"Content-Type: image/jpeg",
        b"",
        b"\x00\xff",
        line,
        b'Content-Disposition: form-data; name="file1"; filename="b"',
        b"Content-Type: application/octet-stream",
        b"",
        b"x",
        line + b"--",
        b"",
    ]


def test_no_name_of_a_field_ends_its_line() -> None:
    _, body = posted({'a"\r\nb': "1"}, File("a.jpg", b"x"))

    assert b'form-data; name="a%22%0D%0Ab"\r\n\r\n1\r\n' in body


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.jpg", "image/jpeg"),
        ("A.JPG", "image/jpeg"),
        ("a.mp3", "audio/mpeg"),
        ("a.tar.gz", "application/octet-stream"),
        ("a", "application/octet-stream"),
    ],
)
def test_the_name_tells_what_a_file_is(name: str, kind: str) -> None:
    (taken,) = take([File(name, b"x")])

    assert taken.kind == kind


def test_the_boundary_is_the_same_for_the_same_and_another_for_anything_else() -> None:
    files = [
        (File("a", b"1"), File("b", b"2")),
        (File("a", b"1"), File("b", b"3")),
        (File("a", b"1"), File("c", b"2")),
        (File("b", b"2"), File("a", b"1")),
        (File("a", b"1"),),
    ]
    pairs = [{"mes": "hi"}, {"mes": "ho"}]

    kinds = [posted(each, *some)[0] for each in pairs for some in files]

    assert len(set(kinds)) == len(kinds)
    assert kinds == [posted(each, *some)[0] for each in pairs for some in files]


def test_the_boundary_tells_nothing_of_the_credentials_and_is_in_none() -> None:
    file = File("a", b"1")
    usual, _ = posted({"mes": "hi"}, file)
    same, _ = posted({"mes": "hi"}, file, credentials=Secret(b"&apikey=other"))
    found = boundary(usual).decode()

    other, body = posted({"mes": "hi"}, file, credentials=Secret(f"&apikey={found}".encode()))

    assert same == usual
    assert boundary(other) != boundary(usual)
    assert read(other, body).fields["apikey"] == found


@pytest.mark.parametrize("size", [1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
async def test_bytes_and_a_path_go_out_alike_however_often(tmp_path: Path, size: int) -> None:
    data = os.urandom(size)
    (tmp_path / "x").write_bytes(data)
    some, other = [
        at_once(content(codes.SEND, {}, CREDENTIALS, {"file0": taken}, json_body=False))
        for taken in take([File("a", data), File("a", tmp_path / "x")])
    ]

    bodies = [await sent(each) for each in (some, other, other)]

    assert data in bodies[0]
    assert bodies == [bodies[0]] * 3


# What is refused


@pytest.mark.parametrize("name", ["", " ", "a/b", "a\\b", "/a", 5, None])
def test_a_name_that_would_not_arrive_is_refused(name: Any) -> None:  # noqa: ANN401 - what is wrong
    with pytest.raises(InvalidMessage, match="files: a file has a name, without a folder"):
        File(name, b"x")


@pytest.mark.parametrize(
    "sign",
    ["\n", "\r", "\0", "\x7f", "\x85", "\u2028", "\ud800", "\u202e", "\u202a", "\u2066", "\u2069"],
)
def test_a_name_that_would_mislead_is_refused(sign: str) -> None:
    with pytest.raises(InvalidMessage, match="files: a name has no control character"):
        File(f"photo{sign}gpj.exe", b"x")


@pytest.mark.parametrize(
    "name", ["9:41\u202fAM.png", "a\u00a0b.png", "👩\u200d🚀.png", "ё\u0308.txt"]
)
def test_other_signs_make_a_name(name: str) -> None:
    assert File(name, b"x").name == name


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").touch()

    for data in (b"", tmp_path / "x"):
        with pytest.raises(InvalidMessage, match=r"files: a\.jpg: it is empty"):
            take([File("a.jpg", data)])
    with pytest.raises(InvalidMessage, match="it is empty"):
        unsent(lambda smsc: mms(smsc, File("a.jpg", b"")))


@pytest.mark.parametrize("data", ["text", None, "/etc/hosts", bytearray(b"x")])
def test_a_file_is_bytes_or_a_path(data: Any) -> None:  # noqa: ANN401 - what is wrong
    with pytest.raises(InvalidMessage, match="files: a file is its bytes, or the Path"):
        File("a", data)


def test_nothing_of_a_file_but_its_name_is_shown() -> None:
    file = File("a.txt", b"what is in it")
    (taken,) = take([file])

    assert repr(file) == "File('a.txt')"
    assert "what is in it" not in repr(taken)


def folder(path: Path) -> Path:
    return path.parent


def missing(path: Path) -> Path:
    return path / "missing"


def pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


def strange(path: Path) -> Path:
    return path / "\0"


@pytest.mark.parametrize(
    ("made", "rule"),
    [
        (folder, "is a directory"),
        (missing, "no such file or directory"),
        (pipe, "it is no file"),
        (strange, "it cannot be opened"),
    ],
)
async def test_a_file_that_cannot_be_read_is_told_before_anything(
    tmp_path: Path, made: Callable[[Path], Path], rule: str
) -> None:
    path = made(tmp_path / "secret place")
    async with Simulator() as sim, client(httpx.ASGITransport(app=sim.app)) as smsc:
        with pytest.raises(InvalidMessage) as caught:
            await mms(smsc, File("fine.jpg", b"x"), File("photo.jpg", path))

    assert str(caught.value) == f"files: photo.jpg: {rule}"
    assert caught.value.__context__ is None
    assert sim.requests == 0


def test_more_files_than_may_go_along_are_refused() -> None:
    most = [File("a.jpg", b"x")] * codes.MAX_FILES

    assert len(take(most)) == codes.MAX_FILES
    with pytest.raises(InvalidMessage, match="files: are at most 20"):
        unsent(lambda smsc: mms(smsc, *most, File("a.jpg", b"x")))


def test_more_than_may_go_along_is_refused_and_not_read(tmp_path: Path) -> None:
    large = tmp_path / "x"
    with large.open("wb") as file:
        file.truncate(codes.MAX_FILES_SIZE)  # it has no bytes of its own
    endless = tmp_path / "y"
    with endless.open("wb") as file:
        file.truncate(2**40)
    whole = File("a", large)

    assert take([whole])[0].size == codes.MAX_FILES_SIZE
    with pytest.raises(InvalidMessage, match="files: are of 25 MB at most, all together"):
        take([whole, File("b", b"1")])
    with pytest.raises(InvalidMessage, match="files: are of 25 MB at most, all together"):
        take([File("b", b"1"), whole])
    with pytest.raises(InvalidMessage, match="files: are of 25 MB at most, all together"):
        take([File("b", b"1"), File("a", endless)])


ENDLESS = Path("/proc/self/status")  # it says that it is empty


def often(path: Path) -> None:
    for _ in range(1_000):
        take([File("a", path)])


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def rewrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"y")


@pytest.mark.parametrize("change", [append, rewrite])
def test_a_file_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"x" * 10 * CHUNK)
    over = threading.Event()

    def write() -> None:
        while not over.is_set():
            change(path)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        with pytest.raises(InvalidMessage, match="a: it changes while it is read"):
            often(path)
    finally:
        over.set()
        writer.join()


@pytest.mark.skipif(not ENDLESS.exists(), reason="this system has none")
def test_a_file_that_is_longer_than_it_says_is_refused() -> None:
    with pytest.raises(InvalidMessage, match="a: it changes while it is read"):
        take([File("a", ENDLESS)])


class Slow(type(Path())):  # type: ignore[misc]
    """A path on a disk that comes back only when it is told to, but for the first few times."""

    def wait(self, first: int) -> threading.Event:
        self.first = first
        self.back = threading.Event()
        return self.back

    def __fspath__(self) -> str:
        self.first -= 1
        if self.first < 0 and not self.back.wait(20):
            raise OSError(0, "it never came back")
        return str(self)


async def test_reading_the_files_is_within_the_deadline(tmp_path: Path) -> None:
    path = Slow(tmp_path / "x")
    back = path.wait(0)
    async with Simulator() as sim, client(httpx.ASGITransport(app=sim.app)) as smsc:
        with pytest.raises(NotSent, match="its deadline has passed"):
            await mms(smsc, File("a", path), overrides=Overrides(deadline=0.1))
        back.set()

    assert sim.requests == 0


async def test_opening_the_files_is_within_the_timeout(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"1")
    path = Slow(tmp_path / "x")
    back = path.wait(1)  # noting what it is opens it as well
    async with Simulator() as sim, client(httpx.ASGITransport(app=sim.app), attempts=1) as smsc:
        with pytest.raises(NotSent, match=r"no file within 0.1 s"):
            await mms(smsc, File("a", path), overrides=Overrides(timeout=0.1))
        back.set()
        assert smsc.throttle.snapshot().in_flight == 0

    assert sim.requests == 0


async def test_a_caller_cancelled_while_the_files_are_read_sends_nothing(tmp_path: Path) -> None:
    path = Slow(tmp_path / "x")
    back = path.wait(0)
    async with Simulator() as sim, client(httpx.ASGITransport(app=sim.app)) as smsc:
        calling = asyncio.ensure_future(mms(smsc, File("a", path)))
        await asyncio.sleep(0)
        calling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await calling
        back.set()

    assert sim.requests == 0


# What goes out of the client


class Service(httpx.AsyncBaseTransport):
    """Keeps what it is sent, and answers, or shows that it could not be reached."""

    def __init__(self, *answers: bytes | None) -> None:
        self.kinds: list[str] = []
        self.bodies: list[bytes] = []
        self._answers = list(answers)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        stream = request.stream
        assert isinstance(stream, httpx.AsyncByteStream)
        self.kinds.append(request.headers["content-type"])
        self.bodies.append(b"".join([piece async for piece in stream]))
        assert int(request.headers["content-length"]) == len(self.bodies[-1])
        answer = self._answers.pop(0) if self._answers else b'{"id": 1, "cnt": 1}'
        if answer is None:
            await request.extensions["trace"]("connection.connect_tcp.failed", {})
            raise httpx.ConnectError("refused")
        return httpx.Response(200, content=answer)

    @property
    def read(self) -> list[Read]:
        return [read(kind, body) for kind, body in zip(self.kinds, self.bodies, strict=True)]

    @property
    def ids(self) -> list[str]:
        return [found.fields["id"] for found in self.read]


def client(transport: httpx.AsyncBaseTransport, **options: Any) -> SmscClient:  # noqa: ANN401 - what they take
    return SmscClient(
        login="demo",
        password="demo",
        transport=transport,
        wall=lambda: 1_700_000_000.0,
        chance=lambda: 0.0,
        **options,
    )


def test_everything_goes_as_a_field_and_the_files_after_it() -> None:
    service = Service()

    async def main() -> None:
        async with client(service) as smsc:
            await mms(smsc, File("a", b"1"), File("b", b"2"), subj="photo", id="own")

    run(main())

    (found,) = service.read
    assert found == Read(
        {
            "phones": PHONE,
            "mes": "a",
            "subj": "photo",
            "id": "own",
            "mms": "1",
            "cost": "3",
            "fmt": "3",
            "charset": "utf-8",
            "login": "demo",
            "psw": "demo",
        },
        [("file0", "a", b"1"), ("file1", "b", b"2")],
    )


BUSY = b'{"error": "too many concurrent requests", "error_code": 9}'


@pytest.mark.parametrize("first", [None, BUSY], ids=["unreachable", "busy"])
async def test_a_repeat_sends_the_very_same_bytes(tmp_path: Path, first: bytes | None) -> None:
    (tmp_path / "x").write_bytes(os.urandom(3 * CHUNK))
    service = Service(first)
    now = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += 10  # the pause that the service's error asks for is over, too

    async with client(service, clock=lambda: now, sleep=sleep) as smsc:
        await mms(smsc, File("a", tmp_path / "x"), File("b", b"2"))

    assert len(service.bodies) == 2
    assert service.bodies[0] == service.bodies[1]


def ids_of(*calls: tuple[File, ...], text: str) -> list[str]:
    """Return the ids of sends that are made by clients that know nothing of each other."""
    service = Service()

    async def main() -> None:
        for files in calls:
            async with client(service) as smsc:
                await mms(smsc, *files, mes=text)

    run(main())
    return service.ids


def test_an_id_of_nothing_is_derived_as_well() -> None:
    service = Service()

    async def main() -> None:
        for params in ({}, {"id": "0"}, {"id": ""}):
            async with client(service) as smsc:
                await smsc._call(MMS, {"phones": PHONE} | params, files=[File("a", b"1")])

    run(main())
    assert len(set(service.ids)) == 1
    assert len(service.ids[0]) > 30


@pytest.mark.parametrize("text", ["", "hi"])
def test_the_derived_id_is_that_of_the_files_too(text: str) -> None:
    calls = [
        (File("a", b"1"), File("b", b"2")),
        (File("a", b"1"), File("b", b"3")),
        (File("a", b"1"), File("c", b"2")),
        (File("b", b"2"), File("a", b"1")),
        (File("a", b"1"),),
    ]

    ids = ids_of(*calls, *calls, text=text)

    assert ids[:5] == ids[5:]
    assert len(set(ids)) == 5


def test_a_path_and_the_bytes_that_are_there_are_the_same_message() -> None:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "x"
        path.write_bytes(b"1")
        some, other = take([File("a", path), File("a", b"1")])

    assert some.mark == other.mark


def sends(*calls: tuple[str, bytes], **options: Any) -> list[str]:  # noqa: ANN401 - what they take
    """Send each text with each file; tell which of them went out."""
    service = Service()

    async def main() -> list[str]:
        told: list[str] = []
        async with client(service, **options) as smsc:
            for text, data in calls:
                try:
                    await mms(smsc, File("a", data), mes=text)
                except DuplicateSend:
                    told.append("duplicate")
                else:
                    told.append("sent")
        return told

    return run(main())


def test_messages_without_a_text_are_the_same_whatever_goes_along() -> None:
    assert sends(("", b"1"), ("", b"2"), ("", b"1")) == ["sent", "duplicate", "duplicate"]


def test_a_message_with_a_text_is_its_text_whatever_goes_along() -> None:
    assert sends(("hi", b"1"), ("hi", b"2"), ("ho", b"1")) == ["sent", "duplicate", "sent"]


def test_identity_of_everything_takes_in_the_files() -> None:
    calls = (("hi", b"1"), ("hi", b"2"), ("hi", b"2"))

    assert sends(*calls, identity="all") == ["sent", "sent", "duplicate"]


async def test_what_is_asked_about_files_takes_them_along_as_well() -> None:
    async with Simulator() as sim, client(httpx.ASGITransport(app=sim.app)) as smsc:
        price = await mms(smsc, File("a", b"1"), operation=PRICE)

    assert price == {"cost": "1.2", "cnt": 1}
    assert [file.name for file in sim.log[0].files] == ["a"]
    assert sim.accepted == []


# A file that is not what it was


def rewritten(path: Path) -> None:
    changed = path.stat().st_mtime_ns
    path.write_bytes(b"y" * path.stat().st_size)
    os.utime(path, ns=(changed, changed + 1_000_000_000))


def grown(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"1")


def gone(path: Path) -> None:
    path.unlink()


every_change = pytest.mark.parametrize("change", [rewritten, grown, gone])


@every_change
async def test_a_file_that_changed_before_it_was_sent_is_not_sent(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"x" * 100)
    service = Service(None)
    told: list[Event] = []

    async def sleep(seconds: float) -> None:
        if path.exists():
            change(path)

    async with client(service, sleep=sleep, on_event=told.append) as smsc:
        with pytest.raises(NotSent) as caught:
            await mms(smsc, File("photo.jpg", path))
        assert smsc.throttle.snapshot().in_flight == 0

    reason = "no such file or directory" if change is gone else "the file has changed"
    assert caught.value.reason == f"photo.jpg: {reason}"
    assert len(service.bodies) == 1
    assert [event.error for event in told if event.kind == "refused"] == [caught.value]


def cut(path: Path) -> None:
    os.truncate(path, CHUNK)


def overwritten(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(2 * CHUNK)
        file.write(b"y")


class Changing(httpx.AsyncBaseTransport):
    """Changes a file once the first piece of it is there."""

    def __init__(self, path: Path, change: Callable[[Path], None]) -> None:
        self.pieces = 0
        self._path = path
        self._change = change

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(request.stream, httpx.AsyncByteStream)
        async for _ in request.stream:
            self.pieces += 1
            if self.pieces == 2:
                self._change(self._path)
        return httpx.Response(200, content=b'{"id": 1, "cnt": 1}')


@pytest.mark.parametrize("change", [cut, overwritten])
async def test_a_file_that_changes_while_it_is_sent_is_never_sent_whole(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"x" * (2 * CHUNK + 10))
    (taken,) = take([File("a", path)])
    body = Body(at_once(content(codes.SEND, {}, CREDENTIALS, {"file0": taken}, json_body=False)))
    await body.open()
    pieces: list[bytes] = []

    async def go_out() -> None:
        async for piece in body:
            pieces.append(piece)
            if len(pieces) == 2:
                change(path)

    with pytest.raises(Spoiled, match="a: the file has changed"):
        await go_out()

    body.close()
    assert sum(map(len, pieces[1:])) <= 2 * CHUNK
    assert body.spoiled == "a: the file has changed"


async def test_a_file_that_is_unlinked_while_it_is_sent_goes_out_whole(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"x" * 3 * CHUNK)
    service = Changing(path, gone)
    async with client(service) as smsc:
        await mms(smsc, File("a", path))

    assert service.pieces == 5


# Threads


class Paused(threading.Thread):
    """Works with a reader until it is let go."""

    def __init__(self, alone: Callable[[Callable[[], None]], None]) -> None:
        super().__init__()
        self._alone = alone
        self.inside = threading.Event()
        self.let_go = threading.Event()

    def run(self) -> None:
        self._alone(self._pause)

    def _pause(self) -> None:
        self.inside.set()
        assert self.let_go.wait(20)


def open_body(path: Path) -> Body:
    path.write_bytes(b"1")
    named: dict[str, Taken] = {"file0": take([File("a", path)])[0]}
    return Body(at_once(content(codes.SEND, {}, CREDENTIALS, named, json_body=False)))


async def test_a_file_is_closed_by_the_thread_that_is_at_it(tmp_path: Path) -> None:
    body = open_body(tmp_path / "x")
    await body.open()
    (reader,) = body._readers
    thread = Paused(reader._alone)
    thread.start()
    thread.inside.wait(20)

    body.close()
    before = reader._file.closed
    thread.let_go.set()
    thread.join(20)

    assert not before
    assert reader._file.closed


async def test_a_thread_that_comes_too_late_opens_nothing(tmp_path: Path) -> None:
    body = open_body(tmp_path / "x")

    body.close()

    with pytest.raises(Spoiled, match="nobody waits"):
        await body.open()


def test_the_operation_of_the_tests_is_a_send() -> None:
    assert MMS.path == codes.SEND
