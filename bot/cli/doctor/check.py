"""One thing that the doctor looked at, and failures of one cause made one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `remedy` is empty where all is well.

    `subject` is what failed ("RUT"), and `cause` what checks that failed for one reason have in common; checks
    without a cause stand for themselves.
    """

    name: str
    ok: bool
    detail: str
    remedy: str = ""
    subject: str = field(default="", compare=False)
    cause: str = field(default="", compare=False)


NETWORK = "network"
"""The cause of whatever can't be reached."""

NETWORK_REMEDY = "check this machine's network; where it needs a proxy, set HTTPS_PROXY or telegram.proxy"


def one_for_each_cause(failures: Iterable[Check]) -> list[Check]:
    """Failures as they are told: those of one cause together, in the order of the first of each."""
    groups: dict[str, list[Check]] = defaultdict(list)
    for check in failures:
        groups[check.cause or check.name].append(check)
    return [group[0] if len(group) == 1 else _merged(cause, group) for cause, group in groups.items()]


def _merged(cause: str, group: list[Check]) -> Check:
    subjects = ", ".join(check.subject for check in group)
    if cause == NETWORK:
        return Check(NETWORK, ok=False, detail=f"out of reach: {subjects}", remedy=NETWORK_REMEDY)
    return Check(f"markets {subjects}", ok=False, detail=group[0].detail, remedy=group[0].remedy)
