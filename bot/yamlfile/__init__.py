"""YAML text to plain data, with line and column for every value; used by settings and rules alike."""
