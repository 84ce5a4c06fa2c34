"""Owner of the database: the bot whose subscribers it holds; another bot can't write to them."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from bot.problem import ProblemError
from bot.store.meta import BOT, get_value
from bot.store.sqlite import Database
from bot.telegram.application import bot_id_of


def refuse_another_bot(db: Database, path: Path, token: SecretStr | None) -> None:
    """Raise ProblemError where the token is of another bot than the one that Telegram last knew by this database."""
    known = get_value(db, BOT)
    own = bot_id_of(token.get_secret_value()) if token is not None else None
    if known is not None and own is not None and known != own:
        message = (
            f"belongs to the bot {known}, and the token is of the bot {own}, who can't write to its subscribers;"
            f" allowed: a token of the bot {known}, or another database"
        )
        raise ProblemError.of(path, message)
