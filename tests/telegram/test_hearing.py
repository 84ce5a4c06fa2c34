"""Who said what: people, admins who write as the group, channels; and whom the bot does not listen to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from telegram import CallbackQuery, Message, Update

from bot.store.subscribers import Chat
from bot.telegram.hearing import Enclosure, Heard, hear_message, hear_press

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
    assert hear_message(said(**{"from": ANNA})) == Heard(
        Chat(-1_001, 0, "supergroup", "Group"), 3, 7_000_000_001, "Anna <b>", False, "/status"
    )


def test_a_person_in_private():
    private = {"id": 7_000_000_001, "type": "private", "first_name": "Anna", "last_name": "<b>"}
    heard = hear_message(said(chat=private, **{"from": ANNA}))
    assert heard is not None
    assert heard.chat == Chat(7_000_000_001, 0, "private", "Anna <b>")


def test_an_admin_who_writes_as_the_group_and_a_channels_own_post_speak_for_the_chat():
    for facts in ({"from": ANONYMOUS, "sender_chat": GROUP}, {"chat": CHANNEL, "sender_chat": CHANNEL}):
        heard = hear_message(said(**facts))
        assert heard is not None
        assert (heard.speaks_for_chat, heard.user_id) == (True, None)


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
    assert hear_message(said(**facts)) is None


def test_a_file_is_heard_with_its_caption_also_where_it_was_forwarded():
    file = {"file_id": "BQAC", "file_unique_id": "u", "file_name": "<a>.yaml", "file_size": 12}
    for more in ({}, {"forward_origin": FORWARD}):
        heard = hear_message(said(text=None, caption="look", document=file, **{"from": ANNA}, **more))
        assert heard is not None
        assert (heard.text, heard.enclosure) == ("look", Enclosure("BQAC", "<a>.yaml", 12))
    nameless = hear_message(said(text=None, document={"file_id": "B", "file_unique_id": "u"}, **{"from": ANNA}))
    assert nameless is not None
    assert (nameless.text, nameless.enclosure) == ("", Enclosure("B", "", None))


def test_only_a_topic_is_a_thread():
    topic = hear_message(said(message_thread_id=11, is_topic_message=True, **{"from": ANNA}))
    answers = hear_message(said(message_thread_id=11, **{"from": ANNA}))
    assert topic is not None
    assert answers is not None
    assert (topic.chat.thread_id, answers.chat.thread_id) == (11, 0)


def test_a_press_is_what_the_presser_would_have_typed():
    shown = {"message_id": 9, "date": 1_700_000_000, "chat": GROUP, "from": {**ANNA, "is_bot": True}}
    topic = {**shown, "message_thread_id": 11, "is_topic_message": True}
    for message, thread in ((shown, 0), (topic, 11), ({"message_id": 9, "date": 0, "chat": GROUP}, 0)):
        query = {"id": "1", "chat_instance": "x", "from": ANNA, "data": "/approve 5", "message": message}
        heard = hear_press(CallbackQuery.de_json(query, None))
        assert heard is not None
        assert (heard.user_id, heard.text, heard.chat.thread_id) == (7_000_000_001, "/approve 5", thread)
        assert not heard.speaks_for_chat


def test_a_press_out_of_nowhere_is_nothing():
    assert (
        hear_press(CallbackQuery.de_json({"id": "1", "chat_instance": "x", "from": ANNA, "data": "/a"}, None)) is None
    )


@pytest.mark.skipif(not PAYLOADS.exists(), reason="recorded updates are not part of the repository")
def test_recorded_messages_break_nothing():
    heard = []
    for path in sorted(PAYLOADS.glob("*/*.json")):
        found = json.loads(path.read_text())
        updates = found.get("result", [found]) if isinstance(found, dict) else []
        for raw in updates if isinstance(updates, list) else []:
            update = Update.de_json(raw, None) if "update_id" in raw else None
            message = update.effective_message if update else None
            if message is None and {"message_id", "chat", "date"} <= raw.keys():
                message = Message.de_json(raw, None)
            if isinstance(message, Message):
                heard.append(hear_message(message))
    assert any(each is not None and each.speaks_for_chat for each in heard)
    assert any(each is not None and each.chat.thread_id for each in heard)
    assert any(each is None for each in heard)
