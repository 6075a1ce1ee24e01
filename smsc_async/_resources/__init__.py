"""The operations of the service by subject: what they answer, and a thin typed method each."""
