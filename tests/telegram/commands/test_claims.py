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
