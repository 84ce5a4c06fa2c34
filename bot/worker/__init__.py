"""A process of its own for what is heavy or can hang."""
