"""Texts of the commands about markets, rules and evidence."""
