"""What people type, read: commands, names, durations, time zones."""
