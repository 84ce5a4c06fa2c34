"""The chat and the person of an update, read before the library reads it."""

from __future__ import annotations

import pytest

from bot.telegram.polling.origin import origin_of

CHAT, ANN = {"chat": {"id": -5}}, {"from": {"id": 7}}


@pytest.mark.parametrize(
    ("update", "origin"),
    [
        ({"message": {**CHAT, **ANN, "text": "/x"}}, (-5, 7)),
        ({"message": {**CHAT, **ANN, "document": {}}}, (-5, 7)),
        ({"message": {**CHAT, **ANN, "sender_chat": {"id": -5}, "text": "/x"}}, (-5, None)),
        ({"channel_post": {**CHAT, "text": "/x"}}, (-5, None)),
        ({"callback_query": {**ANN, "message": CHAT}}, (-5, 7)),
        ({"callback_query": ANN}, (7, 7)),
        ({"message": {**CHAT, **ANN, "migrate_to_chat_id": -6}}, None),
        ({"my_chat_member": {**CHAT, **ANN}}, None),
        ({"message": {"text": "/x", "chat": "?"}}, None),
        ({"message": 5, "callback_query": "?"}, None),
        ({}, None),
    ],
)
def test_the_origin(update, origin):
    assert origin_of(update) == origin
