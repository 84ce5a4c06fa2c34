"""Texts for those who run the bot."""
