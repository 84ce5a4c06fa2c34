"""A rule on levels that is asked about a forming bar: each look costs a bar, not the walk over the whole history."""

from pathlib import Path

from bot.scan.evaluate import BarSets, RuleState, evaluate_rules
from bot.signals.replay.event import EventKind
from bot.signals.timeframe import DAY, Timeframe
from bot.store.alerts import StoredEvent, Watermark
from tests.rulebook.books import book_of, rule_text
from tests.signals.levels.test_walk import LOOK, lines_of, with_close
from tests.signals.price_walks import walk

COUNT = 3_000
IWM = ("IWM", Timeframe.D1)


def test_each_look_at_a_forming_bar_costs_a_bar(tmp_path: Path) -> None:
    bars = walk(11, COUNT + 1, rounded=False)
    closed = bars.prefix(COUNT)
    rules = book_of(tmp_path / "rules", over=rule_text("close > resistance() + atr(14)", trigger="intraday")).rules
    mark = Watermark(int(closed.start[-1]), rules["over"].rule.digest)

    def look(close: float, *told: StoredEvent) -> list[EventKind]:
        forming = with_close(bars, COUNT, close).slice(COUNT, COUNT + 1)
        state = RuleState(mark, int(closed.end[-1]) + DAY // 2, told)
        results = evaluate_rules(rules, {"over": state}, BarSets({IWM: closed}, {IWM: closed}, {IWM: forming}))
        return [event.kind for result in results for event in result.events]

    assert lines_of(lambda: look(60.0)) > 20 * LOOK  # the first one walks over it all
    for close in (61.0, 60.5, 59.0, 62.0, 58.0):
        assert lines_of(lambda: look(close)) < 2 * LOOK  # noqa: B023
        assert look(close) == []
    assert look(900.0) == [EventKind.PROVISIONAL]
    start = int(bars.start[COUNT])
    told = StoredEvent(EventKind.PROVISIONAL, start, start, mark.digest)
    for close in (910.0, 920.0):
        assert lines_of(lambda: look(close, told)) < 2 * LOOK  # noqa: B023
        assert look(close, told) == []
