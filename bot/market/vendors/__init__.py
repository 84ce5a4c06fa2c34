"""Vendors' libraries, each imported in one file: runs in the worker process only."""
