"""More forms of the same four sessions: terminals, brokers, statistics packages, pages copied from a browser."""

from tests.market.sources.csv_forms import FULL, HEAD, comma, day, rows, unix

US = "%m/%d/%Y"
DE = "%d.%m.%Y"


def money(number):
    return f"{number:,.2f}"


def indian(number):
    return f"{number // 100000},{number % 100000 // 1000:02d},{number % 1000:03d}" if number > 99999 else f"{number:,}"


def german(number):
    return money(number).translate(str.maketrans(",.", ".,"))


TABBED = FULL.replace(",", "\t")
SEMICOLONS = FULL.replace(",", ";")

TERMINALS = {
    "Yahoo's page, copied": (
        "Date\tOpen\tHigh\tLow\tClose Close price adjusted for splits.\tAdj Close Adjusted close price adjusted for"
        " splits and dividend and/or capital gain distributions.\tVolume\n"
        "Feb 5, 2024\t0.52 Dividend\n"
        + rows(
            "{date}\t{o}\t{h}\t{l}\t{c}\t9.5\t{v}",
            date=day("%b %d, %Y"),
            number=money,
            volume="{:,}".format,
            newest_first=True,
        ),
        "separated by tabs; dates like Feb 02, 2024; commas between thousands; newest first; line 2 left out (Feb 5",
    ),
    "Yahoo with footnotes": (
        "Date,Open,High,Low,Close*,Adj Close**,Volume\n"
        + rows('"{date}",{o},{h},{l},{c},9.5,{v}', date=day("%b %d, %Y"))
        + '"*Close price adjusted for splits.","**Adjusted close price."\n',
        "dates like Jan 30, 2024; line 6 left out (*Close price",
    ),
    "Bloomberg": (
        "Security,RTY Index\nStart Date,1/29/2024\n\nDate,PX_OPEN,PX_HIGH,PX_LOW,PX_LAST,PX_VOLUME\n"
        + rows(FULL, date=day(US)),
        "dates like 01/30/2024, month first; open from 'PX_OPEN', high from 'PX_HIGH'",
    ),
    "Refinitiv": (
        "History,,,,,,\n.RUT,,,,,,\nExchange Date,Close,%Chg,Open,High,Low,Volume\n"
        + rows("{date},{c},+0.5%,{o},{h},{l},{v}", date=day("%d-%b-%Y"), newest_first=True),
        "dates like 02-Feb-2024; newest first; line 1 left out (History",
    ),
    "Datastream": (
        "Date,TRDPRC_1,OPEN_PRC,HIGH_1,LOW_1,ACVOL_UNS\n" + rows("{date},{c},{o},{h},{l},{v}"),
        "open from 'OPEN_PRC'",
    ),
    "Koyfin": (
        "Date,IWM - Open,IWM - High,IWM - Low,IWM - Close,IWM - Volume\n" + rows(FULL),
        "open from 'IWM - Open'",
    ),
    "R, write.csv of quantmod": (
        '"","IWM.Open","IWM.High","IWM.Low","IWM.Close","IWM.Volume","IWM.Adjusted"\n'
        + rows('"{date}",{o},{h},{l},{c},{v},9'),
        "open from 'IWM.Open', high from 'IWM.High', low from 'IWM.Low', close from 'IWM.Close'",
    ),
    "R, write.zoo": (
        "Index IWM.Open IWM.High IWM.Low IWM.Close IWM.Volume\n" + rows(FULL.replace(",", " ")),
        "separated by blanks; open from 'IWM.Open'",
    ),
    "pandas, columns of two levels made one": (
        "Date,close_iwm,high_iwm,low_iwm,open_iwm,volume_iwm\n" + rows("{date},{c},{h},{l},{o},{v}"),
        "open from 'open_iwm'",
    ),
    "polars": (
        HEAD + rows(FULL, date="{}T00:00:00.000000+0000".format),
        "times like 2024-01-30T00:00:00.000000+0000",
    ),
    "columns in line": (
        "Date   Open  High  Low  Close  Volume\n" + rows("{date}  {o}  {h}  {l}  {c}  {v}"),
        "separated by blanks",
    ),
    "a table in Markdown": (
        "| Date | Open | High | Low | Close | Volume |\n|------|-----:|:----|---|---|---|\n"
        + rows("| {date} | {o} | {h} | {l} | {c} | {v} |"),
        "separated by bars",
    ),
    "Barchart": (
        "Time,Open,High,Low,Latest,Change,%Change,Volume\n"
        + rows("{date},{o},{h},{l},{c},0.5,+0.1%,{v}", newest_first=True)
        + '"Downloaded from Barchart.com as of 02-02-2024 05:00pm CST"\n',
        "newest first; close from 'Latest'; line 6 left out",
    ),
    "Fidelity": (
        "Date,Open,High,Low,Close,Volume\n"
        + rows(FULL, date=day("%b-%d-%Y"), newest_first=True)
        + "\nDisclaimer: past performance, is no guide, to the future.\n",
        "dates like Feb-02-2024; newest first; line 7 left out (Disclaimer",
    ),
    "Euronext": (
        '"Historical Data"\n"From 2024-01-29"\nDate;Open;High;Low;Last;Close;"Number of Shares";Turnover\n'
        + rows("'{date};{o};{h};{l};9;{c};{v};7", date=day("%d/%m/%Y"), newest_first=True),
        "separated by semicolons; dates like 02/02/2024, day first; newest first; volume from 'Number of Shares'",
    ),
    "Frankfurt": (
        "Datum;Eröffnung;Schluss;Tageshoch;Tagestief;Umsatz (in EUR);Umsatz (in Stück)\n"
        + rows("{date};{o};{c};{h};{l};99;{v}", date=day(DE), number=german, volume=str, newest_first=True),
        "separated by semicolons; dates like 02.02.2024, day first; decimal comma; newest first; open from 'Eröffnung'",
    ),
    "a German spreadsheet in ASCII": (
        "Datum;Eroeffnung;Hoch;Tief;Schluss;Volumen\n"
        + rows(SEMICOLONS, date=day("%d.%m.%y"), number=comma, volume=str),
        "separated by semicolons; dates like 30.01.24, day first; decimal comma; open from 'Eroeffnung'",
    ),
    "Boursorama": (
        "date\touv\thaut\tbas\tclot\tvol\tdevise\n" + rows(TABBED + "\tUSD", date=day("%d/%m/%Y 00:00")),
        "separated by tabs; times like 30/01/2024 00:00, day first; open from 'ouv'",
    ),
    "Stooq, Polish": (
        "Data,Otwarcie,Najwyzszy,Najnizszy,Zamkniecie,Wolumen\n" + rows(FULL),
        "open from 'Otwarcie'",
    ),
    "Japanese": (
        "日付,始値,高値,安値,終値,出来高\n" + rows(FULL, date=day("%Y年%m月%d日")),
        "open from '始値'",
    ),
    "Dukascopy": (
        "Local time,Open,High,Low,Close,Volume\n" + rows(FULL, date=day("%d.%m.%Y 00:00:00.000 GMT-0500")),
        "times like 30.01.2024 00:00:00.000 GMT-0500, day first",
    ),
    "MetaTrader 4, no header": (
        rows("{date},00:00,{o},{h},{l},{c},{v}", date=day("%Y.%m.%d")),
        "dates like 2024.01.30; no header",
    ),
    "NinjaTrader, no header": (
        rows(SEMICOLONS, date=day("%Y%m%d")),
        "separated by semicolons; dates like 20240130; no header",
    ),
    "Coinbase, its own order": (
        "time,low,high,open,close,volume\n" + rows("{date},{l},{h},{o},{c},{v}", date=unix(1), newest_first=True),
        "unix time in seconds; newest first",
    ),
    "Indian grouping": (
        HEAD + rows('{date},{o},{h},{l},{c},"{v}"', volume=indian),
        "commas between thousands",
    ),
    "names of a currency": (HEAD + rows("{date},{o} USD,{h} USD,{l} USD,USD {c},{v}"), ""),
}

CLOSES = {
    "Google Sheets": (
        "Date,Close\n" + rows("{date},{c}", date=day("%m/%d/%Y 16:00:00")),
        "times like 01/30/2024 16:00:00, month first",
    ),
    "FRED": ("observation_date,IWMCLS\n" + rows("{date},{c}") + "2024-02-05,.\n", "close from 'IWMCLS'"),
    "FRED, old": ("DATE,IWMCLS\n" + rows("{date},{c}"), "close from 'IWMCLS'"),
    "a column named as the market": ("Date,IWM\n" + rows("{date},{c}"), "close from 'IWM'"),
    "an index's value": (
        "Date,Index Value\n" + rows("{date},{c}", date=day("%d/%m/%Y")),
        "dates like 30/01/2024, day first; close from 'Index Value'",
    ),
    "Koyfin's price": (
        "Date,iShares Russell 2000 ETF (IWM) - Price (Close)\n" + rows("{date},{c}"),
        "close from 'iShares Russell 2000 ETF (IWM) - Price (Close)'",
    ),
}
"""Files that hold closes and nothing else."""
