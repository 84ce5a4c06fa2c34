"""Who said what: people, admins who write as the group, channels; and whom the bot does not listen to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from telegram import CallbackQuery, Message, Update

from bot.subscriber import Chat
from bot.telegram.incoming import Attachment, IncomingMessage, from_callback, from_message

PAYLOADS = Path(__file__).parents[2].parent / "shared" / "payloads" / "telegram"
ANNA = {"id": 7_000_000_001, "is_bot": False, "first_name": "Anna", "last_name": "<b>"}
GROUP = {"id": -1_001, "type": "supergroup", "title": "Group"}
CHANNEL = {"id": -1_002, "type": "channel", "title": "Channel"}
ANONYMOUS = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
FORWARD = {"type": "user", "date": 5, "sender_user": ANNA}


def said(**facts):
    message = {"message_id": 3, "date": 1_700_000_000, "chat": GROUP, "text": "/status", **facts}
    return Message.de_json(message, None)


def test_a_person_in_a_group():
    assert from_message(said(**{"from": ANNA})) == IncomingMessage(
        Chat(-1_001, 0, "supergroup", "Group"), 3, 7_000_000_001, "Anna <b>", False, "/status", at=1_700_000_000
    )


def test_a_person_in_private():
    private = {"id": 7_000_000_001, "type": "private", "first_name": "Anna", "last_name": "<b>"}
    incoming = from_message(said(chat=private, **{"from": ANNA}))
    assert incoming is not None
    assert incoming.chat == Chat(7_000_000_001, 0, "private", "Anna <b>")


def test_an_admin_who_writes_as_the_group_and_a_channels_own_post_speak_for_the_chat():
    for facts in ({"from": ANONYMOUS, "sender_chat": GROUP}, {"chat": CHANNEL, "sender_chat": CHANNEL}):
        incoming = from_message(said(**facts))
        assert incoming is not None
        assert (incoming.speaks_for_chat, incoming.user_id) == (True, None)


@pytest.mark.parametrize(
    "facts",
    [
        {"from": ANONYMOUS, "sender_chat": CHANNEL},  # somebody who writes as a channel of theirs
        {"from": ANONYMOUS, "sender_chat": CHANNEL, "is_automatic_forward": True},
        {"from": ANNA, "forward_origin": FORWARD},
        {"from": {**ANNA, "is_bot": True}},
        {"from": ANNA, "text": None},
    ],
)
def test_nobody_else_is_listened_to(facts):
    assert from_message(said(**facts)) is None


def test_a_file_is_heard_with_its_caption_also_where_it_was_forwarded():
    file = {"file_id": "BQAC", "file_unique_id": "u", "file_name": "<a>.yaml", "file_size": 12}
    for more in ({}, {"forward_origin": FORWARD}):
        incoming = from_message(said(text=None, caption="look", document=file, **{"from": ANNA}, **more))
        assert incoming is not None
        assert (incoming.text, incoming.attachment) == ("look", Attachment("BQAC", "<a>.yaml", 12))
    nameless = from_message(said(text=None, document={"file_id": "B", "file_unique_id": "u"}, **{"from": ANNA}))
    assert nameless is not None
    assert (nameless.text, nameless.attachment) == ("", Attachment("B", "", None))


def test_only_a_topic_is_a_thread():
    topic = from_message(said(message_thread_id=11, is_topic_message=True, **{"from": ANNA}))
    answers = from_message(said(message_thread_id=11, **{"from": ANNA}))
    assert topic is not None
    assert answers is not None
    assert (topic.chat.thread_id, answers.chat.thread_id) == (11, 0)


def test_a_press_is_what_the_presser_would_have_typed():
    shown = {"message_id": 9, "date": 1_700_000_000, "chat": GROUP, "from": {**ANNA, "is_bot": True}}
    topic = {**shown, "message_thread_id": 11, "is_topic_message": True}
    for message, thread in ((shown, 0), (topic, 11), ({"message_id": 9, "date": 0, "chat": GROUP}, 0)):
        query = {"id": "1", "chat_instance": "x", "from": ANNA, "data": "/approve 5", "message": message}
        incoming = from_callback(CallbackQuery.de_json(query, None))
        assert incoming is not None
        assert (incoming.user_id, incoming.text, incoming.chat.thread_id) == (7_000_000_001, "/approve 5", thread)
        assert not incoming.speaks_for_chat


def test_a_press_out_of_nowhere_is_nothing():
    assert (
        from_callback(CallbackQuery.de_json({"id": "1", "chat_instance": "x", "from": ANNA, "data": "/a"}, None))
        is None
    )


@pytest.mark.skipif(not PAYLOADS.exists(), reason="recorded updates are not part of the repository")
def test_recorded_messages_break_nothing():
    incoming = []
    for path in sorted(PAYLOADS.glob("*/*.json")):
        found = json.loads(path.read_text())
        updates = found.get("result", [found]) if isinstance(found, dict) else []
        for raw in updates if isinstance(updates, list) else []:
            update = Update.de_json(raw, None) if "update_id" in raw else None
            message = update.effective_message if update else None
            if message is None and {"message_id", "chat", "date"} <= raw.keys():
                message = Message.de_json(raw, None)
            if isinstance(message, Message):
                incoming.append(from_message(message))
    assert any(each is not None and each.speaks_for_chat for each in incoming)
    assert any(each is not None and each.chat.thread_id for each in incoming)
    assert any(each is None for each in incoming)
