"""Text of /claims: every claim, its score from before it was made, what came since, and how it stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.evidence.claim_check import ClaimCheck, Measure
from bot.evidence.claim_ledger import ClaimScore, ClaimState, SinceMade
from bot.rulebook.rule_definition import Claim
from bot.views.alerts.claims import asset_name, capital, claim_figure, claim_origin, claims_line
from bot.views.alerts.facts import ClaimView
from bot.views.formatting import html, numbers

MARKS = {ClaimState.OPEN: "⏳", ClaimState.MET: "✅", ClaimState.MISSED: "❌", ClaimState.MIXED: "➗"}

PER_PAGE = 6
"""Claims in one answer: about two screens of a phone."""

_HOW = (
    "Met, missed or mixed is judged by what came after the day on which it was said, and only once the claim's own"
    " time is over. A warning is met where the asset fell; one of outflows, where the funds' filings show them in the"
    " year before. What came after did not have to come because of it."
)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One claim of one rule, and how it stands; the score is None where the claim asks for no figure."""

    rule: str
    title: str
    claim: Claim
    score: ClaimScore | None

    @property
    def state(self) -> ClaimState:
        """How the claim stands; open where nothing can decide it."""
        return self.score.state if self.score else ClaimState.OPEN


def render_claims(entries: Sequence[LedgerEntry]) -> str:
    """The answer to /claims as Telegram HTML, possibly longer than one message: see `html.split`."""
    if not entries:
        return "No rule has a claim in it. A rule's file may say what others say: claims."
    head = html.bold(claims_line(entry.state for entry in entries))
    decided = [_entry(entry) for entry in _by_state(entries) if entry.state is not ClaimState.OPEN]
    undecided = [_entry(entry) for entry in entries if entry.state is ClaimState.OPEN]
    folded = [html.folded("\n\n".join(["Not decided yet", *undecided]))] if undecided else []
    return "\n\n".join([head, *decided, *folded, html.italic(_HOW)])


def render_claims_page(entries: Sequence[LedgerEntry], said: str, page: int, *, of: int) -> str:
    """One page of them, the first is 1, as HTML; `said` are the words that chose them among `of`."""
    if not entries:
        return render_claims(entries)
    pages = pages_of(entries)
    shown = [entry for entry in pages[page - 1] if entry.state is not ClaimState.OPEN]
    undecided = [_entry(entry) for entry in pages[page - 1] if entry.state is ClaimState.OPEN]
    head = html.bold(claims_line(entry.state for entry in entries))
    head += f" of {of}: {html.quoted(said)}" if said else ""
    head += f", page {page} of {len(pages)}" if len(pages) > 1 else ""
    if undecided and len(undecided) == len(entries):  # they were asked for
        blocks = undecided
    else:
        blocks = [_entry(entry) for entry in shown]
        blocks += [html.folded("\n\n".join(["Not decided yet", *undecided]))] if undecided else []
    return "\n\n".join([head, *blocks, html.italic(_HOW)])


def pages_of(entries: Sequence[LedgerEntry]) -> list[Sequence[LedgerEntry]]:
    """The claims page by page, the missed first; one page at least."""
    ordered = _by_state(entries)
    return [ordered[at : at + PER_PAGE] for at in range(0, len(ordered), PER_PAGE)] or [ordered]


def no_such_claim(said: str, entries: Sequence[LedgerEntry]) -> str:
    """The answer to words that choose none of the claims, with words that do."""
    first = _by_state(entries)[0]
    words = (first.state.value, f"{first.state.value} {first.rule}", numbers.day(first.claim.made)[-4:])
    examples = ", ".join(html.code(f"/claims {each}") for each in words)
    stand = claims_line(entry.state for entry in entries)
    return f"No claim is chosen by {html.quoted(said)}. {stand}.\nFor example {examples}"


def since_line(check: ClaimCheck, since: SinceMade) -> str:
    """What came since a claim was made, as plain text: the asset's returns, or how it went with the other market."""
    asset = asset_name(check.asset or "")
    if since.entry is None:
        return f"no price of {asset} since then" if check.asset else ""
    if check.measure is Measure.CORRELATION:
        if since.correlation is None:
            return f"only {numbers.count(since.sessions, 'session')} of {asset}, too few to tell"
        return f"correlation {numbers.number(since.correlation, 2)} over {numbers.count(since.sessions, 'session')}"
    parts = []
    returns = [(days, change) for days, change in (since.returns or {}).items() if change is not None]
    parts.append(", ".join(f"{numbers.percent(change, digits=0)} after {days} d" for days, change in returns))
    if check.measure is Measure.BREAKOUT:
        broke = since.breakout
        parts.append(f"broke out {numbers.day(broke.bar)}" if broke else "no breakout of its own")
    return f"{capital(asset)}: {'; '.join(filter(None, parts)) or 'too early to tell'}"


def _by_state(entries: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    """The missed first, the open last, equal ones in the order of their rules."""
    order = [ClaimState.MISSED, ClaimState.MIXED, ClaimState.MET, ClaimState.OPEN]
    return sorted(entries, key=lambda entry: order.index(entry.state))


def _entry(entry: LedgerEntry) -> str:
    claim = entry.claim
    told = ClaimView(claim.text, claim.source, claim.made, claim.stance)
    text = html.escape(html.clip(claim.text, 300))
    return "\n".join([f"{MARKS[entry.state]} “{text}”{html.escape(claim_origin(told))}", *_scores(entry)])


def _scores(entry: LedgerEntry) -> Iterator[str]:
    check, score = entry.claim.check, entry.score
    if check is None or score is None:
        yield "Nothing measured: the claim asks for no figure."
        return
    yield html.escape(f"Before: {claim_figure(score.before)}.")
    since = since_line(check, score.since)
    if since and check.measure.has_history:
        yield html.escape(f"Since: {since}. {capital(entry.state.value)}.")
