"""One look at the markets: fetch what is due, judge the rules, compose what is told, record it."""
