"""The commands, a file for each group of them; `COMMANDS` of each is in the registry."""
