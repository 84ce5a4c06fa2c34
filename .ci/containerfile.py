"""The Containerfile's steps outside a container, as far as they go: COPY and RUN of its build, then its program.

`python3 .ci/containerfile.py FOLDER [PYTHON]`: FOLDER takes the place of /, PYTHON that of python3.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
HERE = "outside a container"


def steps(text: str) -> list[tuple[str, str]]:
    """Instruction and argument of every step, lines that go on joined."""
    lines = [line for line in text.replace("\\\n", " ").splitlines() if line.strip() and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def copy(argument: str, source: Path) -> None:
    """COPY from the build context into the working folder."""
    *names, target = argument.split()
    for name in names:
        to = source / (name if target == "./" else target)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, to, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, to)


def run(command: str, folder: Path, **environ: str) -> None:
    print(f"+ {command}", flush=True)
    subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=folder, check=True, env={**os.environ, **environ})


def main(folder: Path, python: str = "python3") -> None:
    source, state = folder / "src", folder / "state"
    for each in (source, state, folder / "opt"):
        each.mkdir(parents=True)
    program: list[str] = []
    for word, argument in steps((ROOT / "Containerfile").read_text("utf-8")):
        outside = argument.replace("/opt/", f"{folder}/opt/").replace("python3 ", f"{python} ")
        if word == "COPY" and not argument.startswith("--from"):
            copy(argument, source)
        elif word == "RUN" and "/opt/" in argument:
            run(outside, source)
        elif word in {"RUN", "USER", "COPY", "VOLUME"}:
            print(f"- {HERE} left out: {word} {argument}")
        elif word in {"ENTRYPOINT", "CMD"}:
            program += [each.strip(' "') for each in argument.strip("[]").split(",")]
    bin_folder = f"{folder}/opt/bellwether/bin"
    path = f"{bin_folder}:{os.environ['PATH']}"
    for line in ("bellwether --version", "bellwether rules check", "bellwether rules test", "bellwether demo --days 2"):
        run(f"{line} > {folder}/out.txt || (cat {folder}/out.txt; exit 1)", state, PATH=path)
    run(f"{{ {shlex.join(program)} 2>&1 || true; }} | grep -q 'bellwether init'", state, PATH=path)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
