"""Look watch: the operators are told once that looks fail, and once that they succeed again."""

from __future__ import annotations

from bot.app.look_watch import PATIENCE_SECONDS, LookWatch


async def test_operators_are_told_after_minutes_once_and_once_at_the_end() -> None:
    told: list[str] = []
    clock = [0.0]

    async def tell(text: str) -> None:
        told.append(text)

    watch = LookWatch(tell, lambda: clock[0])
    await watch.failed("store: disk I/O error")
    await watch.succeeded()
    assert told == []
    for clock[0] in (10.0, 60.0, 10 + PATIENCE_SECONDS, 20 + PATIENCE_SECONDS):
        await watch.failed("store: <malformed>")
    assert len(told) == 1
    assert "store: &lt;malformed&gt;" in told[0]
    for _ in range(2):
        await watch.succeeded()
    assert len(told) == 2
    assert "succeed again" in told[1]
