"""Temporary tables: large ones lie in a file without a name, which ends with the process."""

import subprocess
import sys
from pathlib import Path

CODE = """
import os, sys
from pathlib import Path
from bot.store.database import open_database

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

db = open_database(Path(sys.argv[1]))
before = resident()
db.conn.execute("CREATE TEMP TABLE readers (subscriber INTEGER, root INTEGER)")
db.conn.execute(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)"
    " INSERT INTO temp.readers SELECT i, 10000000000 + i FROM n"
)
print(resident() - before)
for link in Path("/proc/self/fd").iterdir():
    print(os.readlink(link) if link.is_symlink() else "")
"""


def test_a_million_rows_take_no_memory(tmp_path: Path) -> None:
    command = [sys.executable, "-c", CODE, str(tmp_path / "bot.db")]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    grown, *files = told.splitlines()
    assert int(grown) < 8_000_000
    temporary = [each for each in files if "etilqs" in each]
    assert temporary
    assert all(each.endswith("(deleted)") for each in temporary)
