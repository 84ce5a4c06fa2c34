"""Who gets what: chats, subscriptions, settings, mutes, digests, refusals."""
