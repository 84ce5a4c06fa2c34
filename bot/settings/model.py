"""Keys of config.yaml, and the values that they become."""

from __future__ import annotations

import datetime as dt
import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    SecretStr,
    WithJsonSchema,
    create_model,
    field_validator,
    model_validator,
)
from pydantic_core import CoreSchema, Url, core_schema

from bot.market.model import Market, MarketKind, Source
from bot.market.source_type import Accounts, Exchange
from bot.market.sources.registry import source_types
from bot.settings.shipped import OWN_RULES, SHIPPED
from bot.signals.formula import MarketNames
from bot.signals.sessions import ROUND_THE_CLOCK

_UNITS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}


def _seconds(given: Any) -> Any:
    """Seconds of "15 minutes"; anything that is no text is pydantic's to judge."""
    if not isinstance(given, str):
        return given
    match = re.fullmatch(r"(\d{1,6}) (second|minute|hour|day)s?", given.strip())
    if not match:
        raise ValueError(f"not a span of time (got {given!r}); allowed: a number and a unit, like 15 minutes, 2 hours")
    return int(match[1]) * _UNITS[match[2]]


def _sessions(given: Any) -> Any:
    match = re.fullmatch(r"(\d{1,4}) sessions?", given.strip()) if isinstance(given, str) else None
    return int(match[1]) if match else given


def _several(given: Any) -> Any:
    """One path as a list of one."""
    return (given,) if isinstance(given, str | Path) else given


Span = Annotated[
    int,
    BeforeValidator(_seconds),
    Field(ge=0, le=7 * 86_400),
    WithJsonSchema(
        {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": r"^\d{1,6} (second|minute|hour|day)s?$"}]}
    ),
]
Sessions = Annotated[
    int,
    BeforeValidator(_sessions),
    Field(ge=0, le=250),
    WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "string", "pattern": r"^\d{1,4} sessions?$"}]}),
]
RuleFolders = Annotated[
    tuple[Path, ...],
    BeforeValidator(_several),
    Field(min_length=1, max_length=20),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
Name = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,19}$")]


def _user_ids(given: Any) -> Any:
    """A list of user ids; one number, or numbers in a text, are such a list too."""
    if isinstance(given, str):
        found = re.findall(r"[^\s,;]+", given)
    else:
        found = list(given) if isinstance(given, list | tuple | frozenset) else [given]
    if not all(re.fullmatch(r"\d{1,15}", str(each)) for each in found):
        raise ValueError(f"no user ids (got {given!r}); allowed: a list of numbers, like [123456789]")
    return [int(each) for each in found]


UserIds = Annotated[
    frozenset[int],
    BeforeValidator(_user_ids),
    WithJsonSchema({"anyOf": [{"type": "array", "items": {"type": "integer"}}, {"type": ["integer", "string"]}]}),
]


class _Web:
    """Addresses of the web alone. As `pydantic.HttpUrl`, which imports what reads mails and packages' metadata."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.url_schema(max_length=2083, allowed_schemes=["http", "https"])


WebAddress = Annotated[Url, _Web()]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class TelegramSettings(_Strict):
    """The bot's account, and who may do what."""

    token: SecretStr | None = None
    token_file: Path | None = None
    api_url: WebAddress = Url("https://api.telegram.org")
    access: Literal["open", "approval", "members"] = "open"
    operators: UserIds = frozenset()
    members: UserIds = frozenset()
    proxy: SecretStr | None = None  # it may hold a password
    messages_per_second: Annotated[float, Field(gt=0, le=1_000)] = 30

    @field_validator("proxy")
    @classmethod
    def _http_only(cls, proxy: SecretStr | None) -> SecretStr | None:
        if proxy is not None and not proxy.get_secret_value().startswith(("http://", "https://")):
            raise ValueError("no address of a proxy; allowed: http://HOST:PORT or https://HOST:PORT")
        return proxy

    @property
    def proxy_url(self) -> str | None:
        """The way to Telegram; None: as HTTPS_PROXY and NO_PROXY say."""
        return None if self.proxy is None else self.proxy.get_secret_value()


_CONFIGURABLE = {kind: each for kind, each in source_types().items() if each.value is not None}


class Monitoring(_Strict):
    """Who is told that the bot is alive."""

    ping_url: WebAddress | None = None
    heartbeat_file: Path | None = None


class LogFormat(StrEnum):
    """How log lines are written."""

    TEXT = "text"
    JSON = "json"


class SourceEntry(_Strict):
    """One source of a market: exactly one of the kinds that register themselves in `bot.market.sources`."""

    options: dict[str, Any] = {}

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = self._given()
        if len(given) != 1:
            raise ValueError(
                f"a source is one of {', '.join(_CONFIGURABLE)} (got {' and '.join(given) or 'none of them'})"
            )
        return self

    @property
    def kind(self) -> str:
        """Which of the kinds this is."""
        return self._given()[0]

    @property
    def calendar(self) -> str:
        """The calendar of this kind's markets; "" where the kind says nothing of it."""
        return _CONFIGURABLE[self.kind].calendar_of(getattr(self, self.kind))

    def sources(self, accounts: Accounts) -> tuple[Source, ...]:
        """The sources that are asked for it; none where an exchange or a key is lacking."""
        return _CONFIGURABLE[self.kind].expand(getattr(self, self.kind), self.options, accounts)

    def _given(self) -> list[str]:
        said = self.model_fields_set
        return [kind for kind in _CONFIGURABLE if kind in said and getattr(self, kind) is not None]


if TYPE_CHECKING:
    SourceShape = SourceEntry
else:
    SourceShape = create_model(
        "SourceShape",
        __base__=SourceEntry,
        __doc__=SourceEntry.__doc__,
        **{kind: (each.value | None, None) for kind, each in _CONFIGURABLE.items()},
    )


def _keyed_kind(given: str) -> str:
    keyed = [kind for kind, each in _CONFIGURABLE.items() if each.key]
    if given not in keyed:
        raise ValueError(f"no source that takes a key (got {given}); allowed: {', '.join(keyed)}")
    return given


def _kind(given: str) -> str:
    if given not in _CONFIGURABLE:
        raise ValueError(f"no kind of source (got {given}); allowed: {', '.join(_CONFIGURABLE)}")
    return given


SourceKind = Annotated[str, AfterValidator(_kind)]
KeyedKind = Annotated[str, AfterValidator(_keyed_kind)]


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
    rules: RuleFolders = (SHIPPED, OWN_RULES)
    markets: dict[Name, MarketShape] = Field(default_factory=dict, min_length=1)
    crypto: tuple[Name, ...] = ()
    funds: tuple[Name, ...] = ("IWM", "IWN")
    exchanges: tuple[Exchange, ...] = ()
    keys: dict[KeyedKind, SecretStr] = {}
    switched_off: frozenset[SourceKind] = frozenset()
    schedule: ScheduleSettings = ScheduleSettings()
    monitoring: Monitoring = Monitoring()
    log_format: LogFormat = LogFormat.TEXT
    catch_up: Sessions = 5

    @property
    def market_names(self) -> MarketNames:
        """The names of all markets, for the rules."""
        signed = (name for name, market in self.markets.items() if market.kind is MarketKind.MACRO)
        return MarketNames(self.markets, signed)

    @property
    def specs(self) -> dict[str, Market]:
        """The markets as the rooms below know them."""
        accounts = Accounts(self.exchanges, {kind: key.get_secret_value() for kind, key in self.keys.items()})
        return {name: self._spec(name, shape, accounts) for name, shape in self.markets.items()}

    def _spec(self, name: str, shape: MarketShape, accounts: Accounts) -> Market:
        named = [shape.calendar, *(each.calendar for each in shape.sources)]
        around = ROUND_THE_CLOCK if shape.kind in {MarketKind.CRYPTO, MarketKind.BASKET} else "XNYS"
        calendar = next(filter(None, named), around)
        asked = (given for given in shape.sources if given.kind not in self.switched_off)
        sources = tuple(source for given in asked for source in given.sources(accounts))
        return Market(name, shape.title, shape.kind, calendar, sources, shape.members, shape.sister or "")
