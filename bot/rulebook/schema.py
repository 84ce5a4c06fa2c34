"""JSON Schema of a rule file, by which editors complete and underline."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.rulebook.rule_file import RuleFile
from bot.signals.formula import FUNCTIONS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FILE_NAME = "rule.schema.json"

_FORMULAS = (("RuleFile", "when"), ("RuleFile", "level"), ("FollowModel", "held"), ("FollowModel", "failed"))
_MARKETS = (("RuleFile", "market"), ("CheckModel", "asset"), ("CheckModel", "with"))


@dataclass(frozen=True, slots=True)
class KnownNames:
    """Names that an editor offers: the config's markets, the rules there are, the formulas of definitions.yaml."""

    markets: Sequence[str] = ()
    rules: Sequence[str] = ()
    definitions: Sequence[str] = ()


def rule_schema(names: KnownNames = KnownNames()) -> dict[str, Any]:
    """JSON Schema of a rule file. It knows keys and words; formulas are checked by `rules check` alone."""
    schema: dict[str, Any] = without_noise(RuleFile.model_json_schema(by_alias=True))
    models = {"RuleFile": schema, **schema.get("$defs", {})}
    for model, key in _FORMULAS:
        models[model]["properties"][key]["defaultSnippets"] = _snippets(names)
    for model, key in _MARKETS:
        if names.markets:
            models[model]["properties"][key] |= {"examples": list(names.markets), **_offered(names.markets)}
    return {"$schema": DIALECT, **schema}


def schema_text(names: KnownNames = KnownNames()) -> str:
    """The schema as the file that `# yaml-language-server: $schema=rule.schema.json` names."""
    return json_text(rule_schema(names))


def json_text(schema: dict[str, Any]) -> str:
    """A schema as a file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def without_noise(part: Any) -> Any:
    """A schema without what an editor would only repeat: titles made of keys, defaults of nothing."""
    if isinstance(part, list):
        return [without_noise(each) for each in part]
    if not isinstance(part, dict):
        return part
    noise = [key for key, value in part.items() if key == "title" and isinstance(value, str)]
    noise += [key for key, value in part.items() if key == "default" and value in (None, [])]
    return {key: without_noise(value) for key, value in part.items() if key not in noise}


def _offered(words: Sequence[str]) -> dict[str, Any]:
    """The words for completion; others are no mistake, since the config may have grown since."""
    return {"anyOf": [{"enum": list(words)}, {"type": "string"}]}


def _snippets(names: KnownNames) -> list[dict[str, str]]:
    """What an editor offers inside a formula: every function by an example, every rule and every definition."""
    examples = [(function.example, function.help) for function in FUNCTIONS.values()]
    examples += [(f'fired("{rule}", within=20)', "this rule fired lately") for rule in names.rules]
    examples += [(name, "formula of definitions.yaml") for name in names.definitions]
    return [{"label": text, "body": text, "description": help_} for text, help_ in examples]
