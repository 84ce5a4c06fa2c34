"""Hours: daily bars as they form out of hourly ones, and what rules say of them before they have closed."""
