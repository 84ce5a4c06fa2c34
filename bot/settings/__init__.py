"""config.yaml and the environment, checked and complete."""

from bot.settings.load import find_config, load_settings, without_absent
from bot.settings.model import Settings
from bot.settings.shipped import OWN_RULES, holds_rules, shipped

__all__ = ["OWN_RULES", "Settings", "find_config", "holds_rules", "load_settings", "shipped", "without_absent"]
