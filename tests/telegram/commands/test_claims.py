"""/claims in the chat."""

from __future__ import annotations

from tests.telegram.market_side import RECORD, town
from tests.telegram.telegram_side import SOMEBODY

CLAIMS = """claims:
  - text: Bitcoin <soars> after it.
    source: a & b
    made: 2022-06-01
    check: {measure: return, asset: BTC, within: 90 days}
  - text: The crowd is wrong.
    source: somebody
    made: 2022-06-01
    stance: against
"""


async def test_what_others_said_and_what_came_of_it(tmp_path):
    async with town(tmp_path, rules={"russell-record": RECORD + CLAIMS}) as here:
        here.bot.sandbox.say("/claims")
        await here.bot.sandbox.wait_for(SOMEBODY, 1)
        text = here.bot.sandbox.messages(SOMEBODY)[0].text
        assert text.startswith("Claims: ")
        assert "“Bitcoin <soars> after it.” (a & b, 1 Jun 2022)" in text
        assert "“The crowd is wrong.” (somebody, 1 Jun 2022, a warning)" in text


async def test_rules_without_claims(tmp_path):
    async with town(tmp_path) as here:
        here.bot.sandbox.say("/claims")
        await here.bot.sandbox.wait_for(SOMEBODY, 1)
        assert "No rule has a claim in it" in here.bot.sandbox.messages(SOMEBODY)[0].text


def buttons(here):
    return [(each.text, each.data) for row in here.bot.sandbox.messages(SOMEBODY)[-1].buttons for each in row]


MANY = "claims:\n" + "".join(
    f"  - {{text: Claim number {at} of Bitcoin., source: somebody, made: {2020 + at % 3}-06-01}}\n" for at in range(15)
)


async def test_claims_are_chosen_by_words(tmp_path):
    async with town(tmp_path, rules={"russell-record": RECORD + CLAIMS}) as here:
        for said, first, second in (
            ("crowd", False, True),
            ("soars btc", True, False),
            ("2022 russell record", True, True),
            ("open warnings", False, True),
        ):
            answer = await here.bot.ask(f"/claims {said}")
            assert f" of 2: “{said}”" in answer
            assert (("soars" in answer.partition("\n")[2]), ("crowd" in answer.partition("\n")[2])) == (first, second)
        for said in ("banana", "met 2022 crowd"):
            assert f"No claim is chosen by “{said}”" in await here.bot.ask(f"/claims {said}")
            assert ("All", "/claims") in buttons(here)


async def test_claims_come_page_by_page(tmp_path):
    async with town(tmp_path, rules={"russell-record": RECORD + MANY}) as here:
        assert "15 open, page 1 of 3" in await here.bot.ask("/claims")
        assert buttons(here)[0] == ("More »", "/claims page 2")
        here.bot.sandbox.press("More »")
        await here.bot.settled()
        (message,) = here.bot.sandbox.messages(SOMEBODY)
        assert "page 2 of 3" in message.text
        assert buttons(here)[:2] == [("« Before", "/claims page 1"), ("More »", "/claims page 3")]
        assert "5 open of 15: “2021”" in await here.bot.ask("/claims 2021")
        assert "No claim is chosen by “page 4”" in await here.bot.ask("/claims page 4")
        assert buttons(here) == [("First page", "/claims")]


async def test_what_is_given_as_an_example_chooses_something(tmp_path):
    async with town(tmp_path, rules={"russell-record": RECORD + CLAIMS}) as here:
        answer = await here.bot.ask("/claims missed banana")
        examples = [f"/claims {each}" for each in answer.rpartition("For example /claims ")[2].split(", /claims ")]
        assert len(examples) == 3
        for example in (*examples, "/claims"):
            assert "No claim is chosen" not in await here.bot.ask(example)
