"""Where bars come from: sources, sessions, baskets, the quality gate."""
