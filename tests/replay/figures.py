"""Macro series as FRED, DefiLlama, alternative.me and Binance's futures answer for them."""

from __future__ import annotations

from tests.replay.world import Answer, World, told

_COINS = "/v4/timeseries/asset-metrics"
_LISTS = ("/stablecoincharts/all", "/fng/")


def figures(world: World, path: str, query: dict[str, str]) -> Answer | None:
    """The answer that the world holds for the request; None where the path is of no source of macro series."""
    if path == "/graph/fredgraph.csv":
        rows = world.figures.get(f"fredgraph.csv {query['id']}")
        if rows is None:
            return Answer(404, "<html>no such series</html>")
        table = "\n".join([f"observation_date,{query['id']}", *(f"{day},{value}" for day, value in rows)])
        return Answer(200, table + "\n", {"Content-Type": "text/csv"})
    if path == "/fred/series/observations":
        return told({"observations": world.figures.get(f"observations {query['series_id']}", [])})
    if path == "/fapi/v1/fundingRate":
        rows = [row for row in world.figures.get(path, []) if row["fundingTime"] >= int(query["startTime"])]
        return told(rows[: int(query["limit"])])
    if path == _COINS:
        rows = [row for row in world.figures.get(path, []) if row["time"][:10] >= query["start_time"]]
        first, size = int(query.get("next_page_token", "0")), int(query["page_size"])
        more = {"next_page_token": str(first + size)} if first + size < len(rows) else {}
        return told({"data": rows[first : first + size], **more})
    return told(world.figures.get(path, [])) if path in _LISTS else None
