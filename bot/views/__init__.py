"""What people read: pure functions from facts to Telegram HTML."""
