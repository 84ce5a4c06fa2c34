"""Picture cache: one drawing for all who ask for the same picture, whether at once or one after the other."""

from __future__ import annotations

import asyncio
import hashlib
import pickle
from collections import OrderedDict

from bot.charts.request import ChartRequest, Draw

MOST_PICTURES = 24
"""Pictures kept, of about 40 kB each; those that were asked for last."""


class PictureCache:
    """Has each picture drawn once. What could not be drawn is not kept, and drawn anew for the next who asks.

    Pictures are the same where the requests hold the same of what is drawn, to the last bar: a new bar makes a new
    picture.
    """

    def __init__(self, draw: Draw, most: int = MOST_PICTURES) -> None:
        self._draw = draw
        self._most = most
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        self._under_way: dict[bytes, asyncio.Task[bytes | None]] = {}

    async def draw(self, request: ChartRequest) -> bytes | None:
        """The picture; None where it could not be drawn. Whoever is cancelled keeps nobody else from it."""
        request = request.trimmed()
        key = hashlib.sha256(pickle.dumps(request)).digest()
        if (png := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
            return png
        if (drawing := self._under_way.get(key)) is None:
            drawing = self._under_way[key] = asyncio.create_task(self._drawn(key, request), name="picture")
        return await asyncio.shield(drawing)

    async def _drawn(self, key: bytes, request: ChartRequest) -> bytes | None:
        try:
            png = await self._draw(request)
        finally:
            del self._under_way[key]
        if png is not None:
            self._kept[key] = png
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return png
