"""python-telegram-bot: commands, access, and the messenger."""
