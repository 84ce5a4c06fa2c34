"""`python -m tests.replay`: the server in a process of its own."""

import argparse
import json
import sys
from pathlib import Path

from tests.replay.server import Replay

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, default=0)
parser.add_argument("--file", type=Path)
given = parser.parse_args()

with Replay(given.port) as replay:
    if given.file:
        replay.world.load(json.loads(given.file.read_text()))
    print(replay.url, flush=True)
    sys.stdin.read()
