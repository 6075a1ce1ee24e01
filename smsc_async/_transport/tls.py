"""TLS settings."""

from __future__ import annotations

import ssl
from functools import cache

import httpx


@cache
def tls_context(ca_file: str | None) -> ssl.SSLContext:
    """Return the TLS settings, made once: it takes longer than everything else in a client."""
    if ca_file is None:
        context = httpx.create_ssl_context(trust_env=False)
    else:
        context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
