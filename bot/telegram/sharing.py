"""What readers do with alerts: share their cards into other chats, and react to them."""

from __future__ import annotations

from telegram import (
    InlineQueryResultArticle,
    InlineQueryResultCachedPhoto,
    InputTextMessageContent,
    MessageReactionCountUpdated,
    MessageReactionUpdated,
    ReactionTypeEmoji,
)
from telegram.constants import ParseMode

from bot.store.subscribers.reactions import SharedCard, keep_reaction, keep_reaction_counts, newest_cards
from bot.telegram.parsing.command_text import normalized
from bot.telegram.services import Services
from bot.views.formatting import html

MAX_CARDS = 10
CACHE_SECONDS = 60

Result = InlineQueryResultArticle | InlineQueryResultCachedPhoto


async def cards_for(services: Services, query: str, user_id: int) -> list[Result]:
    """The newest alerts that fit the words of an inline query; none for whoever is not let in."""
    if not services.access.may_look(user_id):
        return []
    word = normalized(query)
    titles = {rule: definition.title for rule, definition in services.rulebook().rules.items()}
    cards = await services.store.run(newest_cards, 5 * MAX_CARDS)
    fitting = [card for card in cards if word in f"{card.rule} {normalized(titles.get(card.rule, ''))}"]
    return [_result(card, titles.get(card.rule, card.rule), services.banner) for card in fitting[:MAX_CARDS]]


async def note_reaction(services: Services, change: MessageReactionUpdated) -> None:
    """Keep what a reader thinks of an alert. Nameless ones and pictures of one's own are not counted."""
    if change.user is None:
        return
    emojis = [each.emoji for each in change.new_reaction if isinstance(each, ReactionTypeEmoji)]
    emoji = emojis[-1] if emojis else ""
    where = (change.chat.id, change.message_id, change.user.id)
    await services.store.run(keep_reaction, *where, emoji, services.now())


async def note_reaction_counts(services: Services, change: MessageReactionCountUpdated) -> None:
    """Keep what the readers of a channel think of an alert: Telegram says how many, not who."""
    known = [(each.type, each.total_count) for each in change.reactions]
    counts = {kind.emoji: count for kind, count in known if isinstance(kind, ReactionTypeEmoji)}
    where = (change.chat.id, change.message_id)
    await services.store.run(keep_reaction_counts, *where, counts, services.now())


def _result(card: SharedCard, title: str, banner: str) -> Result:
    text = f"{html.escape(banner)}\n{card.html}" if banner else card.html
    first = html.visible(card.html).strip().partition("\n")[0]
    if card.photo_id:
        return InlineQueryResultCachedPhoto(
            str(card.message),
            card.photo_id,
            title=html.clip(title, 64),
            description=html.clip(first, 128),
            caption=text,
            parse_mode=ParseMode.HTML,
        )
    content = InputTextMessageContent(text, ParseMode.HTML)
    return InlineQueryResultArticle(str(card.message), html.clip(title, 64), content, description=html.clip(first, 128))
