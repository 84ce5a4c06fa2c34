"""CSV files of bars as people have them: what has one reading is read, the rest refused with a remedy."""
