"""/liquidity: how easy money is, as far as it was public."""

from __future__ import annotations

from bot.queries.liquidity import liquidity_now
from bot.telegram.command import Command, CommandRequest, HelpGroup, Reply
from bot.telegram.keyboard import button
from bot.telegram.services import Services
from bot.views.markets.liquidity import render_liquidity

_BUTTONS = ((button("Risk", "risk", ""), button("Crypto", "crypto", "")),)


async def show_liquidity(services: Services, _request: CommandRequest) -> Reply:
    """The newest public figures of the Fed, of credit, of the dollar and of stablecoins."""
    return Reply(render_liquidity(await liquidity_now(services.market_data, services.now())), _BUTTONS)


COMMANDS = (
    Command("liquidity", "how easy money is: the Fed, credit, stablecoins", show_liquidity, group=HelpGroup.NOW),
)
