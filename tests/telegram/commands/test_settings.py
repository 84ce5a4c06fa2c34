"""/settings: severity, sound, quiet hours, time zone, digest; typed and by buttons."""

from __future__ import annotations

import pytest

from bot.subscriber import Preferences
from bot.telegram.commands import settings_keyboard
from tests.telegram.telegram_side import BOSS, SOMEBODY, running_bot

GROUP = -1_001_000_001


@pytest.fixture
async def bot(tmp_path):
    async with running_bot(tmp_path) as opened:
        await opened.enter()
        yield opened


async def preferences(bot, chat=SOMEBODY):
    return (await bot.subscribed(chat)).preferences


async def press(bot, text, *, user=SOMEBODY, chat=None):
    query = bot.sandbox.press(text, user=user, chat=chat)
    await bot.settled()
    return bot.sandbox.answer_to(query)


def text(bot):
    return bot.sandbox.messages(SOMEBODY)[-1].text


async def test_the_overview_says_everything_at_once(bot):
    assert await bot.ask("/settings") == (
        "⚙️ Settings of this chat\n"
        "Severity: all alerts\n"
        "Sound: for all alerts\n"
        "Quiet hours: none\n"
        "Time zone: UTC, now 22:13\n"
        "Digest: off\n"
        "Pictures: light"
    )


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("severity high", Preferences(least=2)),
        ("Minimum NORMAL", Preferences(least=1)),
        ("sound high", Preferences(silent_below=2)),
        ("sound off", Preferences(silent_below=3)),
        ("quiet 22-7", Preferences(quiet_from=1_320, quiet_to=420)),
        ("quiet 10pm to 6:45", Preferences(quiet_from=1_320, quiet_to=405)),
        ("quiet hold", Preferences(hold=True)),
        ("quiet high on", Preferences(high_passes=True)),
        ("zone berlin", Preferences(time_zone="Europe/Berlin")),
        ("timezone new york", Preferences(time_zone="America/New_York")),
        ("tz UTC+2", Preferences(time_zone="Etc/GMT-2")),
        ("digest daily", Preferences(digest=480)),
        ("digest daily at 7:30", Preferences(digest=450)),
        ("digest weekly", Preferences(digest=480, digest_day=5)),
        ("digest every Monday at 9", Preferences(digest=540, digest_day=0)),
    ],
)
async def test_settings_as_people_type_them(bot, said, wanted):
    assert "Settings of this chat" in await bot.ask(f"/settings {said}")
    assert await preferences(bot) == wanted


async def test_what_was_set_is_read_back_in_words(bot):
    for said in ("quiet 22-7", "quiet hold", "quiet high on", "zone UTC+2", "sound high", "severity normal"):
        await bot.ask(f"/settings {said}")
    assert await bot.ask("/settings digest weekly sun 18:30") == (
        "⚙️ Settings of this chat\n"
        "Severity: normal and high\n"
        "Sound: for high only\n"
        "Quiet hours: 22:00 to 07:00, alerts wait until they end; high severity comes as usual\n"
        "Time zone: UTC+2, now 00:13\n"
        "Digest: every Sunday at 18:30\n"
        "Pictures: light"
    )


async def test_what_was_set_can_be_taken_back(bot):
    for said in ("quiet 22-7", "digest weekly", "severity high", "sound none"):
        await bot.ask(f"/settings {said}")
    for said in ("quiet off", "digest none", "severity all", "sound on"):
        answer = await bot.ask(f"/settings {said}")
    assert "Digest: off" in answer
    assert await preferences(bot) == Preferences()


async def test_everything_can_be_set_by_buttons_in_one_message(bot):
    await bot.ask("/settings")
    for pressed in (
        ("Severity", "High only", "« Settings"),
        ("Sound", "Normal and high", "« Settings"),
        ("Quiet hours", "23:00–08:00", "Wait until they end", "High severity as usual", "« Settings"),
        ("Time zone", "Tokyo", "« Settings"),
        ("Digest", "Weekly", "Wed", "18:00", "« Settings"),
    ):
        for each in pressed:
            await press(bot, each)
    assert len(bot.sandbox.messages(SOMEBODY)) == 1
    assert await preferences(bot) == Preferences(2, 1, "Asia/Tokyo", 1_380, 480, True, True, 1_080, 2)
    assert "Digest: every Wednesday at 18:00" in text(bot)
    await press(bot, "Digest")
    assert "• Weekly" in [button.text for row in bot.sandbox.messages(SOMEBODY)[-1].buttons for button in row]
    await press(bot, "Daily")
    assert (await preferences(bot)).digest_day is None
    await press(bot, "Off")
    assert (await preferences(bot)).digest is None
    for each in ("« Settings", "Quiet hours", "• High severity as usual", "Silently", "No quiet hours"):
        await press(bot, each)
    assert await preferences(bot) == Preferences(2, 1, "Asia/Tokyo")


async def test_a_zone_that_is_misspelt_is_offered_by_buttons(bot):
    assert "Did you mean" in await bot.ask("/settings zone tokio")
    await press(bot, "Tokyo")
    assert (await preferences(bot)).time_zone == "Asia/Tokyo"
    assert "continent and city" in await bot.ask("/settings zone 12345")


@pytest.mark.parametrize(
    "said",
    [
        "nonsense", "severity shrill", "sound of silence", "quiet", "quiet 22", "quiet 7-7", "digest sometimes",
        "digest daily sometimes 9", "zone", "x" * 4_000, "🚀 🚀", "<b>& high", "severity \u202ehgih",
    ],
)  # fmt: skip
async def test_what_is_not_understood_changes_nothing(bot, said):
    assert await bot.ask(f"/settings {said}")
    assert await preferences(bot) == Preferences()
    assert bot.services.troubles.count == 0


async def test_a_chat_without_alerts_has_nothing_to_set(tmp_path):
    async with running_bot(tmp_path) as bot:
        assert "/subscribe starts them" in await bot.ask("/settings quiet 22-7")
        assert await bot.state() is None


async def test_settings_outlast_unsubscribing(bot):
    await bot.ask("/settings quiet 22-7")
    await bot.ask("/unsubscribe")
    await bot.ask("/subscribe")
    assert (await preferences(bot)).quiet_from == 1_320


async def test_in_a_group_only_admins_set(bot):
    bot.sandbox.add_chat(GROUP, "supergroup", "Group", members={BOSS: "creator", SOMEBODY: "member"})
    await bot.enter(GROUP, "supergroup")
    assert "Only admins" in await bot.ask("/settings severity high", user=SOMEBODY, chat=GROUP)
    await bot.ask("/settings", user=BOSS, chat=GROUP)
    assert "Only admins" in await press(bot, "Severity", user=SOMEBODY, chat=GROUP)
    await bot.ask("/settings severity high", user=BOSS, chat=GROUP)
    assert await preferences(bot, GROUP) == Preferences(least=2)
    assert await preferences(bot) == Preferences()


async def test_setting_things_up_in_a_hurry_is_no_flood(bot):
    await bot.ask("/settings severity")
    for _ in range(4):
        for each in ("Normal and high", "High only", "All"):
            await press(bot, each)
    assert len(bot.sandbox.messages(SOMEBODY)) == 1
    assert await preferences(bot) == Preferences()


def test_every_button_fits():
    full = Preferences(2, 1, "Asia/Tokyo", 1_380, 480, True, True, 1_080, 2)
    for topic in ("severity", "sound", "quiet", "zone", "digest"):
        for terms_now in (Preferences(), full):
            data = [button[1] for row in settings_keyboard.choices(topic, terms_now) for button in row]
            assert all(1 <= len(each.encode()) <= 64 for each in data)


@pytest.mark.parametrize(
    ("said", "manner"),
    [
        ("quiet hold", "alerts wait until they end"),
        ("quiet silent", "alerts come silently"),
        ("quiet high on", "alerts come silently; high severity comes as usual"),
    ],
)
async def test_how_quiet_hours_are_is_kept_and_said_to_wait_for_some(bot, said, manner):
    answer = await bot.ask(f"/settings {said}")
    assert f"No quiet hours are set, so nothing changes now. Once there are some, {manner}." in answer
    assert "No quiet hours are set" not in await bot.ask("/settings quiet 22-7")
    assert "No quiet hours are set" not in await bot.ask(f"/settings {said}")
    assert "No quiet hours are set" not in await bot.ask("/settings quiet off")
