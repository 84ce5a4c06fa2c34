"""A Bot API server on loopback, as strict as the real one, for the demo and the tests."""
