"""What a command may ask: market data, event studies, scorecard, digest, explanations."""
