"""Names that a shell completes: rules and markets of this folder."""

from __future__ import annotations

from contextlib import suppress

from bot.cli.io.options import current_settings
from bot.problem import ProblemError
from bot.rulebook.rule_files import find_rule_files


def rule_names(incomplete: str) -> list[str]:
    """Ids of rules that begin so; none where the config can't be read, since a shell has no room for why."""
    with suppress(ProblemError):
        return sorted(name for name in find_rule_files(current_settings().rules).rules if name.startswith(incomplete))
    return []


def market_names(incomplete: str) -> list[str]:
    """Names of markets that begin so; none where the config can't be read."""
    with suppress(ProblemError):
        return [name for name in current_settings().markets if name.startswith(incomplete)]
    return []
