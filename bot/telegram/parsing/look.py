"""How a picture is wanted, said beside what it is of: dark, light."""

from __future__ import annotations

_WORDS = {"dark": True, "light": False}


def split_look(said: str) -> tuple[str, bool | None]:
    """What stands beside the last "dark" or "light", and whether it was dark; None where neither is said.

    >>> split_look("IWM 6m dark")
    ('IWM 6m', True)
    """
    words = said.split()
    at = next((at for at in reversed(range(len(words))) if words[at].casefold().strip(",;.") in _WORDS), None)
    if at is None:
        return said, None
    mode = at + 1 < len(words) and words[at + 1].casefold() in {"mode", "theme", "picture"}
    rest = " ".join(words[:at] + words[at + 1 + mode :])
    return rest, _WORDS[words[at].casefold().strip(",;.")]
