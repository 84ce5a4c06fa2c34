"""Pure: what crypto is doing, and what it did after earlier signals."""
