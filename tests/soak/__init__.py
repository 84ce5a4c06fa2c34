"""A soak: years of looks and deliveries, with faults in sources, Telegram and the clock, killed again and again."""
