"""What is fed with odd bytes: each target takes any of them, and raises what it says it raises and nothing else."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bot.market.csv_form.table import read_table
from bot.market.model import FetchRequest, Source, SourceError
from bot.market.sources.coingecko import recent_snapshots
from bot.market.sources.registry import fetch
from bot.problem import ProblemError
from bot.rulebook.book import load_book
from bot.rulebook.rule_definition import read_rule
from bot.sandbox.errors import ApiError
from bot.sandbox.markup.parser import parse_html
from bot.settings import load_settings
from bot.settings.shipped import shipped
from bot.signals.formula import FUNCTIONS, FormulaError, compile_formula, evaluate
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Timeframe, start_of
from bot.views.formatting import html
from tests.fuzz.mutation import fuzz
from tests.market.hostile.server import Hostile, HostileServer
from tests.signals.formula.frames import SCOPE, made_frame

MARKETS = frozenset({"IWM", "RUT", "IWN", "BTC", "ETH", "SPY", "VIX", "ALTS"})
NOW = start_of("2026-11-20T12:00Z")
FRAME = made_frame(3)


@dataclass(frozen=True)
class Target:
    """A function of bytes, good inputs to begin with, and words that mean something to it."""

    take: Callable[[bytes], object]
    seeds: Sequence[bytes]
    words: Sequence[bytes]


def formula(raw: bytes) -> None:
    with suppress(FormulaError):
        evaluate(compile_formula(raw.decode("utf-8", "replace")[:2_000], SCOPE), FRAME)


def rule(raw: bytes) -> None:
    for problem in read_rule(raw, "r.yaml", MARKETS, frozenset({"other"})).problems:
        assert len(str(problem)) < 4_000
        str(problem).encode()


def settings(raw: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.yaml"
        path.write_bytes(raw)
        path.chmod(0o600)
        with suppress(ProblemError):
            load_settings(path, {}, Path(folder))


def csv(raw: bytes) -> None:
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        file.write(raw)
        file.flush()
        with suppress(ProblemError):
            read_table(Path(file.name))


def markup(raw: bytes) -> None:
    text = raw.decode("utf-8", "replace")
    with suppress(ApiError):
        parse_html(text)
    shown = parse_html(html.bold(html.escape(text))).text
    assert "".join(shown.split()) == "".join(text.replace("\0", "").split()) or not text.isprintable()
    for page in html.split(html.escape(text) or "-", 200):
        parse_html(page)


VENDORS = {
    "alternative_me": ("fear_and_greed", {}, b'{"data":[{"value":"40","timestamp":"1794960000"}]}'),
    "binance_funding": ("BTCUSDT", {}, b'[{"symbol":"BTCUSDT","fundingTime":1794960000000,"fundingRate":"0.01"}]'),
    "coingecko": (
        "total",
        {},
        b'{"data":{"total_market_cap":{"usd":3e12},"market_cap_percentage":{"btc":55,"eth":12},"updated_at":1795176000}}',
    ),
    "defillama": ("stablecoins", {}, b'[{"date":"1794960000","totalCirculatingUSD":{"peggedUSD":3e11}}]'),
    "exchange": (
        "BTC/USDT",
        {"rateLimit": 1},
        b'[[1794960000000,"1","2","1","2","3",1795046399999,"6",1,"1","1","0"]]',
    ),
    "tiingo": (
        "IWM",
        {"key": "k"},
        b'[{"date":"2026-11-19T00:00:00.000Z","open":1,"high":2,"low":1,"close":2,"volume":3}]',
    ),
    "twelvedata": (
        "IWM",
        {"key": "k"},
        b'{"meta":{},"status":"ok","values":[{"datetime":"2026-11-19","open":"1","high":"2","low":"1","close":"2"}]}',
    ),
    "yahoo": (
        "IWM",
        {},
        (
            b'{"chart":{"result":[{"meta":{"currency":"USD","symbol":"IWM","validRanges":["1d"],"instrumentType":"ETF",'
            b'"exchangeTimezoneName":"America/New_York","dataGranularity":"1d"},"timestamp":[1794960000],"indicators":'
            b'{"quote":[{"open":[1],"high":[2],"low":[1],"close":[2],"volume":[3]}],"adjclose":[{"adjclose":[2]}]}}],'
            b'"error":null}}'
        ),
    ),
}
"""Symbol, options and a good answer of each source that is asked over HTTP."""

_JSON = [b"null", b"{}", b"[]", b'"x"', b"-1", b"1e400", b"NaN", b"Infinity", b"[" * 3_000, b'"\\ud800"', b"9" * 5_000]


def vendor(server: HostileServer, kind: str) -> Target:
    """A source whose answers are mutated."""
    symbol, options, good = VENDORS[kind]
    source = Source(kind, "binance" if kind == "exchange" else kind, symbol, {"base_url": server.url, **options})
    sessions = Sessions.round_the_clock(NOW - 40 * DAY, NOW)
    request = FetchRequest("M", Timeframe.D1, source, sessions, NOW - 30 * DAY, NOW)
    return Target(lambda raw: _asked(server, request, raw), [good], _JSON)


def fuzz_vendor(kind: str, seconds: float, seed: int) -> int:
    """As `fuzz`, in a process whose log nobody reads: each stumble is logged there with its traceback."""
    logging.disable(logging.CRITICAL)
    with HostileServer() as server:
        target = vendor(server, kind)
        return fuzz(seconds, seed, target.take, target.seeds, target.words)


def _asked(server: HostileServer, request: FetchRequest, raw: bytes) -> None:
    recent_snapshots.clear()
    server.answer_with(Hostile("fuzz", 0, head=raw))
    with suppress(SourceError):
        fetch(request)


_RULES = [path.read_bytes() for path in sorted(shipped("rules").glob("*.yaml"))]
_FORMULAS = [each.example.encode() for each in FUNCTIONS.values()]
_FORMULAS += [
    each.text.encode() for found in load_book(shipped("rules"), MARKETS).rules.values() for each in found.formulas
]
_WORDS = [b" and ", b" not ", b"(", b")", b"[1]", b"close", b"BTC.close", b"1e999", b"if", b"lambda x: x", b"__class__"]
_YAML = [b"- ", b": ", b"|\n", b">\n", b"&a", b"*a", b"!!python/object", b"{", b"[", b"'", b'"', b"#", b"\n\n", b"%"]
_CELLS = [
    b",",
    b";",
    b"\t",
    b'"',
    b"1,234.5",
    b"1.234,5",
    b"2020-01-01",
    b"01/02/2020",
    b"1577836800000",
    b"\n",
    b"nan",
]
_TAGS = [b"<b>", b"</b>", b"<a href='x'>", b"&lt;", b"&#x110000;", b"<tg-emoji", b"<pre><code>", b"<", b">", b"&"]

_EXAMPLE = shipped("config.example.yaml").read_bytes()[:8_000]

TARGETS = {
    "formula": Target(formula, _FORMULAS, _WORDS),
    "rule": Target(rule, _RULES, [*_YAML, *_WORDS]),
    "settings": Target(settings, [_EXAMPLE, b"telegram:\n  access: open\n"], _YAML),
    "csv": Target(
        csv,
        [
            b"date,open,high,low,close,volume\n2020-01-01,1,2,1,2,3\n2020-01-02,1,2,1,2,3\n",
            b"Datum;Er\xc3\xb6ffnung;Schluss\n31.01.2020;1,5;1,6\n",
            b"1577836800,7000,7100,6900,7050,10,5\n1577923200,7000,7100,6900,7050,10,5\n",
        ],
        _CELLS,
    ),
    "markup": Target(markup, [b"<b>bold</b> &amp; <i>it</i>", b"a & b < c", "−3 % 📈 \u202e".encode()], _TAGS),
}
