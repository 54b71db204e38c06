"""The applications that ``bench_serve`` asks, each in a process: ``python -m tests.benchmarks.served KIND HOME PORT``."""

from __future__ import annotations

import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from avbrott.access.hall import Hall
from avbrott.access.server import Door, configured
from avbrott.access.settings import load_access
from avbrott.home import Home
from avbrott.registry import load_contracts
from avbrott.texts import load_messages


def ours(home: Home, port: int) -> uvicorn.Config:
    """What ``avbrott serve`` runs."""
    contracts = load_contracts()
    config = configured(Hall(home, contracts, load_access(contracts.folder), load_messages(), b""), Door("127.0.0.1", port))
    config.port = port
    return config


def bare(home: Home, port: int) -> uvicorn.Config:
    """Starlette's own files, with nothing around them."""
    app = Starlette(routes=[Mount("/releases", StaticFiles(directory=home.releases, follow_symlink=True, html=True))])
    return uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", access_log=False, lifespan="off")


if __name__ == "__main__":
    kind, folder, port = sys.argv[1:]
    uvicorn.Server({"ours": ours, "bare": bare}[kind](Home(Path(folder)), int(port))).run()
