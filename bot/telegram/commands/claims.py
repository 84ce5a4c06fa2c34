"""/claims: what others said of the signals, and what came of it."""

from __future__ import annotations

import re

from bot.alert import Buttons
from bot.evidence.claim_ledger import ClaimState
from bot.queries.claims import ClaimFilter, claim_ledger
from bot.telegram.command import Command, CommandRequest, HelpGroup, Reply
from bot.telegram.keyboard import button_row
from bot.telegram.services import Services
from bot.views.markets.claims import LedgerEntry, no_such_claim, pages_of, render_claims_page

_STATES = {
    ClaimState.OPEN: "open opened pending undecided unanswered running",
    ClaimState.MET: "met true right correct kept hit hits fulfilled",
    ClaimState.MISSED: "missed miss misses false wrong failed broken",
    ClaimState.MIXED: "mixed partly",
}
_DECIDED = frozenset({"decided", "closed", "judged", "done", "resolved", "answered"})
_PAGE = re.compile(r"(?:\bpage|\bp|#)\s*(\d{1,3})\s*$", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d")
_FILLERS = frozenset({"all", "the", "of", "about", "by", "from", "in", "on", "claims", "claim", "ones", "show", "only"})


async def show_claims(services: Services, request: CommandRequest) -> Reply:
    """The claims of the rules, scored before and after they were made; those that the words choose, page by page."""
    said, page = _page(request.argument.strip())
    chosen = read_claim_filter(said)
    ledger = await claim_ledger(services.market_data, services.rulebook(), services.now())
    found = chosen.of(ledger)
    if ledger and not found:
        return Reply(no_such_claim(said, ledger), _state_buttons(ledger, said))
    last = len(pages_of(found))
    if page > last:
        beyond = no_such_claim(f"{said} page {page}".strip(), found)
        return Reply(beyond, button_row(("First page", "claims", said)))
    text = render_claims_page(found, said, page, of=len(ledger))
    return Reply(text, _turn(said, page, last) + _state_buttons(ledger, said), in_place=True)


def read_claim_filter(said: str) -> ClaimFilter:
    """How a claim stands, the year in which it was made, "warnings", and words of it, in any order."""
    states, years, words = set[ClaimState](), set[int](), list[str]()
    warnings = False
    for word in re.split(r"[\s,;&]+", said.casefold()):
        state = next((state for state, names in _STATES.items() if word in names.split()), None)
        if state is not None:
            states.add(state)
        elif word in _DECIDED:
            states |= set(ClaimState) - {ClaimState.OPEN}
        elif _YEAR.fullmatch(word):
            years.add(int(word))
        elif word in {"warning", "warnings"}:
            warnings = True
        elif word and word not in _FILLERS:
            words.append(word)
    return ClaimFilter(frozenset(states), frozenset(years), tuple(words), warnings)


def _page(said: str) -> tuple[str, int]:
    found = _PAGE.search(said)
    return (said, 1) if found is None else (said[: found.start()].strip(), max(int(found[1]), 1))


def _turn(said: str, page: int, last: int) -> Buttons:
    turns = (("« Before", page - 1), ("More »", page + 1))
    return button_row(*((text, "claims", f"{said} page {to}".strip()) for text, to in turns if 1 <= to <= last))


def _state_buttons(ledger: tuple[LedgerEntry, ...], said: str) -> Buttons:
    counts = {state: sum(entry.state is state for entry in ledger) for state in ClaimState}
    rows = [(f"{state.value.capitalize()} {count}", "claims", state.value) for state, count in counts.items() if count]
    rows = [each for each in rows if each[2] != said.casefold()]
    return button_row(*rows, *([("All", "claims", "")] if said else []))


COMMANDS = (
    Command(
        "claims",
        "what others say, and what came of it",
        show_claims,
        usage="[open | met | missed | mixed] [RULE] [2025]",
        aliases=("claim", "ledger"),
        group=HelpGroup.RECORD,
        example="open",
    ),
)
