"""Telegram and the outbox, put together over one connection and one rate limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.app.activity_log import DeliveryCounter
from bot.delivery.rate_limit import most_in_flight
from bot.delivery.worker import OutboxWorker
from bot.settings import Settings
from bot.telegram.application import TelegramSide, build_bot
from bot.telegram.sending.transport import TelegramTransport
from bot.telegram.services import Services

FREE_RATE = 30.0
"""Messages a second that Telegram carries for nothing; more is its paid broadcast."""


@dataclass(frozen=True)
class Messaging:
    """What listens and answers, and what delivers alerts, over one connection and one rate limit."""

    telegram: TelegramSide
    outbox: OutboxWorker
    deliveries: DeliveryCounter


def build_messaging(settings: Settings, services: Services, clock: Callable[[], float]) -> Messaging:
    """Telegram and the outbox of these settings; both keep the rate limit of `services`. `clock` is the wall's."""
    assert settings.telegram.token is not None
    rate = settings.telegram.messages_per_second
    bot = build_bot(
        settings.telegram.token.get_secret_value(),
        str(settings.telegram.api_url),
        settings.telegram.proxy_url,
        at_once=most_in_flight(rate),
    )
    transport = TelegramTransport(bot, services.banner, paid_broadcast=rate > FREE_RATE)
    deliveries = DeliveryCounter(transport)
    outbox = OutboxWorker(services.store, deliveries, services.rate_limiter, clock, monotonic=services.clock)
    return Messaging(TelegramSide(bot, services), outbox, deliveries)
