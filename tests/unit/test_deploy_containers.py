"""The container file and the values for Kubernetes, which nothing here builds: read, and held against what they name."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import tomllib
from pathlib import Path

import jsonschema
import pytest
import yaml
from dagster._config import process_config, resolve_to_config_type
from dagster._core.launcher import RunLauncher
from dagster._core.storage.config import pg_config

from avbrott.cli import program as commands

ROOT = Path(__file__).parents[2]
CONTAINERFILE = ROOT / "deploy" / "Containerfile"
VALUES = ROOT / "deploy" / "kubernetes" / "values.yaml"
SCHEMA = ROOT / "tests" / "fixtures" / "helm" / "values.schema.yaml"
INSTRUCTIONS = {"ARG", "FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "EXPOSE", "CMD"}


@pytest.fixture(scope="module")
def stages() -> list[list[tuple[str, str]]]:
    """The instructions of each stage; what stands before the first is a stage of its own."""
    text = re.sub(r"^#.*\n", "", CONTAINERFILE.read_text("utf-8"), flags=re.MULTILINE).replace("\\\n", " ")
    found: list[list[tuple[str, str]]] = [[]]
    for line in filter(str.strip, text.splitlines()):
        instruction, _, rest = line.partition(" ")
        if instruction == "FROM":
            found.append([])
        found[-1].append((instruction, rest.strip()))
    return found


@pytest.fixture(scope="module")
def values() -> dict:
    return yaml.safe_load(VALUES.read_text("utf-8"))


def test_a_build_has_what_it_copies(stages) -> None:
    """Instructions that there are, paths that are there and not left out, and every package that the wheel is made of."""
    names = [rest.split(" AS ")[1] for stage in stages for how, rest in stage if how == "FROM" and " AS " in rest]
    copied = set()
    for how, rest in (one for stage in stages for one in stage):
        assert how in INSTRUCTIONS
        if how == "COPY" and rest.startswith("--from="):
            assert rest.split()[0].removeprefix("--from=") in names
        elif how == "COPY":
            *sources, _ = rest.split()
            assert all((ROOT / source).exists() for source in sources)
            copied |= set(sources)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert copied == {
        *wheel["packages"],
        *wheel["force-include"],
        "pyproject.toml",
        "requirements.lock",
        project["project"]["readme"],
    }
    ignored = {line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line and line[0] != "#"}
    assert not ignored & copied


def test_each_line_of_the_shell_is_one(stages) -> None:
    """As ``sh -n`` reads it; what is installed is held against the lock."""
    lines = [rest for stage in stages for how, rest in stage if how == "RUN"]
    for line in lines:
        subprocess.run(["sh", "-n", "-c", line], check=True)
    assert sum("--require-hashes -r requirements.lock" in line for line in lines) == 1


def test_it_runs_as_nobody_in_particular_what_is_there(stages) -> None:
    """Not as root; in the folder whose ``var`` is the volume; a command and options of the program's."""
    last = dict(stages[-1])
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", last["USER"])
    assert last["VOLUME"] == f"{last['WORKDIR']}/var"
    program, command, *words = json.loads(last["CMD"])
    assert program == "avbrott"
    options = {option for one in commands().commands[command].params for option in one.opts}
    assert {word for word in words if word.startswith("--")} <= options


def test_the_values_are_those_of_the_chart(values) -> None:
    """By its keys; one that it does not know would be passed over in silence."""
    schema = yaml.safe_load(SCHEMA.read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(values, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**values, "postgresqlHost": "x"}, schema)


def test_the_values_fit_the_container_and_dagster(values, stages) -> None:
    """One image for all, its user, its folders and port; the database and the launcher as Dagster reads them."""
    last = dict(stages[-1])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    (code,) = values["dagster-user-deployments"]["deployments"]
    services = (values["dagsterWebserver"], values["dagsterDaemon"], code)
    assert {(one["image"]["repository"], one["image"]["tag"]) for one in services} == {("avbrott", project["version"])}
    user, group = map(int, last["USER"].split(":"))
    assert all(one["podSecurityContext"]["runAsUser"] == user for one in services)
    assert all(one["podSecurityContext"]["runAsGroup"] == group for one in services)
    assert [mount["mountPath"] for mount in code["volumeMounts"]] == [last["VOLUME"]]
    webserver = values["dagsterWebserver"]
    assert webserver["service"]["port"] == webserver["readinessProbe"]["httpGet"]["port"] > 1023  # as it is not root
    assert {mount["name"] for mount in code["volumeMounts"]} == {volume["name"] for volume in code["volumes"]}
    assert str(code["port"]) == last["EXPOSE"]
    assert f"DAGSTER_HOME={values['global']['dagsterHome']}" in last["ENV"].split()
    launcher = values["runLauncher"]["config"]["customRunLauncher"]
    assert issubclass(getattr(importlib.import_module(launcher["module"]), launcher["class"]), RunLauncher)
    database = values["postgresql"]
    asked = {"hostname": "postgresqlHost", "username": "postgresqlUsername", "db_name": "postgresqlDatabase"}
    asked |= {"scheme": "postgresqlScheme", "params": "postgresqlParams"}
    config = {"postgres_db": {name: database[key] for name, key in asked.items()}}
    assert process_config(resolve_to_config_type(pg_config()), config).success
    setting = yaml.safe_load((ROOT / "deploy" / "dagster.yaml").read_text("utf-8"))["storage"]["postgres"]["postgres_db"]
    assert database["postgresqlScheme"] == setting["scheme"]
    assert f"dagster=={re.search(r'version ([0-9.]+)', VALUES.read_text('utf-8'))[1]}" in (
        ROOT / "requirements.lock"
    ).read_text("utf-8")
