"""Appetite for risk: volatility, relative strength, breadth, fund flows, losing companies."""
