"""Modules kept out while a library is imported: it finds none or a stand-in, and nobody is hindered later."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.unneeded import kept_out


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "heavy_one.py").write_text("class Thing: pass\nThings = list\nVALUE = 7\n")
    (tmp_path / "heavy_two.py").write_text("VALUE = 8\n")
    (tmp_path / "light.py").write_text(
        "import heavy_one\ntry:\n    import heavy_two\nexcept ImportError:\n    heavy_two = None\n"
        "def asked(thing: heavy_one.Thing | None = None): return heavy_one.VALUE\n"
        "class Held: things: heavy_one.Things[int]\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("heavy_one", "heavy_two", "light"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return tmp_path


def test_what_is_deferred_comes_when_it_is_asked_for(library: Path) -> None:
    with kept_out(absent=["heavy_two"], deferred=["heavy_one"]):
        import light  # type: ignore[import-not-found]

        assert light.heavy_two is None
    assert "heavy_one" not in sys.modules
    assert "heavy_two" not in sys.modules
    assert light.asked() == 7
    assert sys.modules["heavy_one"].__file__ == str(library / "heavy_one.py")
    import heavy_two  # type: ignore[import-not-found]

    assert heavy_two.VALUE == 8


def test_what_is_there_already_is_left_alone(library: Path) -> None:
    import heavy_one  # type: ignore[import-not-found]
    import heavy_two

    with kept_out(absent=["heavy_two"], deferred=["heavy_one"]):
        import light

        assert light.heavy_two is heavy_two
        assert light.heavy_one is heavy_one
    assert sys.modules["heavy_one"] is heavy_one


def test_a_failing_import_leaves_nothing_behind(library: Path) -> None:
    with pytest.raises(ZeroDivisionError), kept_out(absent=["heavy_two"], deferred=["heavy_one"]):
        1 / 0  # noqa: B018
    assert not {"heavy_one", "heavy_two"} & set(sys.modules)


def test_the_bot_runs_without_what_its_libraries_only_mention() -> None:
    code = (
        "import bot.cli.run, bot.app.serve, sys; print(*sys.modules); import asyncio, telegram\n"
        "async def asked():\n    async with telegram.request.HTTPXRequest(): pass\n"
        "asyncio.run(asked())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not loaded & {"httpx", "cryptography", "pandas", "click", "dateutil", "PIL", "rich", "pygments"}
    assert "numpy.random" not in done.stdout.split()
