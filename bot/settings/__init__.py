"""config.yaml and the environment, checked and complete."""

from bot.settings.load import OWN_RULES, find_config, load_settings
from bot.settings.model import Settings
from bot.settings.shipped import shipped

__all__ = ["OWN_RULES", "Settings", "find_config", "load_settings", "shipped"]
