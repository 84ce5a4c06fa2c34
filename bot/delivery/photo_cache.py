"""Photo cache: the picture of an event is uploaded by one message and sent by its id with all others."""

from __future__ import annotations

import asyncio

from bot.delivery.transport import Failure, FailureKind, Sent
from bot.store.outbox import ClaimedDelivery

_KEPT_EVENTS = 64  # ids of more events than that are never wanted at once; the store has them all


class PhotoCache:
    """What each message takes along: `of` before it goes, `done` after it went or was put back."""

    def __init__(self) -> None:
        self._uploads: dict[int, tuple[int, asyncio.Event]] = {}  # event: the delivery that uploads, done with it
        self._ids: dict[int, str] = {}

    async def of(self, claimed: ClaimedDelivery) -> bytes | str | None:
        """Bytes or the id to send with this delivery; waits while another one uploads the same picture."""
        if claimed.bare:
            return None
        event = claimed.content.event
        while event in self._uploads:
            await self._uploads[event][1].wait()
        photo = self._ids.get(event, claimed.content.photo)
        if isinstance(photo, bytes):
            self._uploads[event] = (claimed.id, asyncio.Event())
        return photo

    def done(self, claimed: ClaimedDelivery, photo: bytes | str | None, outcome: Sent | Failure | None = None) -> None:
        """Learn from what came of sending it with `photo`; None where it was not tried: the next one uploads."""
        event = claimed.content.event
        uploader, uploaded = self._uploads.get(event, (None, None))
        if isinstance(outcome, Sent) and outcome.photo_file_id is not None and not claimed.bare:
            self._ids[event] = outcome.photo_file_id
            if len(self._ids) > _KEPT_EVENTS:
                del self._ids[next(iter(self._ids))]
        stale = isinstance(outcome, Failure) and outcome.kind is FailureKind.STALE_PHOTO
        if stale and self._ids.get(event) == photo:
            del self._ids[event]
        if uploader == claimed.id and uploaded is not None:
            del self._uploads[event]
            uploaded.set()
