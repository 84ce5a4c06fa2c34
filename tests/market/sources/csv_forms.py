"""The same four sessions in the forms in which vendors, exchanges and spreadsheets write them."""

from datetime import datetime

from bot.signals.timeframe import start_of

DAYS = ("2024-01-30", "2024-01-31", "2024-02-01", "2024-02-02")
ROWS = (
    (1754.5, 1760.25, 1748, 1756.5, 23400),
    (1756.5, 1771, 1755, 1769.75, 25100),
    (1769, 1775, 1760, 1762.5, 1250000),
    (1763, 1790.5, 1761, 1788, 30000),
)
"""The same four sessions in all forms: open, high, low, close, volume."""


def rows(form: str, *, newest_first: bool = False, **say) -> str:
    """The four sessions, a line each: `form` has the fields date, open, …, and how each is said."""
    lines = []
    for day, values in zip(DAYS, ROWS, strict=True):
        fields = dict(zip(("o", "h", "l", "c", "v"), values, strict=True))
        said = {name: say.get("number", str)(value) for name, value in fields.items()}
        said["v"] = say.get("volume", say.get("number", str))(fields["v"])
        lines.append(form.format(date=say.get("date", str)(day), **said))
    return "\n".join(reversed(lines) if newest_first else lines) + "\n"


def day(form):
    return lambda text: datetime.fromisoformat(text).strftime(form)


def unix(factor, hour=0):
    return lambda text: (start_of(text) + hour * 3600) * factor


def comma(number):
    return f"{number:,}".replace(",", "_").replace(".", ",").replace("_", ".")


def short(number):
    return f"{number / 1000:.2f}K" if number < 1e6 else f"{number / 1e6:.2f}M"


FULL = "{date},{o},{h},{l},{c},{v}"
HEAD = "date,open,high,low,close,volume\n"
QUOTED = '"{date}","{c}","{o}","{h}","{l}","{v}"'

READ = {
    "plain": (HEAD + rows(FULL), ""),
    "Yahoo": ("Date,Open,High,Low,Close,Adj Close,Volume\n" + rows("{date},{o},{h},{l},{c},1.5,{v}.0"), ""),
    "Yahoo of 2015": (
        "Date,Open,High,Low,Close,Volume,Adj Close\n" + rows("{date},{o},{h},{l},{c},{v},9", newest_first=True),
        "newest first",
    ),
    "yfinance, one line of header": (
        "Date,Open,High,Low,Close,Volume,Dividends,Stock Splits\n"
        + rows("{date} 00:00:00-05:00,{o},{h},{l},{c},{v},0.0,0.0"),
        "times like 2024-01-30 00:00:00-05:00",
    ),
    "yfinance, three lines of header": (
        "Price,Close,High,Low,Open,Volume\nTicker,IWM,IWM,IWM,IWM,IWM\nDate,,,,,\n"
        + rows("{date},{c},{h},{l},{o},{v}"),
        "three lines of header",
    ),
    "yfinance, symbols above the prices": (
        "Ticker,IWM,IWM,IWM,IWM,IWM\nPrice,Open,High,Low,Close,Volume\nDate,,,,,\n" + rows(FULL),
        "three lines of header",
    ),
    "pandas, times in a column without a name": (",Open,High,Low,Close,Volume\n" + rows(FULL), ""),
    "TradingView, unix": (
        "time,open,high,low,close,MA,MA,Volume,Volume MA\n"
        + rows("{date},{o},{h},{l},{c},NaN,NaN,{v},NaN", date=unix(1, 14.5)),
        "unix time in seconds",
    ),
    "TradingView, ISO": (
        'time,open,high,low,close,"IWM, 1D: Close",Volume\n' + rows("{date}T14:30:00Z,{o},{h},{l},{c},5,{v}"),
        "",
    ),
    "Investing.com": (
        '\ufeff"Date","Price","Open","High","Low","Vol.","Change %"\r\n'
        + rows(
            QUOTED + ',"-1.07%"', date=day("%b %d, %Y"), number="{:,}".format, volume=short, newest_first=True
        ).replace("\n", "\r\n"),
        "dates like Feb 02, 2024; commas between thousands; newest first; close from 'Price'",
    ),
    "Investing.com, dates in figures": (
        '"Date","Price","Open","High","Low","Vol.","Change %"\n'
        + rows(QUOTED + ',"1.07%"', date=day("%m/%d/%Y"), number="{:,}".format, volume=short, newest_first=True),
        "dates like 02/02/2024, month first",
    ),
    "Investing.com, British": (
        '"Date","Price","Open","High","Low","Vol.","Change %"\n'
        + rows(QUOTED + ',"1.07%"', date=day("%d/%m/%Y"), number="{:,}".format, volume=short, newest_first=True),
        "dates like 02/02/2024, day first",
    ),
    "Investing.com, German": (
        '"Datum","Zuletzt","Eröffn.","Hoch","Tief","Vol.","+/- %"\n'
        + rows(
            QUOTED + ',"-1,07%"',
            date=day("%d.%m.%Y"),
            number=comma,
            volume=lambda n: short(n).replace(".", ","),
            newest_first=True,
        ),
        "dates like 02.02.2024, day first; decimal comma; newest first; open from 'Eröffn.'",
    ),
    "Investing.com, French": (
        '"Date","Dernier","Ouv."," Plus Haut","Plus Bas","Vol.","Variation %"\n'
        + rows(
            QUOTED + ',"-1,07%"',
            date=day("%d/%m/%Y"),
            number=comma,
            volume=lambda n: short(n).replace(".", ","),
            newest_first=True,
        ),
        "dates like 02/02/2024, day first; decimal comma; newest first; open from 'Ouv.'",
    ),
    "Nasdaq": (
        "Date,Close/Last,Volume,Open,High,Low\n"
        + rows("{date},${c},{v},${o},${h},${l}", date=day("%m/%d/%Y"), newest_first=True),
        "dates like 02/02/2024, month first; newest first; close from 'Close/Last'",
    ),
    "Stooq": ("Date,Open,High,Low,Close,Volume\r\n" + rows(FULL).replace("\n", "\r\n"), ""),
    "Stooq, old": (
        "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\n"
        + rows("IWM.US,D,{date},000000,{o},{h},{l},{c},{v},0", date=day("%Y%m%d")),
        "dates like 20240130",
    ),
    "MetaTrader": (
        "<DATE>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>\n"
        + rows("{date}\t{o}\t{h}\t{l}\t{c}\t7\t{v}\t1", date=day("%Y.%m.%d")),
        "separated by tabs; dates like 2024.01.30",
    ),
    "Alpha Vantage": ("timestamp,open,high,low,close,volume\n" + rows(FULL, newest_first=True), "newest first"),
    "Alpha Vantage, numbered": (
        "date,1. open,2. high,3. low,4. close,5. adjusted close,6. volume\n" + rows("{date},{o},{h},{l},{c},7,{v}"),
        "",
    ),
    "Polygon, letters": (
        "v,vw,o,c,h,l,t,n,T\n" + rows("{v},1.5,{o},{c},{h},{l},{date},9,IWM", date=unix(1000, 5)),
        "unix time in milliseconds",
    ),
    "Polygon, an index": (
        ",open,high,low,close,volume,vwap,timestamp,otc\n"
        + rows("0,{o},{h},{l},{c},{v},1.5,{date},", date=unix(1000, 5)),
        "unix time in milliseconds",
    ),
    "unix microseconds": ("t,o,h,l,c,v\n" + rows(FULL, date=unix(10**6)), "unix time in microseconds"),
    "unix nanoseconds": ("t,o,h,l,c,v\n" + rows(FULL, date=unix(10**9)), "unix time in nanoseconds"),
    "unix with a decimal point": (
        "time,open,high,low,close,volume\n" + rows("{date}.0,{o},{h},{l},{c},{v}", date=unix(1)),
        "unix time in seconds",
    ),
    "Kraken, no header": (rows("{date},{o},{h},{l},{c},{v},3", date=unix(1)), "unix time in seconds; no header"),
    "Binance, no header": (
        rows("{date}000,{o},{h},{l},{c},{v},{date}999,1.5,7,1.5,1.5,0", date=unix(1)),
        "unix time in milliseconds; no header",
    ),
    "Binance, a header": (
        "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore\n"
        + rows("{date}000,{o},{h},{l},{c},{v},{date}999,1.5,7,1.5,1.5,0", date=unix(1)),
        "unix time in milliseconds",
    ),
    "CoinMarketCap": (
        "timeOpen;timeClose;timeHigh;timeLow;name;open;high;low;close;volume;marketCap;timestamp\n"
        + rows(
            '"{date}T00:00:00.000Z";"x";"x";"x";"2781";{o};{h};{l};{c};{v};8;"{date}T23:59:59.999Z"', newest_first=True
        ),
        "separated by semicolons; times like 2024-02-02T00:00:00.000Z; newest first",
    ),
    "an address and several times": (
        "https://www.example.com\nunix,date,symbol,open,high,low,close,Volume\n"
        + rows("{date},{d},BTC/USD,{o},{h},{l},{c},{v}".replace("{d}", "{date}"), date=unix(1)),
        "unix time in seconds; line 1 left out (https://www.example.com)",
    ),
    "remarks": (
        "# bars of IWM\n\n" + HEAD + rows(FULL) + "# the end\n\nSource: somebody\n",
        "line 10 left out (Source: somebody)",
    ),
    "spreadsheet": (
        "sep=;\nDatum;Eröffnung;Hoch;Tief;Schlusskurs;Umsatz\n"
        + rows(FULL.replace(",", ";"), date=day("%d.%m.%Y"), number=comma, volume="{:_}".format).replace("_", "."),
        "separated by semicolons; dates like 30.01.2024, day first; decimal comma",
    ),
    "semicolons, points": (
        "date;open;high;low;close;volume\n" + rows(FULL.replace(",", ";")),
        "separated by semicolons",
    ),
    "bars": ("date|open|high|low|close|volume\n" + rows(FULL.replace(",", "|")), "separated by bars"),
    "blanks around": (" Date , Open , High , Low , Close , Volume \n" + rows(FULL.replace(",", " , ")), ""),
    "apostrophes": (HEAD + rows(FULL, number=lambda n: f"{n:,}".replace(",", "'")), ""),
    "blanks between thousands": (
        "date;open;high;low;close;volume\n"
        + rows(FULL.replace(",", ";"), number=lambda n: f"{n:,}".replace(",", "\u202f")),
        "separated by semicolons",
    ),
    "compact dates": (HEAD + rows(FULL, date=day("%Y%m%d")), "dates like 20240130"),
    "slashes": (HEAD + rows(FULL, date=day("%Y/%m/%d")), "dates like 2024/01/30"),
    "years of two digits": (HEAD + rows(FULL, date=day("%m/%d/%y")), "dates like 01/30/24, month first"),
    "years of two digits, day first": (HEAD + rows(FULL, date=day("%d-%m-%y")), "dates like 30-01-24, day first"),
    "names of months": (HEAD + rows(FULL, date=day("%d-%b-%y")), "dates like 30-Jan-24"),
    "closing times": (HEAD + rows(FULL, date=day("%m/%d/%Y 16:00:00")), "times like 01/30/2024 16:00:00, month first"),
    "a comma at the end": (HEAD + rows(FULL + ","), ""),
    "a row twice": (HEAD + rows(FULL) + rows(FULL).splitlines()[-1], "1 row repeated and counted once"),
    "unknown cells": (HEAD + rows(FULL) + "2024-02-05,null,N/A,-,NaN,\n", ""),
    "units": ("Date,Open ($),High ($),Low ($),Close ($),Volume\n" + rows(FULL), ""),
}
