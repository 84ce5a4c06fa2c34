"""Sessions that are missing where a rule looks back: in its own bars, and in those of other markets that it reads."""
