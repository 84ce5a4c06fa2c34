"""Pure functions over arrays: windows, smoothing, statistics, Kleene logic, and how the language describes them."""
