"""Whose token is this?"""

from __future__ import annotations

from dataclasses import dataclass

from telegram.error import InvalidToken, TelegramError

from bot.telegram.application import build_bot, quieten


@dataclass(frozen=True, slots=True)
class Introduced:
    """The bot of a token, or what is wrong with it; never holds the token."""

    username: str = ""
    trouble: str = ""


async def introduce(token: str, api_url: str) -> Introduced:
    """Ask Telegram (getMe) which bot a token belongs to."""
    quieten()
    bot = build_bot(token, api_url)
    try:
        await bot.initialize()
        return Introduced(username=bot.username)
    except InvalidToken:
        return Introduced(trouble="Telegram does not know this token; @BotFather shows it with /mybots")
    except TelegramError as error:
        return Introduced(trouble=f"Telegram could not be reached at {api_url} ({type(error).__name__}); try again")
    finally:
        await bot.shutdown()
