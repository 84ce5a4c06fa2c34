"""What chats read about themselves: access, subscriptions, settings, mutes."""
