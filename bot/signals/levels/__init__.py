"""Support and resistance: pivots, the level tracker, levels at each bar."""
