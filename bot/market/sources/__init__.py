"""Sources of bars, one file each, which registers itself; light enough for the bot's own process."""
