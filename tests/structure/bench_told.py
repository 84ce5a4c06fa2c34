"""A bench that tells what its environment says, or fails as it is told to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.figures import Figure, tell

TOLD = "TOLD_FIGURES"
"""Environment variable with the figures, as JSON; or how to fail."""


def main() -> int:
    told = json.loads(os.environ[TOLD])
    Path(tempfile.mkdtemp()).joinpath("left").write_text("behind", "utf-8")
    if told == "hang":
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        Path(os.environ["TOLD_CHILD"]).write_text(str(child.pid), "utf-8")
        time.sleep(60)
    if told == "crash":
        raise SystemExit(3)
    return tell([Figure(**each) for each in told])


if __name__ == "__main__":
    sys.exit(main())
