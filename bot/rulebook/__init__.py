"""Rule files: YAML text to rules, with a place for every complaint."""
