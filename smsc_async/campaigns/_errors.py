"""What a campaign raises on purpose, beside the errors of its client."""

from __future__ import annotations

from ..errors import SmscError


class CampaignError(SmscError):
    """Anything that went wrong with a campaign as such."""


class StoreError(CampaignError):
    """The store cannot be read or written; what was written before is safe.

    The text says why and what to do. What was under way is looked up when the campaign runs again.
    """


class StoreBusy(StoreError):
    """Another program runs campaigns of this store."""


class BadTemplate(CampaignError, ValueError):
    """A text names fields that the rows do not have, or cannot be sent at all."""


class BadRows(CampaignError, ValueError):
    """The list cannot be read as a list of recipients: no header, no such column, no encoding."""
