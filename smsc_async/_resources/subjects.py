"""All resources, by subject."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from .._operation import Call
from .raw import Raw
from .sending import Sending

if TYPE_CHECKING:
    from .account import Account
    from .blacklist import Blacklist
    from .confirmations import Confirmations
    from .contacts import Contacts
    from .events import Events
    from .groups import Groups
    from .history import History
    from .jobs import Jobs
    from .lookup import Lookup
    from .numbers import Numbers
    from .operator_templates import OperatorTemplates
    from .senders import Senders
    from .statuses import Statuses
    from .subclients import Subclients
    from .templates import Templates

# The resources, and the class of each in the module of its name.
_CLASSES: Final = {
    "account": "Account",
    "blacklist": "Blacklist",
    "confirmations": "Confirmations",
    "contacts": "Contacts",
    "events": "Events",
    "groups": "Groups",
    "history": "History",
    "jobs": "Jobs",
    "lookup": "Lookup",
    "numbers": "Numbers",
    "operator_templates": "OperatorTemplates",
    "senders": "Senders",
    "statuses": "Statuses",
    "subclients": "Subclients",
    "templates": "Templates",
}


class Subjects(Sending, Raw):
    """Sends, calls any script, and names the resources.

    A resource is imported and made when it is first asked for: most programs need one or two.
    """

    account: Account
    blacklist: Blacklist
    confirmations: Confirmations
    contacts: Contacts
    events: Events
    groups: Groups
    history: History
    jobs: Jobs
    lookup: Lookup
    numbers: Numbers
    operator_templates: OperatorTemplates
    senders: Senders
    statuses: Statuses
    subclients: Subclients
    templates: Templates

    def _offer(self, call: Call) -> None:
        """Make *call* the way in of every resource; those of another way in are made anew."""
        self._call = call
        for name in _CLASSES.keys() & vars(self).keys():
            delattr(self, name)

    if not TYPE_CHECKING:  # whom the annotations tell all

        def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - a resource, or what is none
            if name not in _CLASSES:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            kind = getattr(import_module(f".{name}", __package__), _CLASSES[name])
            made = kind(self._call, self._sender)
            setattr(self, name, made)
            return made

        def __dir__(self) -> Iterable[str]:
            return {*super().__dir__(), *_CLASSES}
