"""What does an editor have to know to help with a rule file while it is written?"""

from __future__ import annotations

import json
from typing import Any

from bot.rulebook.rulefile import RuleFile

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FILE_NAME = "rule.schema.json"


def rule_schema() -> dict[str, Any]:
    """JSON Schema of a rule file. It knows keys and words; formulas are checked by `rules check` alone."""
    return {"$schema": DIALECT, **RuleFile.model_json_schema(by_alias=True)}


def schema_text() -> str:
    """The schema as the file that `# yaml-language-server: $schema=rule.schema.json` names."""
    return json.dumps(rule_schema(), indent=2, ensure_ascii=False) + "\n"
