"""Fetching: what is asked of the sources in one look, what of it passes the gate, and how each series fares."""
