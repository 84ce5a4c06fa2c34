"""`bellwether service`: a hardened systemd unit for this folder, with the right paths in it."""

from __future__ import annotations

import sys
from pathlib import Path

from bot.problem import ProblemError

UNIT = """\
# Written by `bellwether service` for {folder}. Install it as root:
#   bellwether service > /etc/systemd/system/bellwether.service
#   systemctl daemon-reload && systemctl enable --now bellwether
#   journalctl -u bellwether -f
[Unit]
Description=Bellwether, a Telegram bot that watches US small caps
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
User={user}
WorkingDirectory={folder}
ExecStart={program} run
Restart=always
RestartSec=30
# Exit code 2: a mistake in the config, which no restart mends.
RestartPreventExitStatus=2
# A look ends every minute; where none has for so long, the bot hangs and is started anew.
WatchdogSec=15min
TimeoutStartSec=2min
TimeoutStopSec=30

StateDirectory=bellwether
CacheDirectory=bellwether
Environment=XDG_CACHE_HOME=%C/bellwether
ReadWritePaths={folder}
UMask=0077

NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome={home}
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectHostname=yes
ProtectControlGroups=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
"""

_HOMES = ("/home", "/root", "/run/user")


def service(*, user: str | None) -> None:
    """`bellwether service`, as it is typed in `bot.cli.signatures.operation`."""
    folder = Path.cwd()
    program = Path(sys.executable).with_name("bellwether")
    print(unit(folder, program, user or folder.owner()), end="")


def unit(folder: Path, program: Path, user: str) -> str:
    """The unit for a bot in `folder`. Raises ProblemError where systemd could not take such a path."""
    for path in (folder, program):
        if any(character.isspace() or character in "%\"'\\" for character in str(path)):
            raise ProblemError.of(path, "systemd takes no path with blanks, quotes or %; allowed: move it elsewhere")
    in_home = any(path.is_relative_to(home) for path in (folder, program) for home in _HOMES)
    return UNIT.format(folder=folder, program=program, user=user, home="read-only" if in_home else "yes")
