"""Shell commands on rule files."""
