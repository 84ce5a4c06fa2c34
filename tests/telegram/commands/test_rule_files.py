"""Rules from the phone: sent, tried, installed, explained, sent back, restored; and what is refused."""

from __future__ import annotations

import re

import pytest

from bot.charts.request import BacktestChart
from bot.rulebook.rule_folder import installed_versions
from bot.subscriptions.installing import file_digest
from bot.telegram.commands.rule_files import MAX_FILE_BYTES, rule_id_of
from tests.telegram.market_side import RECORD, town
from tests.telegram.telegram_side import BOSS, MEMBERS, OPERATOR, SOMEBODY

GROUP = -1_001_000_001
NEW = RECORD.replace("Russell record", "A <new> rule")


@pytest.fixture
async def here(tmp_path):
    async with town(tmp_path) as found:
        yield found


async def send(here, text: str | bytes, name: str, user: int = OPERATOR) -> str:
    """Send a file and read what the bot says of it."""
    here.bot.sandbox.upload(text if isinstance(text, bytes) else text.encode(), name, user=user)
    return await here.bot.answer(user)


def buttons(here, chat: int = OPERATOR) -> list[str]:
    return [each.data for row in here.bot.sandbox.messages(chat)[-1].buttons for each in row]


def files(here) -> set[str]:
    return {path.name for path in here.folder.rglob("*") if path.is_file()}


async def test_a_new_rule_is_tried_and_installed_by_a_button(here):
    answer = await send(here, NEW, "new-rule.yaml")
    assert "new-rule: no problems, a new rule." in answer
    assert "A <new> rule" in answer
    assert "Would have fired" in answer
    assert re.search(r" a year since \d+ \w+ \d{4}, when it could fire first\. At 20 of them", answer)
    assert "then confirmed" in answer
    assert answer.count("\n• ") == 10
    assert here.bot.sandbox.messages(OPERATOR)[-1].photo == here.png
    (chart,) = here.drawn
    assert isinstance(chart, BacktestChart)
    assert chart.bars.market == "RUT"
    assert "new-rule.yaml" not in files(here)
    assert buttons(here) == [f"/install new-rule {file_digest(NEW.encode())}"]
    here.bot.sandbox.press("Install", user=OPERATOR)
    assert "new-rule is installed. It runs from now on." in await here.bot.answer(OPERATOR)
    assert (here.folder / "new-rule.yaml").read_text() == NEW
    assert "new-rule" in here.book.current.rules
    assert installed_versions(here.folder, "new-rule") == []


async def test_a_changed_rule_keeps_the_version_before_and_brings_it_back(here):
    changed = RECORD.replace("quiet: 5", "quiet: 9")
    assert "replaces the one in use" in await send(here, changed, "russell-record.yaml")
    here.bot.sandbox.press("Install", user=OPERATOR)
    assert "The version before is kept" in await here.bot.answer(OPERATOR)
    assert buttons(here) == ["/rules russell-record restore"]
    assert here.book.current.rules["russell-record"].rule.quiet == 9
    assert not here.book.current.problems
    here.bot.sandbox.press("/rules russell-record restore", user=OPERATOR)
    assert "is back" in await here.bot.answer(OPERATOR)
    assert (here.folder / "russell-record.yaml").read_text() == RECORD
    assert here.book.current.rules["russell-record"].rule.quiet == 5
    assert "is back" in await here.bot.ask("/rules Russell-Record RESTORE", user=OPERATOR)
    assert (here.folder / "russell-record.yaml").read_text() == changed


async def test_a_rule_that_is_gone_can_be_brought_back(here):
    await send(here, RECORD.replace("quiet: 5", "quiet: 9"), "spy-record.yaml")
    here.bot.sandbox.press("Install", user=OPERATOR)
    await here.bot.answer(OPERATOR)
    (here.folder / "spy-record.yaml").unlink()
    await here.bot.ask("/reload", user=OPERATOR)
    assert "is back" in await here.bot.ask("/rules spy-record restore", user=OPERATOR)
    assert "spy-record" in here.book.current.rules


async def test_nothing_to_restore(here):
    for name in ("russell-record", "zzz", "../../etc/passwd"):
        assert "no earlier version" in await here.bot.ask(f"/rules {name} restore", user=OPERATOR)
    assert files(here) == {
        "russell-record.yaml",
        "iwm-resistance-break.yaml",
        "iwm-near-record.yaml",
        "spy-record.yaml",
    }


async def test_the_file_in_use_needs_no_installation(here):
    assert "the same as the file in use" in await send(here, RECORD, "russell-record.yaml")
    assert buttons(here) == []


async def test_problems_come_by_line_and_nothing_is_offered(here):
    broken = NEW.replace("highest(", "hihgest(") + "color: <red>\n"
    answer = await send(here, broken, "new-rule.yaml")
    assert "new-rule can't be taken up" in answer
    assert "new-rule.yaml:4 when: unknown function 'hihgest'; did you mean 'highest'?" in answer
    assert "new-rule.yaml:10 color: unknown key" in answer
    assert buttons(here) == []
    assert str(here.folder) not in answer


async def test_a_circle_with_a_rule_that_runs_is_found(here):
    first = NEW.replace("close > highest(close, 20)[1]", 'close > 1 and fired("russell-record", within=9)')
    assert "no problems" in await send(here, first, "first.yaml")
    here.bot.sandbox.press("Install", user=OPERATOR)
    await here.bot.answer(OPERATOR)
    second = RECORD.replace("close > highest(close, 20)[1]", 'close > 1 and fired("first", within=9)')
    assert "circle" in await send(here, second, "russell-record.yaml")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"- a list", b"a: &x [*x]", b"!!python/object:os.system {}"])
async def test_what_is_no_rule_at_all_is_said_to_be_none(here, content):
    answer = await send(here, content or b"\n", "new-rule.yaml")
    assert "can't be taken up" in answer
    assert not here.bot.services.troubles.count


async def test_a_rule_on_a_market_without_bars_can_be_installed_all_the_same(here):
    assert "no bars of SPY here yet" in await send(here, NEW.replace("RUT", "SPY"), "new-rule.yaml")
    assert here.drawn == []
    assert len(buttons(here)) == 1


async def test_a_rule_that_never_fires(here):
    answer = await send(here, NEW.replace("when: close > highest(close, 20)[1]", "when: close > 9999"), "never.yaml")
    assert "would never have fired on 700 sessions" in answer


@pytest.mark.parametrize(
    "name", ["notes.txt", "rule.yaml.exe", "ключ.yaml", ".yaml", "a" * 41 + ".yaml", "yaml", "🚀.yaml"]
)
async def test_odd_names_are_refused_kindly(here, name):
    assert "is no name of a rule file" in await send(here, NEW, name)


async def test_a_path_in_a_name_leads_nowhere(here):
    assert "passwd: no problems" in await send(here, NEW, "../../../passwd.yaml")
    here.bot.sandbox.press("Install", user=OPERATOR)
    await here.bot.answer(OPERATOR)
    assert (here.folder / "passwd.yaml").is_file()
    assert not (here.folder.parent / "passwd.yaml").exists()


def test_what_phones_make_of_names():
    assert rule_id_of("IWM_break (2).yaml") == "iwm-break"
    assert rule_id_of("iwm-break.YML") == "iwm-break"
    assert rule_id_of("C:\\rules\\iwm-break.yaml") == "iwm-break"
    assert rule_id_of("iwm--break.yaml") == "iwm-break"
    assert rule_id_of("") is None


async def test_a_huge_file_is_not_even_fetched(here):
    assert "too large" in await send(here, b"#" * (MAX_FILE_BYTES + 1), "new-rule.yaml")
    assert not here.bot.sandbox.calls("getFile")


async def test_a_file_that_telegram_does_not_give(here):
    here.bot.sandbox.fail(
        "getFile", 400, description="Bad Request: wrong file_id or the file is temporarily unavailable"
    )
    assert "could not get that file" in await send(here, NEW, "new-rule.yaml")


async def test_others_get_the_hint_only(here):
    assert "answer to commands" in await send(here, NEW, "new-rule.yaml", user=SOMEBODY)
    assert not here.bot.sandbox.calls("getFile")


async def test_a_stranger_stays_one(tmp_path):
    async with town(tmp_path, MEMBERS) as here:
        assert "private" in await send(here, NEW, "new-rule.yaml", user=SOMEBODY)


async def test_files_in_groups_are_none_of_its_business(here):
    here.bot.sandbox.add_chat(
        GROUP, "supergroup", "Group", members={OPERATOR: "creator", BOSS: "member"}, bot_status="administrator"
    )
    here.bot.sandbox.upload(NEW.encode(), "new-rule.yaml", user=OPERATOR, chat=GROUP)
    await here.bot.settled()
    assert here.bot.sandbox.messages(GROUP) == []


async def test_a_button_whose_file_was_replaced_or_forged_installs_nothing(here):
    await send(here, NEW, "new-rule.yaml")
    (old,) = buttons(here)
    await send(here, NEW + "# newer\n", "new-rule.yaml")
    message = here.bot.sandbox.messages(OPERATOR)[0].message_id
    here.bot.sandbox.press(old, user=OPERATOR, message_id=message)
    assert "not waiting any more" in await here.bot.answer(OPERATOR)
    for forged in ("new-rule", "new-rule 000000000000", "../../evil abc", "", "<b> <i>"):
        assert "not waiting any more" in await here.bot.ask(f"/install {forged}", user=OPERATOR)
    assert "new-rule.yaml" not in files(here)


async def test_a_button_in_other_hands_does_nothing(here):
    """Rights go by the user who presses, not by the chat in which the button stands."""
    await send(here, NEW, "new-rule.yaml")
    query = here.bot.sandbox.press("Install", user=SOMEBODY, chat=OPERATOR)
    await here.bot.settled()
    assert here.bot.sandbox.answer_to(query)
    assert "new-rule.yaml" not in files(here)


async def test_a_folder_that_can_not_be_written_to_changes_nothing(here, monkeypatch):
    await send(here, NEW, "new-rule.yaml")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bot.regular_file.os.fsync", full)
    here.bot.sandbox.press("Install", user=OPERATOR)
    answer = await here.bot.answer(OPERATOR)
    assert "nothing has changed" in answer
    assert "No space left on device" in answer
    assert not any("new-rule" in name for name in files(here))


async def test_rules_with_a_name_explains_it_and_sends_its_file_to_the_operator(here):
    answer = await here.bot.ask("/rules russell", user=OPERATOR)
    assert answer.startswith("🔵 Russell record\nRUT · 1d · normal")
    assert "Because <people> ask & wonder." in answer
    assert "Fires anew only after 5 sessions without" in answer
    assert "confirmed by 2 closes in a row" in answer
    message = here.bot.sandbox.messages(OPERATOR)[-1]
    assert (message.file_name, message.document) == ("russell-record.yaml", RECORD.encode())
    assert buttons(here) == ["/why russell-record", "/evidence russell-record", ""]


async def test_the_file_that_came_back_is_taken_as_it_is(here):
    await here.bot.ask("/rules russell-record", user=OPERATOR)
    message = here.bot.sandbox.messages(OPERATOR)[-1]
    assert "the same as the file in use" in await send(here, message.document, message.file_name)


async def test_others_read_the_explanation_without_the_file(here):
    assert (await here.bot.ask("/rules russell-record")).startswith("🔵 Russell record")
    assert here.bot.sandbox.messages(SOMEBODY)[-1].document is None
    assert "There is no rule called" in await here.bot.ask("/rules russell-record restore now")
    assert (await here.bot.ask("/rules russell-record restore")).startswith("🔵 Russell record")


async def test_a_long_explanation_comes_before_its_file(tmp_path):
    long = RECORD.replace("Because <people> ask & wonder.", "Because " * 140)
    async with town(tmp_path, rules={"long-rule": long}) as here:
        here.bot.sandbox.say("/rules long-rule", user=OPERATOR)
        words, file = await here.bot.sandbox.wait_for(OPERATOR, 2)
        assert words.text.startswith("🔵 Russell record")
        assert words.buttons
        assert (file.text, file.document) == ("", long.encode())


async def test_a_rule_that_is_switched_off_is_not_said_to_run(here):
    await send(here, NEW + "enabled: false\n", "new-rule.yaml")
    here.bot.sandbox.press("Install", user=OPERATOR)
    answer = await here.bot.answer(OPERATOR)
    assert "new-rule is installed. It is switched off (enabled: false): it sends no alerts." in answer


async def test_beside_the_link_that_an_editor_leaves_a_rule_runs_from_now_on(here):
    (here.folder / ".#other.yaml").symlink_to("somebody@somewhere.1:2")
    (here.folder / "gone.yaml").symlink_to("nowhere")
    await send(here, NEW, "new-rule.yaml")
    here.bot.sandbox.press("Install", user=OPERATOR)
    assert "It runs from now on." in await here.bot.answer(OPERATOR)
    assert "new-rule" in here.book.current.rules


async def test_a_rule_that_is_a_link_is_not_written_through(here, tmp_path):
    elsewhere = tmp_path / "elsewhere.yaml"
    elsewhere.write_text(RECORD)
    (here.folder / "russell-record.yaml").unlink()
    (here.folder / "russell-record.yaml").symlink_to(elsewhere)
    await send(here, RECORD.replace("quiet: 5", "quiet: 9"), "russell-record.yaml")
    here.bot.sandbox.press("Install", user=OPERATOR)
    assert "nothing is written through one" in await here.bot.answer(OPERATOR)
    assert elsewhere.read_text() == RECORD
    assert installed_versions(here.folder, "russell-record") == []


async def test_versions_are_not_kept_in_a_folder_that_is_a_link(here, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (here.folder / "previous").symlink_to(tmp_path / "elsewhere")
    await send(here, RECORD.replace("quiet: 5", "quiet: 9"), "russell-record.yaml")
    here.bot.sandbox.press("Install", user=OPERATOR)
    assert "nothing is written through one" in await here.bot.answer(OPERATOR)
    assert (here.folder / "russell-record.yaml").read_text() == RECORD
    assert list((tmp_path / "elsewhere").iterdir()) == []


async def test_a_private_rule_and_its_versions_stay_private(here):
    (here.folder / "russell-record.yaml").chmod(0o600)
    await send(here, RECORD.replace("quiet: 5", "quiet: 9"), "russell-record.yaml")
    here.bot.sandbox.press("Install", user=OPERATOR)
    assert "It runs from now on." in await here.bot.answer(OPERATOR)
    (before,) = installed_versions(here.folder, "russell-record")
    modes = {path.stat().st_mode & 0o777 for path in (here.folder / "russell-record.yaml", before.path)}
    assert modes == {0o600}
