"""What can be typed after each command, with its help; all that it needs to work is imported when it works."""
