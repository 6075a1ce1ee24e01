"""All resources, by subject."""

from __future__ import annotations

from .._operation import Call
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
from .raw import Raw
from .senders import Senders
from .sending import Sending
from .statuses import Statuses
from .subclients import Subclients
from .templates import Templates


class Subjects(Sending, Raw):
    """Sends, calls any script, and names the resources."""

    def _offer(self, call: Call) -> None:
        """Make every resource with *call* as its way in."""
        self._call = call
        self.account = Account(call)
        self.blacklist = Blacklist(call)
        self.confirmations = Confirmations(call)
        self.contacts = Contacts(call)
        self.events = Events(call)
        self.groups = Groups(call)
        self.history = History(call)
        self.jobs = Jobs(call, self._sender)
        self.lookup = Lookup(call)
        self.numbers = Numbers(call)
        self.operator_templates = OperatorTemplates(call)
        self.senders = Senders(call)
        self.statuses = Statuses(call)
        self.subclients = Subclients(call)
        self.templates = Templates(call)
