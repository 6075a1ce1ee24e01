"""Facts of the service: paths, flags, limits, and how values are written on the wire."""
