"""JSON Schema of a rule file, by which editors complete and underline."""

from __future__ import annotations

import json
from typing import Any

from bot.rulebook.rule_file import RuleFile

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FILE_NAME = "rule.schema.json"


def rule_schema() -> dict[str, Any]:
    """JSON Schema of a rule file. It knows keys and words; formulas are checked by `rules check` alone."""
    schema: dict[str, Any] = _bare(RuleFile.model_json_schema(by_alias=True))
    return {"$schema": DIALECT, **schema}


def schema_text() -> str:
    """The schema as the file that `# yaml-language-server: $schema=rule.schema.json` names."""
    return json.dumps(rule_schema(), indent=2, ensure_ascii=False) + "\n"


def _bare(part: Any) -> Any:
    """A schema without what an editor would only repeat: titles made of keys, defaults of nothing."""
    if isinstance(part, list):
        return [_bare(each) for each in part]
    if not isinstance(part, dict):
        return part
    noise = [key for key, value in part.items() if key == "title" and isinstance(value, str)]
    noise += [key for key, value in part.items() if key == "default" and value in (None, [])]
    return {key: _bare(value) for key, value in part.items() if key not in noise}
