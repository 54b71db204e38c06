"""The options that every command with a place to reach has. What they mean is ``target.Access``'s."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

KnownHostsOption = Annotated[Path | None, typer.Option("--known-hosts")]
HostKeyOption = Annotated[str | None, typer.Option("--host-key")]
