"""Pure: bars, the formula language, levels, and the replay of a rule over its bars."""
