"""Settings from a file and the environment: what is right, and every complaint about what is not."""

from __future__ import annotations

import re
from pathlib import Path

import exchange_calendars
import pytest
from pydantic import BaseModel

from bot.market.calendar_catalog import calendar_names
from bot.market.model import MarketKind
from bot.market.source_type import Exchange
from bot.problem import ProblemError
from bot.settings import Settings, find_config, load_settings, shipped, without_absent
from bot.settings.model import MarketShape, SourceShape
from bot.yamlfile.load import read_yaml

TOKEN = "4200000001:AAEsecretsecretsecretsecretsecretsec"


def load(folder: Path, text: str | None, mode: int = 0o600, **environ: str) -> Settings:
    path = None
    if text is not None:
        path = folder / "config.yaml"
        path.write_text(text)
        path.chmod(mode)
    return load_settings(path, environ, folder)


def complaints(folder: Path, text: str, mode: int = 0o600, **environ: str) -> list[str]:
    with pytest.raises(ProblemError) as caught:
        load(folder, text, mode, **environ)
    return [str(problem).removeprefix(f"{folder}/") for problem in caught.value.problems]


def test_without_a_config_the_example_holds(tmp_path: Path) -> None:
    settings = load(tmp_path, None)
    assert settings.database == tmp_path / "bellwether.db"
    assert settings.rules == (shipped("rules"), tmp_path / "my-rules")
    assert without_absent(settings).rules == (shipped("rules"),)
    assert settings.telegram.token is None
    assert list(settings.markets)[:3] == ["RUT", "IWM", "IWN"]


def test_what_is_switched_off_is_no_source_of_any_market(tmp_path: Path) -> None:
    specs = load(tmp_path, "switched_off: [coinmetrics, yahoo]\n").specs
    assert (specs["CRYPTO_ALT"].sources, specs["RUT"].sources) == ((), ())
    assert [source.name for source in specs["BTC"].sources] == ["binance", "kraken", "coinbase"]
    assert specs["NFCI"].sources
    (told,) = complaints(tmp_path, "switched_off: [coinmetric]\n")
    assert told.startswith("config.yaml:1:16: switched_off[0]: no kind of source (got coinmetric); allowed: ")
    assert not load(tmp_path, None, BELLWETHER_SWITCHED_OFF="[fred]").specs["NFCI"].sources


def test_a_contact_for_the_sec_brings_its_sources(tmp_path: Path) -> None:
    assert not load(tmp_path, None).specs["IWM_FLOWS"].sources
    for settings in (
        load(tmp_path, None, SEC_CONTACT="Somebody somebody@example.com"),
        load(tmp_path, 'keys: {sec_nport: "Somebody somebody@example.com"}\n'),
    ):
        for name in ("IWM_FLOWS", "LOSING_COMPANIES"):
            (source,) = settings.specs[name].sources
            assert source.options["contact"] == "Somebody somebody@example.com"


def test_rules_may_lie_in_several_folders(tmp_path: Path) -> None:
    settings = load(tmp_path, "rules: [rules, my-rules]\n")
    assert settings.rules == (tmp_path / "rules", tmp_path / "my-rules")
    settings = load(tmp_path, "rules: [shipped, mine]\n")
    assert settings.rules == (shipped("rules"), tmp_path / "mine")
    (tmp_path / "shipped").mkdir()
    assert load(tmp_path, "rules: [shipped, mine]\n").rules[0] == shipped("rules"), "an empty one holds no rules"
    (tmp_path / "shipped" / "a.yaml").touch()
    assert load(tmp_path, "rules: [shipped, mine]\n").rules[0] == tmp_path / "shipped"
    assert load(tmp_path, None, BELLWETHER_RULES="[a, b]").rules == (tmp_path / "a", tmp_path / "b")
    assert without_absent(load(tmp_path, None, BELLWETHER_RULES="[a, my-rules]")).rules == (tmp_path / "a",)


@pytest.mark.parametrize("text", [None, "catch_up: 3\n"])
def test_where_nobody_named_any_the_shipped_rules_hold_and_ones_own(tmp_path: Path, text: str | None) -> None:
    assert without_absent(load(tmp_path, text)).rules == (shipped("rules"),)
    (tmp_path / "my-rules").mkdir()
    assert without_absent(load(tmp_path, text)).rules == (shipped("rules"), tmp_path / "my-rules")
    below = tmp_path / "rules" / "below"
    below.mkdir(parents=True)
    (tmp_path / "rules" / "notes.txt").touch()
    assert load(tmp_path, text).rules == (shipped("rules"), tmp_path / "my-rules"), "no rules lie there"
    (below / "a.yml").touch()
    assert load(tmp_path, text).rules == (tmp_path / "rules", tmp_path / "my-rules"), "as in a checkout"


def test_no_rules_at_all_are_refused(tmp_path: Path) -> None:
    assert complaints(tmp_path, "rules: []\n") == ["config.yaml:1:8: rules: too few (got 0); allowed: at least 1"]


def test_the_example_says_what_the_defaults_are(tmp_path: Path) -> None:
    example = read_yaml(shipped("config.example.yaml").read_bytes(), "example").data
    given, bare = Settings.model_validate(example), Settings()
    for key in ("telegram", "schedule", "catch_up", "database", "rules", "funds"):
        assert getattr(given, key) == getattr(bare, key), key
    named = set(example["telegram"]) | {"token", "token_file", "proxy"}
    assert named == set(type(bare.telegram).model_fields)
    assert set(example["schedule"]) == set(type(bare.schedule).model_fields)
    assert set(example) == set(Settings.model_fields)


@pytest.mark.parametrize("shape", [MarketShape, SourceShape, Exchange])
def test_the_example_names_every_key_of_a_market_and_its_sources(shape: type[BaseModel]) -> None:
    text = shipped("config.example.yaml").read_text("utf-8")
    assert not [key for key in shape.model_fields if not re.search(rf"\b{key}(:|`)", text)]


def test_an_exchange_market_is_asked_for_at_each_exchange_in_its_own_quote(tmp_path: Path) -> None:
    sources = load(tmp_path, None).specs["BTC"].sources
    told = [(source.kind, source.name, source.symbol) for source in sources]
    assert told == [
        ("exchange", "binance", "BTC/USDT"),
        ("exchange", "kraken", "BTC/USD"),
        ("exchange", "coinbase", "BTC/USD"),
        ("yahoo", "yahoo", "BTC-USD"),
    ]


def test_markets_know_their_calendars(tmp_path: Path) -> None:
    specs = load(tmp_path, None).specs
    assert specs["RUT"].calendar == "XNYS"
    assert specs["BTC"].calendar == specs["ALTS"].calendar == "24/7"
    assert specs["ALTS"].kind is MarketKind.BASKET


def test_options_pass_through_to_the_exchange(tmp_path: Path) -> None:
    settings = load(tmp_path, "exchanges: [{id: kraken, quote: USD, options: {timeout: 5000}}]")
    assert settings.specs["ETH"].sources[0].options == {"timeout": 5000}


def test_paths_count_from_the_configs_folder(tmp_path: Path) -> None:
    settings = load(tmp_path, "database: data/bot.db\nrules: mine\n")
    assert settings.database == tmp_path / "data" / "bot.db"
    assert settings.rules == (tmp_path / "mine",)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        "database: a.db\ncatch_up: 3 sessions\n",
        BELLWETHER_DATABASE="b.db",
        BELLWETHER_TELEGRAM__API_URL="http://127.0.0.1:1",
        BELLWETHER_SCHEDULE__SETTLE="2 minutes",
        BELLWETHER_CONFIG="ignored",
    )
    assert settings.database.name == "b.db"
    assert str(settings.telegram.api_url) == "http://127.0.0.1:1/"
    assert settings.schedule.settle == 120
    assert settings.catch_up == 3


@pytest.mark.parametrize("text", ["", "# nothing but a comment\n"])
def test_an_empty_config_is_said_to_be_empty(tmp_path: Path, text: str) -> None:
    assert "empty" in complaints(tmp_path, text)[0]


def test_every_mistake_is_said_at_once_with_its_place(tmp_path: Path) -> None:
    told = complaints(
        tmp_path,
        """telegram: {acces: open, messages_per_second: fast}
schedule:
  settle: soon
catch_up: -1
markets:
  RUT: {title: Russell, kind: index, sources: [{yahoo: ^RUT, csv: a.csv}]}
  ALTS: {title: Alts, kind: basket, members: [A, B]}
""",
        BELLWETHER_DATABSE="x",
    )
    starts = [": ".join(line.split(": ")[:2]) for line in told]
    assert starts == [
        "config.yaml:1:12: telegram.acces",
        "config.yaml:1:46: telegram.messages_per_second",
        "config.yaml:3:11: schedule.settle",
        "config.yaml:4:11: catch_up",
        "config.yaml:6:48: markets.RUT.sources[0]",
        "config.yaml:7:9: markets.ALTS",
        "environment: BELLWETHER_DATABSE",
        "config.yaml:7:47: markets.ALTS.members[0]",
        "config.yaml:7:50: markets.ALTS.members[1]",
    ]
    assert "did you mean 'access'" in told[0]


def test_a_key_written_twice_does_not_hide_the_other_mistakes(tmp_path: Path) -> None:
    told = complaints(tmp_path, "catch_up: -1\ncatch_up: 3\ndatabase: 5\nrules: []\ntelegram: {api_url: ftp://x}\n")
    assert told == [
        "config.yaml:1:11: catch_up: too small (got -1); allowed: 0 or more",
        "config.yaml:2:1: catch_up: written twice (first in line 1)",
        "config.yaml:3:11: database: not a path (got 5); allowed: text, like folder/file",
        "config.yaml:4:8: rules: too few (got 0); allowed: at least 1",
        "config.yaml:5:21: telegram.api_url: not a web address (got 'ftp://x'); allowed: like https://example.org",
    ]


def test_what_the_environment_says_wrongly_is_told_in_the_same_words(tmp_path: Path) -> None:
    assert complaints(tmp_path, "catch_up: 3\n", BELLWETHER_CATCH_UP="many", BELLWETHER_TELEGRAM__ACCESS="all") == [
        "environment: BELLWETHER_TELEGRAM__ACCESS: unknown word (got 'all'); allowed: open, approval, members",
        "environment: BELLWETHER_CATCH_UP: not a whole number (got 'many'); allowed: a whole number",
    ]


def test_a_calendar_that_nobody_knows_is_said(tmp_path: Path) -> None:
    market = "{title: A, kind: equity, calendar: %s, sources: [{yahoo: A}]}"
    (told,) = complaints(
        tmp_path, f"markets:\n  A: {market % 'XNYC'}\n  B: {market % 'XLON'}\n  C: {market % '24/7'}\n"
    )
    assert told.startswith("config.yaml:2:41: markets.A.calendar: no such calendar (got 'XNYC'); did you mean XNYS?")


def test_every_calendar_that_is_allowed_is_there() -> None:
    names = exchange_calendars.get_calendar_names(include_aliases=False)
    assert calendar_names() <= set(names)
    assert calendar_names() >= {"XNYS", "XLON", "24/7"}


def test_the_token_comes_from_the_environment_a_file_or_a_private_config(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN + "\n")
    (tmp_path / "token").chmod(0o600)
    for settings in (
        load(tmp_path, "catch_up: 5", TELEGRAM_TOKEN=TOKEN),
        load(tmp_path, "telegram: {token_file: token}"),
        load(tmp_path, f"telegram: {{token: '{TOKEN}'}}"),
    ):
        assert settings.telegram.token is not None
        assert settings.telegram.token.get_secret_value() == TOKEN
        assert TOKEN not in repr(settings)


def test_a_token_that_others_can_read_is_refused(tmp_path: Path) -> None:
    (told,) = complaints(tmp_path, f"telegram: {{token: '{TOKEN}'}}", mode=0o644)
    assert "others can read the token" in told
    assert "chmod 600" in told
    assert TOKEN not in told


def test_a_token_of_the_wrong_type_is_not_printed(tmp_path: Path) -> None:
    told = complaints(tmp_path, "telegram: {token: [4200000001, AAEsecret]}")
    assert "AAEsecret" not in "\n".join(told)


def test_a_token_file_that_is_missing_is_said(tmp_path: Path) -> None:
    (told,) = complaints(tmp_path, "telegram: {token_file: nowhere}")
    assert "nowhere: telegram.token_file: can't be read" in told


def test_the_config_is_looked_for_here_unless_it_is_named(tmp_path: Path) -> None:
    assert find_config({}, tmp_path) is None
    (tmp_path / "config.yaml").write_text("catch_up: 5")
    assert find_config({}, tmp_path) == tmp_path / "config.yaml"
    assert find_config({"BELLWETHER_CONFIG": "/etc/b.yaml"}, tmp_path) == Path("/etc/b.yaml")


def test_a_config_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match=r"nowhere.yaml: no such file"):
        load_settings(tmp_path / "nowhere.yaml", {}, tmp_path)


@pytest.mark.parametrize("mode", [0o444, 0o440, 0o400, 0o600])
def test_a_token_file_that_nobody_can_write_is_taken_as_containers_mount_it(tmp_path: Path, mode: int) -> None:
    (tmp_path / "token").write_text(TOKEN)
    (tmp_path / "token").chmod(mode)
    tmp_path.chmod(0o755)
    assert load(tmp_path, "telegram: {token_file: token}").telegram.token is not None


def test_a_token_file_that_others_can_read_is_refused_unless_its_folder_is_private(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN)
    (tmp_path / "token").chmod(0o644)
    tmp_path.chmod(0o755)
    (told,) = complaints(tmp_path, "telegram: {token_file: token}")
    assert "chmod 600" in told
    tmp_path.chmod(0o700)
    assert load(tmp_path, "telegram: {token_file: token}").telegram.token is not None


def test_an_empty_variable_is_one_that_is_not_set(tmp_path: Path) -> None:
    settings = load(tmp_path, None, BELLWETHER_DATABASE="", BELLWETHER_TELEGRAM__API_URL=" ")
    assert settings.database == tmp_path / "bellwether.db"


def test_what_a_container_tells_of_its_services_is_no_setting(tmp_path: Path) -> None:
    links = {
        "BELLWETHER_SERVICE_HOST": "10.0.0.1",
        "BELLWETHER_SERVICE_PORT_HTTP": "80",
        "BELLWETHER_PORT": "tcp://10.0.0.1:80",
        "BELLWETHER_PORT_80_TCP_ADDR": "10.0.0.1",
        "BELLWETHER_WEB_SERVICE_PORT": "80",
    }
    assert load(tmp_path, None, **links) == load(tmp_path, None)
    with pytest.raises(ProblemError, match="no such setting"):
        load(tmp_path, None, BELLWETHER_PORTS="80")


@pytest.mark.parametrize("given", ["[123, 456]", "123,456", "123 456", "[456, 123]"])
def test_operators_are_user_ids_however_they_are_written(tmp_path: Path, given: str) -> None:
    assert load(tmp_path, None, BELLWETHER_TELEGRAM__OPERATORS=given).telegram.operators == {123, 456}


def test_one_operator_is_a_list_of_one(tmp_path: Path) -> None:
    assert load(tmp_path, "telegram: {operators: 123}").telegram.operators == {123}
    assert load(tmp_path, None, BELLWETHER_TELEGRAM__OPERATORS="123").telegram.operators == {123}


@pytest.mark.parametrize("given", ["@me", "[me]", "-1", "1.5", "true", "{a: 1}"])
def test_what_is_no_user_id_is_refused_in_words(tmp_path: Path, given: str) -> None:
    (told,) = complaints(tmp_path, f"telegram: {{operators: {given!r}}}")
    assert "allowed: a list of numbers, like [123456789]" in told


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    mode = tmp_path.stat().st_mode
    (told,) = complaints(tmp_path, "database: .")
    assert "a folder" in told
    assert tmp_path.stat().st_mode == mode
