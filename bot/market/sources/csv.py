"""CSV files as a source; `csv_form` reads them, which is loaded where one is read."""

from __future__ import annotations

from pathlib import Path

from bot.market.source_type import SourceType, single

KIND = "csv"
SOURCE = SourceType(KIND, Path, "bot.market.csv_form.bars:fetch", single(KIND))
