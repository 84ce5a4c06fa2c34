"""/claims: what others said of the signals, and what came of it."""

from __future__ import annotations

from bot.queries.claims import claim_ledger
from bot.telegram.command import Command, CommandRequest, HelpGroup, Reply
from bot.telegram.services import Services
from bot.views.markets.claims import render_claims


async def show_claims(services: Services, _request: CommandRequest) -> Reply:
    """Every claim of the rules, scored before and after it was made."""
    return Reply(render_claims(await claim_ledger(services.market_data, services.rulebook(), services.now())))


COMMANDS = (
    Command(
        "claims",
        "what others say, and what came of it",
        show_claims,
        aliases=("claim", "ledger"),
        group=HelpGroup.RECORD,
    ),
)
