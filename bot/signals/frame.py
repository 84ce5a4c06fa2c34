"""Where does a formula meet its bars?"""

from bot.signals.formula.evaluate import evaluate
from bot.signals.formula.explain import Part, deciding, explain
from bot.signals.formula.frame import FiredHistory, Frame

__all__ = ["FiredHistory", "Frame", "Part", "deciding", "evaluate", "explain"]
