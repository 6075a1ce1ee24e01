"""How a command ends: what it says of an error, and its exit code."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import typer

from .. import errors

REFUSED = 1
USAGE = 2
UNKNOWN = 3
THROTTLED = 4

# The first kind that fits counts.
CODES: tuple[tuple[type[Exception], int], ...] = (
    (ValueError, USAGE),  # a message, a list or a text that is wrong
    (errors.OutcomeUnknown, UNKNOWN),
    (errors.Throttled, THROTTLED),
    (errors.TooManyRequests, THROTTLED),
    (errors.SmscError, REFUSED),
)

# What to do, where the error itself does not say it, or says it to a programmer.
ADVICE: tuple[tuple[type[errors.SmscError], str], ...] = (
    (errors.DuplicateSend, "--repeat sends it all the same, after waiting for its turn"),
    (errors.Throttled, ""),
    (errors.ThrottleUnavailable, "see to that file, or name another: --throttle, SMSC_THROTTLE"),
    (errors.NotSent, "check the network and SMSC_URL"),
    (errors.LoginRefused, "check the credentials; some wrong ones in a row block your address"),
    (errors.AddressBlocked, "the service has blocked this address for a while: stop calling it"),
    (errors.TooManyRequests, "another program uses the account: try again in a minute"),
    (errors.NoMoney, "top the account up; smsc balance shows what is left"),
    (errors.Forbidden, "change the text or the sender's name"),
    (errors.BadPhone, "write the number in its international form, with + and the country"),
    (errors.Undeliverable, "the service has no way to this number"),
    (errors.NoAnswer, "nothing was changed; try again"),
    (errors.BadReply, "check that SMSC_URL is the address of the service"),
)


@contextmanager
def ending(*, sends: bool = False) -> Generator[None]:
    """End the program with one line and the right code if the library raises.

    With *sends*, what is interrupted may have been sent.
    """
    try:
        yield
    except errors.SmscError as error:
        typer.echo(line(error), err=True)
        raise typer.Exit(code(error)) from None
    except KeyboardInterrupt:
        if not sends:
            raise
        typer.echo("smsc: interrupted; what was under way may have been sent", err=True)
        raise typer.Exit(UNKNOWN) from None
    except BrokenPipeError:  # whoever read what this program says is gone
        raise
    except OSError as error:  # a file that cannot be read or made
        where = f": {error.filename}" if error.filename else ""
        typer.echo(f"smsc: {error.strerror or error}{where}", err=True)
        raise typer.Exit(USAGE) from None
    except ValueError as error:  # arguments of the client: the address, the credentials
        said = str(error).replace("base_url", "SMSC_URL")  # where this program has it from
        typer.echo(f"smsc: {said}", err=True)
        raise typer.Exit(USAGE) from None


def code(error: errors.SmscError) -> int:
    """Return the exit code for *error*."""
    return next(number for kind, number in CODES if isinstance(error, kind))


def line(error: errors.SmscError) -> str:
    """Say in one line what happened and what to do."""
    said = str(error)
    if isinstance(error, errors.DuplicateSend):
        said = f"{error.operation}: the same message went to the same numbers within a minute"
    advice = next((text for kind, text in ADVICE if isinstance(error, kind)), "")
    return " ".join(f"smsc: {said}{'; ' + advice if advice else ''}".split())
