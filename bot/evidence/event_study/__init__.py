"""What an asset did after earlier signals, beside what it did anyway at the time."""
