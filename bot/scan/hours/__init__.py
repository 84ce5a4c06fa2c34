"""Hours of past days: fetched after the close, so that rules can be looked at hour by hour later."""
