"""No parameters, however odd, do more than be refused."""

from __future__ import annotations

import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.errors import ApiError
from bot.sandbox.http import Params, UploadedFile
from bot.sandbox.methods.registry import Methods
from bot.sandbox.updates import Updates
from bot.sandbox.users import SimulatedUsers
from bot.sandbox.world import World
from tests.sandbox.methods.test_sending import png

NAMES = {
    "chat_id", "text", "caption", "parse_mode", "entities", "caption_entities", "photo", "document", "media",
    "message_id", "reply_markup", "reply_parameters", "reply_to_message_id", "message_thread_id", "commands",
    "scope", "user_id", "file_id", "inline_query_id", "results", "ephemeral_message_parameters",
    "callback_query_id", "action", "url", "disable_notification", "description", "short_description", "language_code",
}  # fmt: skip
METHODS = [
    "sendMessage", "sendPhoto", "sendDocument", "editMessageText", "editMessageCaption", "editMessageMedia",
    "editMessageReplyMarkup", "deleteMessage", "answerCallbackQuery", "setMyCommands", "getMyCommands", "getChat",
    "getChatMember", "getChatAdministrators", "getChatMemberCount", "getFile", "sendChatAction", "leaveChat",
    "setWebhook", "setMyDescription", "setMyShortDescription", "deleteMyCommands", "getMe", "logOut",
    "answerInlineQuery",
]  # fmt: skip
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 8),
    st.sampled_from(
        [5, -7, "5", "-7", "@caps", "HTML", "<b>x</b>", "x", "", " ", "[]", "{}", "{", "attach://f", "1", "²"]
    ),
    st.text(max_size=5),
)
shapes = st.sampled_from([
    {"type": "photo", "media": "attach://f"},
    {"inline_keyboard": [[{"text": "x", "callback_data": "y"}]]},
    [{"type": "bold", "offset": 0, "length": 1}],
    {"message_id": 1},
    [{"command": "a", "description": "b"}],
    {"type": "chat", "chat_id": 5},
])  # fmt: skip
values = st.recursive(
    scalars | shapes,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*sorted(NAMES), "type"]), inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(METHODS), st.dictionaries(st.sampled_from(sorted(NAMES)), values)), max_size=8)
)
def test_odd_parameters_are_carried_out_or_refused(calls: list[tuple[str, dict[str, object]]]) -> None:
    users = SimulatedUsers(World(1, lambda: 1_700_000_000.0), Updates())
    users.say("hello", user=5)
    users.ask_inline("x", user=5)
    users.add_chat(-7, "supergroup", "Caps", username="caps", members={5: "creator"}, topics=(3,))
    methods = Methods(users.world, users.updates, users.queries, users.inline_queries, lambda _: None)
    for name, params in calls:
        with contextlib.suppress(ApiError):
            methods.find(name)(Params({"chat_id": 5, **params}, {"f": UploadedFile("f.png", png())}))
    everyone = users.world.chats.values()
    assert all(message.text or message.is_media for chat in everyone for message in chat.messages.values())
