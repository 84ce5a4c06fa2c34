"""Replay: what a rule says bar by bar, for the live bot, backtests, rule tests and explanations alike."""
