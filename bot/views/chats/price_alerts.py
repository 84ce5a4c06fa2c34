"""Texts of price alerts."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.signals.timeframe import Instant
from bot.views.formatting import html, numbers

USAGE = "/tell IWM 254.12"


def asked(title: str, price: float, close: float, *, points: bool = False) -> str:
    """The answer to a new price alert; `close` is the last one; with `points` the way there is no ratio."""
    way = "rises to" if price > close else "falls to"
    far = _far(price, close, points=points)
    return f"🔔 I will tell you once when {_name(title)} {way} {figure(price)}{far}. /tell lists what you wait for."


def asked_already(title: str, price: float, close: float, *, points: bool = False) -> str:
    """The answer to one that is there already."""
    return (
        f"You wait for {_name(title)} at {figure(price)} already{_far(price, close, points=points)}. /tell lists all."
    )


def reached_already(title: str, price: float) -> str:
    """The answer to the price that it is."""
    return f"{_name(title)} stands at {figure(price)} now."


def beyond_already(title: str, price: float, close: float, *, above: bool) -> str:
    """The answer to "above 100" where the price is above it, and to "below 100" where it is below."""
    side = "above" if above else "below"
    return f"{_name(title)} closed at {numbers.price(close)}, {side} {figure(price)} already."


def too_many(most: int) -> str:
    """The answer where a chat waits for as many as it may."""
    return f"You wait for {most} prices already, and that is all I remember. /tell lists them, to delete one."


def up_or_down(title: str, share: str) -> str:
    """Over the buttons for a price so many percent above or below the last close."""
    return f"{html.bold(html.escape(html.clip(title, 80)))} {html.escape(share)} % up or down, from the last close?"


def no_percent(title: str, name: str) -> str:
    """The answer to percents of a market whose values need not be positive."""
    return (
        f"{_name(title)} may stand at zero or below, so percents of it mean nothing. One figure, please, for example"
        f" {html.code(f'/tell {name} 0.5')}"
    )


def not_a_price(said: str) -> str:
    """The answer to what is no market and price."""
    return f"I don't understand {html.quoted(said)}. A market and one price, for example {html.code(USAGE)}."


def one_price(said: str) -> str:
    """The answer to numbers that are far from any price of the market if they are one."""
    return f"{html.quoted(said)}: one price at a time, please, for example {html.code(USAGE)}. Nothing is set yet."


def which_price(said: str, title: str, close: float) -> str:
    """Over the buttons with the prices that a number may mean, none of them near the last close."""
    return (
        f"{html.quoted(said)}: which price of {_name(title)}? It closed at {numbers.price(close)}. Nothing is set yet."
    )


def read_as(said: str, price: float) -> str:
    """What follows the answer where a number has another reading, which is far off."""
    return f" I read {html.quoted(said)} as {figure(price)}."


def waiting(alerts: Sequence[tuple[str, float, float | None]], in_points: Collection[str] = ()) -> str:
    """What a chat waits for: titles, prices, and each market's last close, where there is one.

    `in_points` are titles of markets to whose closes ratios mean nothing.
    """
    if not alerts:
        return f"🔔 You wait for no price. {html.code(USAGE)} asks for one, and so do the buttons of /levels."
    lines = [
        f"• {_name(title)} at {figure(price)}{_far(price, close, short=True, points=title in in_points)}"
        for title, price, close in alerts
    ]
    head = f"🔔 {html.bold('Prices that you wait for')}, and how far they are from the last close"
    return "\n".join([head, *lines, "A tap deletes."])


def reached(title: str, price: float, bar: Instant, close: float, extreme: float, *, above: bool) -> str:
    """The word that was asked for."""
    way, most = ("rose to", "high") if above else ("fell to", "low")
    figures = f"close {numbers.price(close)}" + (f", {most} {numbers.price(extreme)}" if extreme != close else "")
    return (
        f"🔔 {html.escape(html.clip(title, 80))} {way} {figure(price)}\n"
        f"On {numbers.day(bar)}: {figures}. You asked to be told, once."
    )


def figure(price: float) -> str:
    """A price that somebody named, to the digit."""
    shown = numbers.price(price)
    return shown if float(shown.replace(",", "")) == price else f"{price:,}"


def _far(price: float, close: float | None, *, short: bool = False, points: bool = False) -> str:
    """The way to a price (", 3.1 % above the last close (246.50)", `short`: ", 3.1 % above 246.50") or nothing."""
    if close is None or not (close > 0 or points):
        return ""
    if price == close:
        return ", the last close"
    side = "above" if price > close else "below"
    if points:
        far_off = numbers.change(price - close, points=True, sign=False).lstrip(numbers.MINUS)
        return f", {far_off} {side} " + (numbers.price(close) if short else f"the last close ({numbers.price(close)})")
    far = abs(price / close - 1)
    told = numbers.percent(far, sign=False, digits=1 if far >= 0.01 else 2) if far >= 0.0001 else "less than 0.01 %"
    return f", {told} {side} " + (numbers.price(close) if short else f"the last close ({numbers.price(close)})")


def _name(title: str) -> str:
    return html.bold(html.escape(html.clip(title, 80)))
