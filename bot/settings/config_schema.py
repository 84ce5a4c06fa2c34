"""JSON Schema of config.yaml, by which editors complete and underline."""

from __future__ import annotations

from bot.rulebook.schema import DIALECT, json_text, without_noise
from bot.settings.model import Settings


def config_schema_text() -> str:
    """The schema as the file that `# yaml-language-server: $schema=config.schema.json` names."""
    return json_text({"$schema": DIALECT, **without_noise(Settings.model_json_schema(by_alias=True))})
