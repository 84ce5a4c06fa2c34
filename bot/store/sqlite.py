"""sqlite-utils, imported without the 50 MB of pandas that it takes along if it can."""

from __future__ import annotations

import sys

_LOADED = "pandas" in sys.modules

# sqlite_utils.db asks importlib for pandas to add column types that the store never uses. None in sys.modules
# makes that one import fail as if pandas were not installed. A pandas that is already there (in the worker
# process, in a test) is left alone, and nobody else is hindered from importing it later.
if not _LOADED:
    sys.modules["pandas"] = None  # type: ignore[assignment]
try:
    from sqlite_utils import Database, Migrations
finally:
    if not _LOADED:
        del sys.modules["pandas"]

__all__ = ["Database", "Migrations"]
