"""The steps of the loop: scan the markets, run the rules, record the events."""
