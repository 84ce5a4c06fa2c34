"""`bellwether doctor`: every part that a running bot leans on, tried, each failure with its remedy."""
