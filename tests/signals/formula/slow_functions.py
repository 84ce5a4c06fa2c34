"""Slow loops, one for each function of the language, written from its definition."""

import math
from datetime import UTC, datetime
from itertools import pairwise

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
