"""The quality gate: which bars of which source are believed, and what several sources say together."""
