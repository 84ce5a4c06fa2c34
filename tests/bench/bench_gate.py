"""False doubts of the gate: every bar of the real histories of the shipped markets, judged on its own day.

Run: python -m tests.bench.bench_gate [MARKET …]   (needs the real histories beside the checkout)

`doubts` are the bars that were held or lost a price, from one source alone; `right` those of them that were bad prints,
or rows of days without a trade; `false` what is left, a year and of all bars, goal under 0.05 %; `records` those on a
record close, marked with a star, goal 0; `second` the false ones that are left where another source tells the same.
"""

from __future__ import annotations

import argparse

from tests.market.real_histories import Histories, record_days

GOAL = 5e-4
_YEAR_S = 31_557_600


def main() -> int:
    """1 where a market has more false doubts than wanted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("markets", nargs="*")
    histories, missing = Histories(), False
    print("market         bars years doubts  right false a-year of-all-bars records second")
    for name in parser.parse_args().markets or histories.markets:
        bars = histories.bars(name)
        doubts = histories.doubts(name)
        false = [at for at in doubts if not histories.rightly(name, at)]
        records = set(record_days(bars)) & set(false)
        left = histories.doubts(name, false, second=True)
        years = (int(bars.end[-1]) - int(bars.start[0])) / _YEAR_S
        share = len(false) / len(bars)
        told = f"{len(doubts):6} {len(doubts) - len(false):6} {len(false):5} {len(false) / years:6.2f} {share:11.3%}"
        days = " ".join(bars.label(at) + ("*" if at in records else "") for at in false)
        missed = "" if share < GOAL and not records else "  MISSED"
        missing = missing or bool(missed)
        print(f"{name:13} {len(bars):5} {years:5.1f} {told} {len(records):7} {len(left):6}{missed}  {days}", flush=True)
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main())
