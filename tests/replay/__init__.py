"""A server on loopback that answers as Yahoo's and the exchanges' public servers do, from bars that a test gives it.

In a process of its own: `python -m tests.replay --port 0 --file state.json`; it prints its address, takes
POST /control/bars, /control/fault and /control/reset, tells GET /control/requests, and ends with its input.
"""

from tests.replay.server import Replay

__all__ = ["Replay"]
