"""Tests of the Bot API server on loopback: by the real client, by tables, and by recordings where there are some."""
