"""sqlite-utils, imported without what it takes along: pandas, for column types that the store never uses, and what only
its own shell commands need.
"""

from __future__ import annotations

from bot.unneeded import kept_out

with kept_out(absent=["pandas"], deferred=["click", "sqlite_utils.recipes"]):
    from sqlite_utils import Database, Migrations

__all__ = ["Database", "Migrations"]
