"""Any script of the service, for what has no method of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from .._file_url import check_file_url
from .._operation import Call, Operation
from .._wire import codes
from ..errors import InvalidMessage
from . import _checks as checks

_SCRIPT = re.compile(r"[a-z_]+\.php\Z")


class Raw:
    """Calls scripts by their names."""

    _call: Call

    async def raw(
        self, path: str, params: Mapping[str, str | int] | None = None, *, repeat: bool = False
    ) -> Any:  # noqa: ANN401 - JSON is what it is
        """Call any script of the service and return its JSON as Python values.

        *path* is such as ``"info.php"``; *params* are by the service's names, without credentials,
        ``fmt`` and ``charset``; a ``fileurl``, which the service fetches, is https and public.
        The call waits for, and counts in, the limits of the operation that its path and flags
        name; one that no page describes is held to one identical and three in all a minute, and
        is repeated only if nothing had left or the service had turned it away at the door. A send,
        a mailing, a payment or a purchase that is the same as one within the last minute raises
        :class:`~smsc_async.DuplicateSend`, or waits with *repeat*. Errors
        are those of the script; a number to which no page gives a meaning is an
        :class:`~smsc_async.ApiError` with that ``code``.
        """
        script = _script(path, params or {}, repeat)
        operation = Operation[Any](name=f"raw {script}", path=script, reply=Any, page="")
        return await self._call(operation, params or {}, repeat=repeat)

    async def raw_bytes(
        self, path: str, params: Mapping[str, str | int] | None = None, *, repeat: bool = False
    ) -> bytes:
        """Call a script that answers with a file, and return its bytes: at most 16 MiB.

        An invoice, an export of messages, and what else the service makes of an account's data.
        An error of the service is raised as by :meth:`raw`, and so is all else.
        """
        script = _script(path, params or {}, repeat)
        operation = Operation[bytes](name=f"raw {script}", path=script, reply=bytes, page="")
        return await self._call(operation, params or {}, repeat=repeat)


def _script(path: object, params: object, repeat: object) -> str:
    """Return the name of the script, if it can be called with *params*."""
    checks.flag("repeat", repeat)
    if not isinstance(params, Mapping):
        raise InvalidMessage("params", "are the values by the service's names")
    known = cast("Mapping[object, object]", params)
    for name, value in known.items():
        if not isinstance(name, str) or not isinstance(value, str | int | Decimal | None):
            raise InvalidMessage("params", "are texts or whole numbers by the service's names")
    script = checks.text("path", path).strip("/").removeprefix(codes.FOLDER.strip("/") + "/")
    if not _SCRIPT.match(script):
        raise InvalidMessage("path", "is the name of a script, such as 'info.php'")
    taken = codes.CREDENTIALS | codes.ANSWER_FORM.keys()
    if own := sorted(taken & known.keys()):
        raise InvalidMessage("params", f"{', '.join(own)}: the client adds that itself")
    if "fileurl" in known:
        check_file_url(str(known["fileurl"]))
    return script
