"""Photo cache: a message's picture is uploaded by one delivery and sent by its id with all others."""

from __future__ import annotations

import asyncio

from bot.delivery.transport import Failure, FailureKind, Sent
from bot.store.outbox.claim import ClaimedDelivery

_KEPT_MESSAGES = 64  # ids of more messages than that are never wanted at once; the store has them all


class PhotoCache:
    """What each delivery takes along: `of` before it goes, `done` after it went or was put back."""

    def __init__(self) -> None:
        self._uploads: dict[int, tuple[int, asyncio.Event]] = {}  # message: the delivery that uploads, done with it
        self._ids: dict[int, str] = {}
        self._refused: dict[int, str] = {}  # by message, the last id that Telegram did not know

    def is_uploading(self, claimed: ClaimedDelivery) -> bool:
        """Whether another delivery uploads its picture just now."""
        return not claimed.bare and claimed.content.message in self._uploads

    async def uploaded(self, claimed: ClaimedDelivery) -> None:
        """Wait while another delivery uploads its picture."""
        while self.is_uploading(claimed):
            await self._uploads[claimed.content.message][1].wait()

    def of(self, claimed: ClaimedDelivery) -> bytes | str | None:
        """Bytes or the id to send with this delivery; with bytes it is the one that uploads."""
        if claimed.bare:
            return None
        message = claimed.content.message
        photo = self._ids.get(message, claimed.content.photo)
        if isinstance(photo, bytes):
            self._uploads[message] = (claimed.id, asyncio.Event())
        return photo

    def is_refused(self, claimed: ClaimedDelivery, photo: bytes | str | None) -> bool:
        """Whether Telegram has refused this id since the delivery took it along: claimed anew, it takes the picture."""
        return photo is not None and self._refused.get(claimed.content.message) == photo

    def done(self, claimed: ClaimedDelivery, photo: bytes | str | None, outcome: Sent | Failure | None = None) -> None:
        """Learn from what came of sending it with `photo`; None where it was not tried: the next one uploads."""
        message = claimed.content.message
        uploader, uploaded = self._uploads.get(message, (None, None))
        if isinstance(outcome, Sent) and outcome.photo_file_id is not None and not claimed.bare:
            self._ids[message] = outcome.photo_file_id
            if self._refused.get(message) == outcome.photo_file_id:
                del self._refused[message]
        if isinstance(outcome, Failure) and outcome.kind is FailureKind.STALE_PHOTO and isinstance(photo, str):
            self._refused[message] = photo
            if self._ids.get(message) == photo:
                del self._ids[message]
        for kept in (self._ids, self._refused):
            if len(kept) > _KEPT_MESSAGES:
                del kept[next(iter(kept))]
        if uploader == claimed.id and uploaded is not None:
            del self._uploads[message]
            uploaded.set()
