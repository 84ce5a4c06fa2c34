"""The simulated market: its prices day by day, and the stories that it can tell."""
