"""The only input and output of the client: waiting at the gate, HTTP, and what is repeated."""
