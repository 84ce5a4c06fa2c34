"""Check of a bot token: the bot that it belongs to, or what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

from telegram.error import InvalidToken, TelegramError

from bot.redaction import hide_tokens
from bot.telegram.application import build_bot, silence_library_logs


@dataclass(frozen=True, slots=True)
class TokenCheck:
    """The bot of a token, or what is wrong with it; never holds the token."""

    username: str = ""
    trouble: str = ""


async def check_token(token: str, api_url: str) -> TokenCheck:
    """Ask Telegram (getMe) which bot a token belongs to."""
    silence_library_logs()
    bot = build_bot(token, api_url)
    try:
        await bot.initialize()
        return TokenCheck(username=bot.username)
    except InvalidToken:
        return TokenCheck(trouble="Telegram does not know this token; @BotFather shows it with /mybots")
    except TelegramError as error:
        words = f"Telegram could not be reached at {api_url} ({type(error).__name__}); try again"
        return TokenCheck(trouble=hide_tokens(words))
    finally:
        await bot.shutdown()
