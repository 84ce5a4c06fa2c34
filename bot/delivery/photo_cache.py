"""Which picture goes with a message: its bytes, or the id that Telegram gave it?"""

from __future__ import annotations

from bot.delivery.transport import Failure, FailureKind, Sent
from bot.store.outbox import ClaimedDelivery

_KEPT = 64  # ids of more events than that are never wanted at once; the store has them all


class PhotoCache:
    """Lets the picture of an message be uploaded by one message, and sent by its id with all others."""

    def __init__(self) -> None:
        self._uploading: set[int] = set()
        self._ids: dict[int, str] = {}

    def of(self, claimed: ClaimedDelivery) -> bytes | str | None:
        """What to send with this delivery."""
        return None if claimed.bare else self._ids.get(claimed.content.message, claimed.content.photo)

    def must_wait(self, claimed: ClaimedDelivery) -> bool:
        """Whether another message is just uploading the same picture."""
        return claimed.content.message in self._uploading and isinstance(self.of(claimed), bytes)

    def going(self, claimed: ClaimedDelivery) -> None:
        """Note that it is being sent."""
        if isinstance(self.of(claimed), bytes):
            self._uploading.add(claimed.content.message)

    def landed(self, claimed: ClaimedDelivery, outcome: Sent | Failure) -> None:
        """Note that it was sent, or that the next one has to upload."""
        if claimed.bare:
            return
        self._uploading.discard(claimed.content.message)
        if isinstance(outcome, Failure) and outcome.kind is FailureKind.STALE_PHOTO:
            self._ids.pop(claimed.content.message, None)
        if isinstance(outcome, Sent) and outcome.photo_file_id is not None:
            self._ids[claimed.content.message] = outcome.photo_file_id
            if len(self._ids) > _KEPT:
                del self._ids[next(iter(self._ids))]
