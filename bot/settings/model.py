"""Keys of config.yaml, and the values that they become."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, HttpUrl, SecretStr, model_validator

from bot.market.model import Market, MarketKind, Source, SourceKind
from bot.signals.sessions import ROUND_THE_CLOCK

_UNITS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}


def _seconds(given: Any) -> Any:
    """Seconds of "15 minutes"; anything that is no text is pydantic's to judge."""
    if not isinstance(given, str):
        return given
    match = re.fullmatch(r"(\d{1,6}) (second|minute|hour|day)s?", given.strip())
    if not match:
        raise ValueError("not a span of time; allowed: a number and a unit, like 15 minutes, 2 hours")
    return int(match[1]) * _UNITS[match[2]]


def _sessions(given: Any) -> Any:
    match = re.fullmatch(r"(\d{1,4}) sessions?", given.strip()) if isinstance(given, str) else None
    return int(match[1]) if match else given


Span = Annotated[int, BeforeValidator(_seconds), Field(ge=0, le=7 * 86_400)]
Name = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,19}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TelegramSettings(_Strict):
    """The bot's account, and who may do what."""

    token: SecretStr | None = None
    token_file: Path | None = None
    api_url: HttpUrl = HttpUrl("https://api.telegram.org")
    access: Literal["open", "approval", "members"] = "open"
    operators: frozenset[int] = frozenset()
    members: frozenset[int] = frozenset()
    messages_per_second: Annotated[float, Field(gt=0, le=1_000)] = 30


class SourceShape(_Strict):
    """One source of a market: exactly one of the four."""

    yahoo: str | None = None
    exchange: str | None = None
    csv: Path | None = None
    coingecko: Literal["total", "alt", "btc_dominance", "eth_dominance"] | None = None
    options: dict[str, Any] = {}

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [name for name in ("yahoo", "exchange", "csv", "coingecko") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(
                f"a source is one of yahoo, exchange, csv, coingecko (got {' and '.join(given) or 'none of them'})"
            )
        return self


class MarketShape(_Strict):
    """A market of the config: what it is, and where its bars come from."""

    title: str
    kind: MarketKind
    calendar: str | None = None
    sources: tuple[SourceShape, ...] = ()
    members: tuple[Name, ...] = ()
    sister: Name | None = None

    @model_validator(mode="after")
    def _fed(self) -> Self:
        if self.kind is MarketKind.BASKET and (self.sources or len(self.members) < 3):
            raise ValueError(f"a basket has at least 3 members and no sources (got {len(self.members)} members)")
        if self.kind is not MarketKind.BASKET and (self.members or not self.sources):
            raise ValueError("a market has at least one source; only a basket has members")
        return self


class ExchangeSettings(_Strict):
    """An exchange that ccxt knows."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+$")]
    quote: Annotated[str, Field(pattern=r"^[A-Z0-9]{2,10}$")] = "USDT"
    options: dict[str, Any] = {}


class ScheduleSettings(_Strict):
    """When the bot looks."""

    settle: Span = 900
    retry: Span = 600
    live: Annotated[Span, Field(ge=1)] = 300
    look: Annotated[Span, Field(ge=1)] = 60
    closures: tuple[dt.date, ...] = ()


class Settings(_Strict):
    """All that the operator decided; paths are absolute once loaded."""

    telegram: TelegramSettings = TelegramSettings()
    database: Path = Path("bellwether.db")
    rules: Path = Path("rules")
    markets: dict[Name, MarketShape] = Field(default_factory=dict, min_length=1)
    crypto: tuple[Name, ...] = ()
    funds: tuple[Name, ...] = ("IWM", "IWN")
    exchanges: tuple[ExchangeSettings, ...] = ()
    schedule: ScheduleSettings = ScheduleSettings()
    catch_up: Annotated[int, BeforeValidator(_sessions), Field(ge=0, le=250)] = 5

    @property
    def specs(self) -> dict[str, Market]:
        """The markets as the rooms below know them."""
        return {name: self._spec(name, shape) for name, shape in self.markets.items()}

    def _spec(self, name: str, shape: MarketShape) -> Market:
        around = shape.kind in {MarketKind.CRYPTO, MarketKind.BASKET} or any(each.coingecko for each in shape.sources)
        calendar = shape.calendar or (ROUND_THE_CLOCK if around else "XNYS")
        sources = tuple(source for given in shape.sources for source in self._sources(given))
        return Market(name, shape.title, shape.kind, calendar, sources, shape.members, shape.sister or "")

    def _sources(self, given: SourceShape) -> list[Source]:
        if given.yahoo is not None:
            return [Source(SourceKind.YAHOO, "yahoo", given.yahoo, given.options)]
        if given.csv is not None:
            return [Source(SourceKind.CSV, "csv", str(given.csv), given.options)]
        if given.coingecko is not None:
            return [Source(SourceKind.COINGECKO, "coingecko", given.coingecko, given.options)]
        return [
            Source(SourceKind.EXCHANGE, each.id, f"{given.exchange}/{each.quote}", {**each.options, **given.options})
            for each in self.exchanges
        ]
