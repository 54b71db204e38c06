"""Deliveries spread over processes, by Dagster's own executor and by Dask's: the store is the same to the byte.

What is run, and with which settings, is what docs/scaling.md says.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import dagster as dg
import pytest
import yaml
from dask.distributed import LocalCluster

from avbrott.at_rest.vault import vault_of
from avbrott.delivery.many import check_terms
from avbrott.delivery.pull import pull_many
from avbrott.home import Home
from avbrott.identity.rekey import hub_names
from avbrott.registry import Contracts
from avbrott.synthetic.generate import generate
from pipelines.instance import keep_instance
from pipelines.offers import awaiting

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "scaling.md"


@pytest.fixture(scope="module")
def offered(tmp_path_factory: pytest.TempPathFactory, contracts: Contracts) -> Home:
    """A county's deliveries, mild flaws among them, at a hub that has its keys and has taken up nothing."""
    home = Home(tmp_path_factory.mktemp("spread") / "home")
    generate(home, contracts, pupils=60, years=1)
    vault_of(home)
    hub_names(home, contracts)
    return home


@pytest.fixture(scope="module")
def whole(offered: Home, contracts: Contracts) -> dict[str, bytes]:
    """The store as one process makes it."""
    home = copied(offered, "whole")
    found = awaiting(home, contracts, None)
    wanted = {term: sorted(found.providers) for term in found.terms}
    pull_many(home, contracts, wanted)
    assert len({one.status for one in check_terms(home, contracts, wanted)}) > 1
    return store(home)


def test_the_multiprocess_executor_makes_the_same_store(offered: Home, whole: Mapping[str, bytes]) -> None:
    """Two steps at a time, each in a process of its own."""
    home = copied(offered, "processes")
    assert len(run(home, "pipelines.definitions", setting("multiprocess"))) > 2
    assert store(home) == whole


def test_dasks_workers_make_the_same_store(offered: Home, whole: Mapping[str, bytes]) -> None:
    """Two workers on loopback, which share the home and nothing else."""
    home = copied(offered, "dask")
    with LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs=50
    ) as cluster:
        cluster.wait_for_workers(2)
        there = {worker.pid for worker in cluster.workers.values()}
        address = cluster.scheduler_address
        settings = yaml.safe_load(re.sub(r"tcp://\S+", address, yaml.safe_dump(setting("cluster"))))
        workers = run(home, "pipelines.on_dask", settings)
    assert workers <= there, "in no other process; the scheduler may give one of them all"
    assert store(home) == whole


def setting(word: str) -> dict[str, object]:
    """The settings of a run as the page has them: the block of YAML with this word."""
    blocks = re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    [found] = [block for block in blocks if f"{word}:" in block]
    return dict(yaml.safe_load(found))


def copied(home: Home, name: str) -> Home:
    """The same home, elsewhere."""
    shutil.copytree(home.root, home.root.parent / name)
    return Home(home.root.parent / name)


def store(home: Home) -> dict[str, bytes]:
    """What was taken up, byte for byte."""
    folders = ("delivered", "received", "accepted", "settled", "quarantined", "findings")
    files = [file for name in folders for file in (home.root / "store" / name).rglob("*") if file.is_file()]
    assert len(files) > 100
    return {str(file.relative_to(home.root)): file.read_bytes() for file in files}


def run(home: Home, module: str, settings: Mapping[str, object]) -> set[int]:
    """Run the job; the processes that its lanes ran in."""
    keep_instance(home)
    file = home.root / "run.yaml"
    resource = {"installation": {"config": {"home": str(home.root)}}}
    file.write_text(yaml.safe_dump({**settings, "resources": resource}), "utf-8")
    command = [sys.executable, "-m", "dagster", "job", "execute", "-m", module, "-j", "spread", "-c", str(file)]
    environment = {**os.environ, "DAGSTER_HOME": str(home.dagster)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-3000:]
    with dg.DagsterInstance.from_config(str(home.dagster)) as instance:
        [ran] = instance.get_runs()
        events = [one.dagster_event for one in instance.all_logs(ran.run_id) if one.dagster_event]
    lanes = [event for event in events if event.is_step_success and "_" in str(event.step_key)]
    assert {str(event.step_key) for event in lanes} >= {"delivered_0", "accepted_0", "accepted_2"}
    return {event.pid for event in lanes if event.pid is not None}
