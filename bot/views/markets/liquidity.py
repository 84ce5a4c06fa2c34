"""Text of /liquidity: how easy money is, series by series, with what was public and since when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.evidence.liquidity import YEARS, LiquidityReading
from bot.views.formatting import html, numbers
from bot.views.formatting.table import table

_NAMES = {
    "NET_LIQUIDITY": ("Fed net", "its assets less the Treasury's account and reverse repos"),
    "NFCI": ("NFCI", "financial conditions, above 0 tighter than usual"),
    "M2": ("M2", "money in accounts and in cash, by month"),
    "HY_SPREAD": ("HY spread", "what risky companies pay above the Treasury, in %"),
    "BROAD_DOLLAR": ("Dollar", "the Fed's broad index"),
    "STABLECOINS": ("Stables", "supply of all stablecoins"),
}
_EASIER_WHEN_LOWER = {"NFCI", "HY_SPREAD", "BROAD_DOLLAR"}
_BILLIONS = {"NET_LIQUIDITY", "M2", "STABLECOINS"}


def render_liquidity(readings: Sequence[LiquidityReading]) -> str:
    """The readings as one table, with a line for each on what it is and when it came out, folded."""
    if not readings:
        return (
            f"{html.bold('Liquidity')}\nNo figures yet: they come with macro markets in the config, such as "
            f"{html.code('NET_LIQUIDITY')}, and once their sources have answered."
        )
    heading = [("", "now", "13 weeks", f"{YEARS} y")]
    rows = [(_name(each), _number(each.value), _change(each), _rank(each)) for each in readings]
    told = [html.bold(liquidity_line(readings) or "Liquidity"), table([*heading, *rows])]
    units = [f"{_name(each)}" for each in readings if each.market in _BILLIONS]
    note = f"{', '.join(units)}: billions of dollars. " if units else ""
    short = [f"{_name(each)} {each.years}" for each in readings if _is_short(each)]
    years = f" * of so many years: {', '.join(short)}." if short else ""
    told.append(html.escape(f"{note}{YEARS} y: the share of ten years' figures that were lower.{years}"))
    told.append(html.folded("\n".join(html.escape(line) for line in _details(readings))))
    return "\n".join(told)


def liquidity_line(readings: Sequence[LiquidityReading], missing: Sequence[str] = ()) -> str:
    """One plain sentence: how many of the series moved towards easier money over 13 weeks.

    It names the `missing` ones, which have no figure that stands; "" where nothing can be said at all.
    """
    known = [each for each in readings if each.change is not None]
    lacking = f"no figures of {', '.join(_NAMES.get(each, (each,))[0] for each in missing)}" if missing else ""
    if not known:
        return f"Liquidity: {lacking}" if lacking else ""
    easier = sum(_is_easier(each) for each in known)
    net = next((each for each in known if each.market == "NET_LIQUIDITY"), None)
    own = "" if net is None else f"; Fed liquidity {'rises' if (net.change or 0.0) > 0 else 'falls'}"
    return f"Liquidity: {easier} of {len(known)} easier than 13 weeks ago{own}" + (f"; {lacking}" if lacking else "")


def _details(readings: Sequence[LiquidityReading]) -> Iterator[str]:
    for each in readings:
        name, meaning = _NAMES.get(each.market, (each.market, "a macro series"))
        spoken_of = numbers.near_day(each.day, each.released)
        yield f"{name}: {meaning}. Of {spoken_of}, public since {numbers.day(each.released)}."
    yield "Direction is no forecast: see /evidence for what came after."


def _name(reading: LiquidityReading) -> str:
    return _NAMES.get(reading.market, (reading.market, ""))[0]


def _is_easier(reading: LiquidityReading) -> bool:
    change = reading.change or 0.0
    return change < 0 if reading.market in _EASIER_WHEN_LOWER else change > 0


def _number(value: float) -> str:
    return numbers.number(value, 0 if abs(value) >= 1_000 else 1 if abs(value) >= 100 else 2)


def _change(reading: LiquidityReading) -> str:
    if reading.change is None:
        return "?"
    return numbers.signed(reading.change, 0 if abs(reading.value) >= 1_000 else 1 if abs(reading.value) >= 100 else 2)


def _rank(reading: LiquidityReading) -> str:
    if reading.percentile is None:
        return "?"
    return f"{reading.percentile:.0f}%" + ("*" if _is_short(reading) else "")


def _is_short(reading: LiquidityReading) -> bool:
    """Whether its rank is one among fewer years than the table's heading says."""
    return reading.percentile is not None and reading.years < YEARS
