"""The demo: the real bot on a simulated market, in a terminal."""
