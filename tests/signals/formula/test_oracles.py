"""Every function against a slow loop that was written from its definition."""

import math
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.signals.asof import as_of, last_closed
from bot.signals.formula import FUNCTIONS, FiredHistory, Frame, compile_formula, evaluate
from bot.signals.levels.levels import resistance, support
from bot.signals.levels.settings import LevelSettings
from tests.signals.formula.frames import SCOPE, frames, made_frame

NAN = math.nan


def known_of(x, i, n):
    """The known values of the window that ends at i, None where it does not speak."""
    if n == "all":
        known = [v for v in x[: i + 1] if not math.isnan(v)]
        return known if len(known) >= 252 else None
    if i + 1 < n:
        return None
    known = [v for v in x[i + 1 - n : i + 1] if not math.isnan(v)]
    return known if len(known) * 20 >= n * 20 - n and len(known) >= n - n // 20 else None


def windowed(measure):
    def each(x, n):
        windows = [known_of(x, i, n) for i in range(len(x))]
        return [NAN if known is None else measure(known) for known in windows]

    return each


def at(values, i, back):
    return values[i - back] if i >= back else NAN


def mean(values):
    return math.fsum(values) / len(values)


def spread(values):
    middle = mean(values)
    return math.sqrt(math.fsum((v - middle) ** 2 for v in values) / len(values))


highest, lowest = windowed(max), windowed(min)
sma, stdev = windowed(mean), windowed(spread)


def zscore(x, n):
    pairs = zip(x, sma(x, n), stdev(x, n), strict=True)
    return [(v - m) / s if s > 1e-12 else NAN for v, m, s in pairs]


def percentile(x, n):
    found = []
    for i, value in enumerate(x):
        known = known_of(x, i, n)
        if known is None or math.isnan(value) or len(known) < 2:
            found.append(NAN)
            continue
        below, same = sum(v < value for v in known), sum(v == value for v in known)
        found.append(100 * (below + (same - 1) / 2) / (len(known) - 1))
    return found


def drawdown(x, n):
    return [v / top - 1 for v, top in zip(x, highest(x, n), strict=True)]


def new_high(x, n):
    tops = highest(x, n)
    return [truth(v, at(tops, i, 1), lambda a, b: a > b) for i, v in enumerate(x)]


def new_low(x, n):
    bottoms = lowest(x, n)
    return [truth(v, at(bottoms, i, 1), lambda a, b: a < b) for i, v in enumerate(x)]


def truth(a, b, compare):
    return NAN if math.isnan(a) or math.isnan(b) else float(compare(a, b))


def skipping(smooth):
    """Smooth the known values as if the unknown were not there."""

    def each(x, n):
        places = [i for i, v in enumerate(x) if not math.isnan(v)]
        out = [NAN] * len(x)
        for place, value in zip(places, smooth([x[i] for i in places], n), strict=True):
            out[place] = value
        return out

    return each


def seeded(values, n, weight):
    out, y = [], NAN
    for i, v in enumerate(values):
        y = mean(values[:n]) if i == n - 1 else y + weight * (v - y)
        out.append(y)
    return out


@skipping
def ema(x, n):
    return seeded(x, n, 2 / (n + 1))


@skipping
def wilder(x, n):
    return seeded(x, n, 1 / n)


def atr(bars, n):
    ranges = [NAN]
    for i in range(1, len(bars)):
        before, high, low = bars.close[i - 1], bars.high[i], bars.low[i]
        gone = math.isnan(before) or math.isnan(high) or math.isnan(low)
        ranges.append(NAN if gone else max(high - low, abs(high - before), abs(low - before)))
    return wilder(ranges, n)[: len(bars)]


@skipping
def rsi(x, n):
    ups = [max(b - a, 0.0) for a, b in pairwise(x)]
    downs = [max(a - b, 0.0) for a, b in pairwise(x)]
    found = [NAN]
    for up, down in zip(seeded(ups, n, 1 / n), seeded(downs, n, 1 / n), strict=True):
        found.append(50.0 if up == down == 0 else 100 - 100 / (1 + up / down) if down else 100.0 + 0 * up)
    return found[: len(x)]


@skipping
def signal(x, n):
    return seeded(x, n, 2 / (n + 1))


def macd(x, fast, slow):
    return [a - b for a, b in zip(ema(x, fast), ema(x, slow), strict=True)]


def wma(x, n):
    found = []
    for i in range(len(x)):
        if known_of(x, i, n) is None:
            found.append(NAN)
            continue
        weighted = [(w, v) for w, v in enumerate(x[i + 1 - n : i + 1], start=1) if not math.isnan(v)]
        found.append(math.fsum(w * v for w, v in weighted) / sum(w for w, _ in weighted))
    return found


def bollinger(x, n, width):
    return [m + width * s for m, s in zip(sma(x, n), stdev(x, n), strict=True)]


def stoch(f, n):
    found = []
    for close, low, high in zip(f["close"], lowest(f["low"], n), highest(f["high"], n), strict=True):
        place = 100 * (close - low) / (high - low) if high > low else NAN
        found.append(min(max(place, 0.0), 100.0) if not math.isnan(place) else NAN)
    return found


def obv(f):
    found, total, before = [], 0.0, None
    for close, volume in zip(f["close"], f["volume"], strict=True):
        if math.isnan(close) or math.isnan(volume):
            found.append(NAN)
            continue
        if before is not None:
            total += volume if close > before else -volume if close < before else 0.0
        before = close
        found.append(total)
    return found


def directional(bars, n):
    """Plus DI, minus DI and ADX, bar by bar from Wilder's description."""
    moves = [(NAN, NAN, NAN)]
    for i in range(1, len(bars)):
        up, down = bars.high[i] - bars.high[i - 1], bars.low[i - 1] - bars.low[i]
        before = bars.close[i - 1]
        reach = max(bars.high[i] - bars.low[i], abs(bars.high[i] - before), abs(bars.low[i] - before))
        if math.isnan(up + down + reach + before):
            moves.append((NAN, NAN, NAN))
        else:
            moves.append((up if up > down and up > 0 else 0.0, down if down > up and down > 0 else 0.0, reach))
    plus, minus, whole = (wilder([move[at] for move in moves[: len(bars)]], n) for at in range(3))
    lines = [
        [
            NAN if math.isnan(w) else min(100 * part / w, 100.0) if w > 0 else 0.0
            for part, w in zip(parts, whole, strict=True)
        ]
        for parts in (plus, minus)
    ]
    apart = [
        NAN if math.isnan(p) else 100 * abs(p - m) / (p + m) if p + m > 0 else 0.0 for p, m in zip(*lines, strict=True)
    ]
    return lines[0], lines[1], wilder(apart, n)


def to_date(f, x, period, pick):
    """The extreme since the first bar of the period, whose first bar must not be the first of all."""
    named = {
        "week": lambda day: day.isocalendar()[:2],
        "month": lambda day: (day.year, day.month),
        "quarter": lambda day: (day.year, (day.month - 1) // 3),
        "year": lambda day: day.year,
    }[period]
    names = [named(datetime.fromtimestamp(int(start), UTC).date()) for start in f["bars"].start]
    found = []
    for i, name in enumerate(names):
        window = [x[at] for at in range(i + 1) if names[at] == name]
        known = [value for value in window if not math.isnan(value)]
        enough = len(known) >= len(window) - len(window) // 20
        found.append(NAN if name == names[0] or not enough else pick(known))
    return found


def value_when(cond, x, occurrence):
    found = []
    for i in range(len(cond)):
        yes = [at for at in range(i, -1, -1) if cond[at] == 1]
        found.append(x[yes[occurrence]] if len(yes) > occurrence else NAN)
    return found


def change(x, n):
    return [v / at(x, i, n) - 1 if at(x, i, n) != 0 else NAN for i, v in enumerate(x)]


def pairs_of(x, y, i, n):
    if i + 1 < n:
        return None
    window = zip(x[i + 1 - n : i + 1], y[i + 1 - n : i + 1], strict=True)
    known = [(a, b) for a, b in window if not math.isnan(a) and not math.isnan(b)]
    return known if len(known) >= n - n // 20 else None


def moments(pairs):
    xs, ys = [a for a, _ in pairs], [b for _, b in pairs]
    mx, my = mean(xs), mean(ys)
    cov = math.fsum((a - mx) * (b - my) for a, b in pairs) / len(pairs)
    return spread(xs), spread(ys), cov


def correlation(x, y, n):
    found = []
    for i in range(len(x)):
        pairs = pairs_of(x, y, i, n)
        sx, sy, cov = moments(pairs) if pairs else (0, 0, 0)
        found.append(cov / (sx * sy) if sx > 1e-12 and sy > 1e-12 else NAN)
    return found


def beta(x, y, n):
    found = []
    for i in range(len(x)):
        pairs = pairs_of(x, y, i, n)
        _, sy, cov = moments(pairs) if pairs else (0, 0, 0)
        found.append(cov / sy**2 if sy > 1e-12 else NAN)
    return found


def crosses_above(x, y):
    found = []
    for i in range(len(x)):
        now = truth(x[i], y[i], lambda a, b: a > b)
        before = truth(at(x, i, 1), at(y, i, 1), lambda a, b: a <= b)
        found.append(0.0 if 0.0 in {now, before} else now * before)
    return found


def first(cond, quiet):
    found = []
    for i, value in enumerate(cond):
        recent = cond[max(i - quiet, 0) : i]
        found.append(value if value != 1 else float(1.0 not in recent))
    return found


def since(cond):
    found = []
    for i in range(len(cond)):
        ago = [back for back in range(i + 1) if cond[i - back] == 1]
        found.append(float(ago[0]) if ago else NAN)
    return found


def logs(x):
    return [math.log(v) if v > 0 else NAN for v in x]


def elementwise(measure):
    def each(*series):
        rows = zip(*series, strict=True)
        return [NAN if any(math.isnan(v) for v in row) else measure(*row) for row in rows]

    return each


ups = elementwise(lambda a, b: float(a > b))
count = windowed(sum)

ORACLES = {
    "highest": ("highest(high, 25)", lambda f: highest(f["high"], 25)),
    "lowest": ("lowest(low, 4)", lambda f: lowest(f["low"], 4)),
    "new_high": ("new_high(close, 21)", lambda f: new_high(f["close"], 21)),
    "new_low": ("new_low(low, 3)", lambda f: new_low(f["low"], 3)),
    "sma": ("sma(close, 23)", lambda f: sma(f["close"], 23)),
    "stdev": ("stdev(volume, 22)", lambda f: stdev(f["volume"], 22)),
    "zscore": ("zscore(volume, 40)", lambda f: zscore(f["volume"], 40)),
    "percentile": ("percentile(close, 21)", lambda f: percentile(f["close"], 21)),
    "drawdown": ("drawdown(close, 20)", lambda f: drawdown(f["close"], 20)),
    "ema": ("ema(close, 5)", lambda f: ema(f["close"], 5)),
    "atr": ("atr(4)", lambda f: atr(f["bars"], 4)),
    "rsi": ("rsi(close, 6)", lambda f: rsi(f["close"], 6)),
    "change": ("change(volume, 2)", lambda f: change(f["volume"], 2)),
    "correlation": ("correlation(close, volume, 21)", lambda f: correlation(f["close"], f["volume"], 21)),
    "beta": ("beta(close, volume, 13)", lambda f: beta(f["close"], f["volume"], 13)),
    "log": ("log(volume)", lambda f: logs(f["volume"])),
    "abs": ("abs(open - close)", lambda f: elementwise(lambda a, b: abs(a - b))(f["open"], f["close"])),
    "min": ("min(open, close, level)", lambda f: elementwise(min)(f["open"], f["close"], f["level"])),
    "max": ("max(open, close)", lambda f: elementwise(max)(f["open"], f["close"])),
    "crosses_above": ("crosses_above(close, open)", lambda f: crosses_above(f["close"], f["open"])),
    "crosses_below": ("crosses_below(close, 99)", lambda f: crosses_above([99.0] * len(f["close"]), f["close"])),
    "first": ("first(close > open, 2)", lambda f: first(ups(f["close"], f["open"]), 2)),
    "since": ("since(close > open)", lambda f: since(ups(f["close"], f["open"]))),
    "sum": ("sum(volume, 22)", lambda f: windowed(math.fsum)(f["volume"], 22)),
    "wma": ("wma(close, 21)", lambda f: wma(f["close"], 21)),
    "macd": ("macd(close, 4, 9)", lambda f: macd(f["close"], 4, 9)),
    "macd_signal": ("macd_signal(close, 4, 9, 5)", lambda f: signal(macd(f["close"], 4, 9), 5)),
    "bollinger": ("bollinger(close, 20, -1.5)", lambda f: bollinger(f["close"], 20, -1.5)),
    "stoch": ("stoch(21)", lambda f: stoch(f, 21)),
    "adx": ("adx(5)", lambda f: directional(f["bars"], 5)[2]),
    "plus_di": ("plus_di(5)", lambda f: directional(f["bars"], 5)[0]),
    "minus_di": ("minus_di(4)", lambda f: directional(f["bars"], 4)[1]),
    "obv": ("obv()", obv),
    "highest_to_date": ("highest_to_date(high, month)", lambda f: to_date(f, f["high"], "month", max)),
    "lowest_to_date": ("lowest_to_date(low, week)", lambda f: to_date(f, f["low"], "week", min)),
    "value_when": (
        "value_when(close > open, volume, 1)",
        lambda f: value_when(ups(f["close"], f["open"]), f["volume"], 1),
    ),
    "count": ("count(close > open, 24)", lambda f: count(ups(f["close"], f["open"]), 24)),
}


def columns(frame):
    found = {name: getattr(frame.bars, name).tolist() for name in ("open", "high", "low", "close", "volume")}
    return found | {"bars": frame.bars, "level": frame.names["level"].tolist()}


def test_every_function_has_an_oracle():
    elsewhere = {"resistance", "support", "fired", "return_correlation", "return_beta"}  # beside their own tests
    assert set(ORACLES) | elsewhere == set(FUNCTIONS)


@pytest.mark.parametrize("name", ORACLES)
@settings(max_examples=15, deadline=None)
@given(frame=frames)
def test_function_is_what_a_slow_loop_finds(name, frame):
    text, oracle = ORACLES[name]
    found = evaluate(compile_formula(text, SCOPE), frame)
    np.testing.assert_allclose(found, oracle(columns(frame)), rtol=1e-8, atol=1e-9)


ALL = {
    "highest(close, all)": lambda f: highest(f["close"], "all"),
    "lowest(close, all)": lambda f: lowest(f["close"], "all"),
    "new_high(close, all)": lambda f: new_high(f["close"], "all"),
    "new_low(close, all)": lambda f: new_low(f["close"], "all"),
    "sma(close, all)": lambda f: sma(f["close"], "all"),
    "stdev(close, all)": lambda f: stdev(f["close"], "all"),
    "zscore(close, all)": lambda f: zscore(f["close"], "all"),
    "percentile(close, all)": lambda f: percentile(f["close"], "all"),
    "drawdown(close)": lambda f: drawdown(f["close"], "all"),
    "sum(close, all)": lambda f: windowed(math.fsum)(f["close"], "all"),
    "highest_to_date(close, year)": lambda f: to_date(f, f["close"], "year", max),
    "lowest_to_date(close, quarter)": lambda f: to_date(f, f["close"], "quarter", min),
    "count(close > open, all)": lambda f: count(ups(f["close"], f["open"]), "all"),
}


@pytest.mark.parametrize("text", ALL)
def test_window_of_all_bars_is_what_a_slow_loop_finds(text):
    frame = made_frame(7, weeks=60, unknown=0.03, rounded=True)
    found = evaluate(compile_formula(text, SCOPE), frame)
    assert np.isnan(found[:251]).all() or "to_date" in text
    assert np.isfinite(found).sum() > 10
    np.testing.assert_allclose(found, ALL[text](columns(frame)), rtol=1e-8, atol=1e-9)


@settings(max_examples=10, deadline=None)
@given(frame=frames)
def test_levels_are_those_of_the_levels_module(frame):
    pinned = Frame(frame.bars, pinned=(101.0,))
    given_settings = LevelSettings(left=3, right=2, tolerance=0.5)
    for name, function in (("resistance", resistance), ("support", support)):
        text = f"{name}(touches=1, age=4, left=3, right=2, tolerance=0.5)"
        for each in (pinned, Frame(frame.bars)):
            expected = function(frame.bars, given_settings, touches=1, age=4, pinned=each.pinned)
            np.testing.assert_array_equal(evaluate(compile_formula(text, SCOPE), each), expected)


def test_level_defaults_are_those_of_the_levels_module():
    frame = made_frame(1, weeks=60)
    expected = resistance(frame.bars, LevelSettings(), touches=2, age=20)
    assert np.isfinite(expected).any()
    np.testing.assert_array_equal(evaluate(compile_formula("resistance()", SCOPE), frame), expected)


@settings(max_examples=30, deadline=None)
@given(frame=frames, within=st.integers(1, 9))
def test_fired_counts_bars_of_the_other_rules_clock(frame, within):
    history = frame.fired["other"]
    found = evaluate(compile_formula(f"fired('other', within={within})", SCOPE), frame)
    for end, value in zip(frame.bars.end, found, strict=True):
        seen = [bool(fired) for closed, fired in zip(history.ends, history.fired, strict=True) if closed <= end]
        assert value == float(any(seen[-within:])) if seen else math.isnan(value)


def test_fired_is_unknown_without_a_history():
    frame = made_frame(1)
    bare = Frame(frame.bars)
    empty = Frame(frame.bars, fired={"other": FiredHistory(np.empty(0, np.int64), np.empty(0, np.bool_))})
    formula = compile_formula("fired('other')", SCOPE)
    assert np.isnan(evaluate(formula, bare)).all()
    assert np.isnan(evaluate(formula, empty)).all()


instants = st.lists(st.integers(0, 60), unique=True, max_size=15).map(lambda x: np.array(sorted(x), dtype=np.int64))


@given(ends=instants, source=instants, limit=st.integers(0, 30))
def test_as_of_is_the_last_bar_that_had_closed(ends, source, limit):
    values = np.arange(len(source), dtype=np.float64)
    found = as_of(ends, source, values, limit)
    places = last_closed(ends, source, limit)
    for end, value, place in zip(ends, found, places, strict=True):
        seen = [i for i, closed in enumerate(source) if closed <= end]
        if seen and end - source[seen[-1]] <= limit:
            assert value == seen[-1] == place
        else:
            assert math.isnan(value)
            assert place == -1
