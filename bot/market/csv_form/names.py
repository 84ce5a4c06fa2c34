"""The names that vendors, terminals and spreadsheets give the columns of a file, in a dozen languages."""

from __future__ import annotations

from collections.abc import Mapping

ENGLISH: Mapping[str, tuple[str, ...]] = {
    "open": ("open", "o", "open price", "px open", "open prc"),
    "high": ("high", "h", "high price", "px high", "high 1"),
    "low": ("low", "l", "low price", "px low", "low 1"),
    "close": (
        "close", "c", "close/last", "close price", "closing price", "last", "price", "last price", "latest",
        "px last", "px close", "trdprc 1",
    ),
    "volume": ("volume", "v", "vol", "tickvol", "total volume", "px volume", "acvol uns", "number of shares"),
    "symbol": ("symbol", "ticker", "name", "pair", "instrument", "asset"),
    "period": ("per", "period", "interval", "timeframe", "resolution"),
}  # fmt: skip
"""By what a row has, the names that columns of it go by, the likeliest first: as `plain_name` makes them."""

FOREIGN: Mapping[str, tuple[str, ...]] = {
    "open": (
        "eröffn", "eröffnung", "eroeffnung", "eröffnungskurs", "erster", "ouv", "ouverture", "apertura", "abertura",
        "otwarcie",
    ),
    "high": (
        "hoch", "tageshoch", "plus haut", "haut", "máximo", "maximo", "massimo", "máxima", "hoog", "najwyższy",
        "najwyzszy",
    ),
    "low": (
        "tief", "tagestief", "plus bas", "bas", "mínimo", "minimo", "mínima", "laag", "najniższy", "najnizszy",
    ),
    "close": (
        "zuletzt", "schluss", "schlusskurs", "dernier", "clôture", "cloture", "clot", "fermeture", "último", "ultimo",
        "cierre", "chiusura", "fechamento", "laatste", "zamknięcie", "zamkniecie",
    ),
    "volume": ("umsatz in stück", "stuecke", "stücke", "volumen", "wolumen", "umsatz"),
    "symbol": (),
    "period": (),
}  # fmt: skip
"""The same in German, French, Spanish, Italian, Portuguese, Dutch and Polish, which write a decimal comma."""

EAST_ASIAN: Mapping[str, tuple[str, ...]] = {
    "open": ("始値", "开盘", "開盤", "开盘价", "시가"),
    "high": ("高値", "最高", "高", "最高价", "고가"),
    "low": ("安値", "最低", "低", "最低价", "저가"),
    "close": ("終値", "收盘", "收盤", "收盘价", "종가"),
    "volume": ("出来高", "成交量", "거래량"),
    "symbol": (),
    "period": (),
}
"""The same in Japanese, Chinese and Korean, which write a decimal point."""

TIMES = (
    "unix", "unix timestamp", "epoch", "open time", "opentime", "timeopen", "t", "timestamp", "datetime", "date time",
    "gmt time", "local time", "date", "trade date", "trading date", "exchange date", "effective date",
    "observation date", "time", "datum", "fecha", "data", "日付", "日期", "날짜", "index",
)  # fmt: skip
"""Names of columns that tell when; those that can be read in one way only come first, a row's number last."""

FOREIGN_TIMES = frozenset({"datum", "fecha", "data"})

VALUES = frozenset({"value", "index value", "index level", "level", "nav"})
"""What the one column beside the dates may be called where a file has nothing but one figure a day."""

OTHER_FIGURES = frozenset(
    {
        *("adj", "adjusted", "prev", "previous", "yesterday", "open", "high", "low", "bid", "ask", "mid", "avg"),
        *("average", "mean", "vwap", "target", "strike", "volume", "vol", "return", "returns", "ret", "change", "chg"),
        *("dividend", "dividends", "div", "split", "splits", "shares", "count", "weight"),
        *("rsi", "sma", "ema", "macd", "atr", "log", "ratio", "yield"),
    }
)  # fmt: skip
"""Words in the name of a column that is of something else than the close, however alike it looks."""
