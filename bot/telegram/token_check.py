"""Check of a bot token: the bot that it belongs to, or what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

from telegram.error import InvalidToken, TelegramError

from bot.redaction import hide_tokens
from bot.telegram.application import build_bot, silence_library_logs
from bot.telegram.sending.proxy import ProxyError, proxy_for, shown_proxy


@dataclass(frozen=True, slots=True)
class TokenCheck:
    """The bot of a token, or what is wrong with it; never holds the token."""

    username: str = ""
    trouble: str = ""
    unreachable: bool = False


async def check_token(token: str, api_url: str, proxy: str | None = None) -> TokenCheck:
    """Ask Telegram (getMe) which bot a token belongs to; `proxy` as in AiohttpRequest."""
    silence_library_logs()
    bot = build_bot(token, api_url, proxy)
    try:
        await bot.initialize()
        return TokenCheck(username=bot.username)
    except InvalidToken:
        return TokenCheck(trouble="Telegram does not know this token; @BotFather shows it with /mybots")
    except TelegramError as error:
        way = f"{api_url}{_through(api_url, proxy)}"
        words = f"Telegram could not be reached at {way} ({type(error).__name__}); try again"
        return TokenCheck(trouble=hide_tokens(words), unreachable=True)
    finally:
        await bot.shutdown()


def _through(api_url: str, proxy: str | None) -> str:
    """How it was asked for, where a proxy stands between."""
    try:
        used = proxy_for(api_url, proxy)
    except ProxyError as error:
        return f": {error}"
    return f" through the proxy {shown_proxy(used)}" if used else ""
