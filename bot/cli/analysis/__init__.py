"""Commands that look at the past: backtest, chart, evidence, levels, replay, scorecard."""
