"""Signatures of the commands: what can be typed, with its help. What does the work is imported when it is to work."""
