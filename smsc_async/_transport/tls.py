"""TLS settings."""

from __future__ import annotations

import ssl
from functools import cache

import certifi


@cache
def tls_context(ca_file: str | None) -> ssl.SSLContext:
    """Return the TLS settings, made once: it takes longer than everything else in a client.

    Not by ``ssl.create_default_context``, for that writes the keys of each connection into the
    file that the environment names in ``SSLKEYLOGFILE``. Verification is on, as is the check of
    the host, and as strict on every Python as the newest one's own settings are.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
    context.load_verify_locations(ca_file or certifi.where())
    return context
