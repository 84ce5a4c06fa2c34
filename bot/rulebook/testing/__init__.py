"""Rule tests: bars in short notation or from CSV files, the events expected, and their differences."""
