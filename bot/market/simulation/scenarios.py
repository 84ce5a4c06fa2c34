"""The stories that the simulated world can tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

Knots = tuple[tuple[int, float], ...]
"""(weekday counted from the start, price as a ratio to the record before the script) pairs."""

Script = Mapping[str, Knots]
"""By market; the others walk as they like."""


class Outage(NamedTuple):
    """The sources of some markets give nothing, from one weekday counted from the start to before another."""

    markets: frozenset[str]
    first: int
    back: int


class Scenario(NamedTuple):
    """What happens on the simulated markets, and in a few words what that is."""

    tells: str
    script: Script
    outage: Outage | None = None


# A base with three touches of one level in which every story begins.
_BASE: Knots = ((-110, 0.93), (-85, 0.972), (-70, 0.925), (-50, 0.972), (-35, 0.930), (-20, 0.971), (-6, 0.935))
_CRYPTO: Script = {
    "BTC": ((-110, 0.80), (-40, 0.95), (-5, 0.86), (4, 0.88), (12, 0.97), (20, 1.00), (30, 1.08), (60, 0.95)),
    "ETH": ((-110, 0.75), (-40, 0.92), (-5, 0.82), (8, 0.84), (18, 0.94), (30, 1.03), (60, 0.90)),
}
_TIRED: Script = {
    "BTC": ((-110, 0.80), (-40, 0.95), (-5, 0.86), (4, 0.85), (12, 0.87), (20, 0.84), (30, 0.86), (60, 0.85)),
    "ETH": ((-110, 0.75), (-40, 0.92), (-5, 0.82), (8, 0.80), (18, 0.83), (30, 0.81), (60, 0.82)),
}
_CALM: Knots = ((-110, 0.60), (0, 0.56), (60, 0.54))
_FRIGHT: Knots = ((-110, 0.60), (0, 0.56), (5, 0.51), (9, 0.85), (18, 0.66), (30, 0.53), (60, 0.60))

_UP_DOWN_UP: Knots = (
    (0, 0.960), (2, 0.985), (3, 1.004), (5, 1.012), (7, 0.985), (9, 0.955), (11, 0.945), (18, 0.952),
    (22, 0.985), (25, 1.015), (30, 1.030), (40, 1.000), (60, 0.960),
)  # fmt: skip
_UP_AND_ON: Knots = ((0, 0.960), (2, 0.989), (4, 0.994), (7, 0.984), (10, 0.996), (12, 1.008), (25, 1.045), (60, 1.06))
_UP_AND_BACK: Knots = ((0, 0.960), (2, 0.988), (3, 0.986), (4, 0.970), (6, 0.952), (12, 0.940), (25, 0.945), (60, 0.94))
_SIDEWAYS: Knots = ((0, 0.935), (5, 0.940), (10, 0.932), (15, 0.942), (20, 0.934), (25, 0.940), (60, 0.935))
_RUN: Knots = (
    (0, 0.960), (2, 0.985), (3, 1.006), (4, 1.010), (6, 0.985), (7, 0.968), (9, 0.985), (10, 1.012), (12, 1.035),
    (15, 1.075), (17, 1.120), (20, 1.135), (30, 1.140), (60, 1.100),
)  # fmt: skip
_UP_UNSEEN: Knots = ((0, 0.955), (3, 0.962), (4, 0.989), (6, 0.992), (9, 0.994), (14, 1.008), (25, 1.03), (60, 1.02))

SCENARIOS: dict[str, Scenario] = {
    "default": Scenario(
        "records, a breakout that fails, a quiet stretch, a second run",
        {"RUT": _BASE + _UP_DOWN_UP, "VIX": _FRIGHT, **_CRYPTO},
    ),
    "holds": Scenario(
        "a breakout that holds, and a record after it",
        {"RUT": _BASE + _UP_AND_ON, "VIX": _CALM, **_CRYPTO},
    ),
    "fails": Scenario(
        "a breakout that fails within days",
        {"RUT": _BASE + _UP_AND_BACK, "VIX": _FRIGHT, **_TIRED},
    ),
    "run": Scenario(
        "a record that fails, comes back, and goes on for more than a tenth",
        {"RUT": _BASE + _RUN, "VIX": _CALM, **_CRYPTO},
    ),
    "outage": Scenario(
        "the sources of the small caps fail while they break out, and come back",
        {"RUT": _BASE + _UP_UNSEEN, "VIX": _CALM, **_CRYPTO},
        Outage(frozenset({"RUT", "IWM", "IWN"}), 3, 6),
    ),
    "quiet": Scenario(
        "a month in which nothing happens, told in a digest",
        {"RUT": _BASE + _SIDEWAYS, "VIX": _CALM, **_TIRED},
    ),
}
"""By name."""
