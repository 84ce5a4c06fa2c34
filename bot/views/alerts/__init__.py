"""Texts of alerts, their follow-ups, the list of them and the digest."""
