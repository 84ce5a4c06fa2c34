"""What a kind of source declares of itself: its key in the config, what may stand there, and who fetches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from bot.market.model import Source


class Exchange(BaseModel):
    """An exchange that ccxt knows."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+$")]
    quote: Annotated[str, Field(pattern=r"^[A-Z0-9]{2,10}$")] = "USDT"
    options: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Accounts:
    """What sources share in the config: the exchanges in the order in which they are asked, and API keys by kind."""

    exchanges: tuple[Exchange, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)


Expand = Callable[[Any, Mapping[str, Any], Accounts], tuple[Source, ...]]
"""From what the config says of one source, its options and the accounts to the sources that are asked."""


class SourceType(NamedTuple):
    """One kind of source. Each file in `sources` has one, called SOURCE, and the registry finds it there.

    `kind` is the key in the config and `value` the type of what stands there, as pydantic reads it; None for a kind
    that no config names. `fetch` is "package.module:function", called in the worker with a FetchRequest. `calendar` is
    that of its markets where the config names none, or what tells it by the value. `key` is the environment variable
    of the API key without which the source is left out if it `needs_key`; `with_key` says what the key brings.
    `at_once` is how many questions it is asked side by side; more only beside some that hang, and never if `strict`, as
    for a client that can't bear it.
    """

    kind: str
    value: Any
    fetch: str
    expand: Expand
    calendar: str | Callable[[Any], str] = ""
    key: str = ""
    with_key: str = ""
    needs_key: bool = True
    at_once: int = 1
    strict: bool = False

    def calendar_of(self, value: Any) -> str:
        """The calendar of a market with that value in the config; "" where the kind says nothing of it."""
        return self.calendar if isinstance(self.calendar, str) else self.calendar(value)


def single(kind: str) -> Expand:
    """One source that is called after its kind and whose symbol is the config's value."""

    def expand(value: Any, options: Mapping[str, Any], _: Accounts) -> tuple[Source, ...]:
        return (Source(kind, kind, str(value), options),)

    return expand


def keyed(kind: str) -> Expand:
    """As `single`, with the API key among the options; no source at all where there is no key."""

    def expand(value: Any, options: Mapping[str, Any], accounts: Accounts) -> tuple[Source, ...]:
        key = accounts.keys.get(kind)
        return (Source(kind, kind, str(value), {**options, "key": key}),) if key else ()

    return expand
