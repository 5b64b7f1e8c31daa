"""The container files against what the project is: nothing they name is missing, no version differs from the lock.

No image is built here. `tests/test_containers_running.py` starts them, where there is an engine.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.specifiers import SpecifierSet

from flows.settings import Settings

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = dict(re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE))


def default(value: str) -> str:
    """A value of the compose file as it is without any variable of the user's."""
    return re.sub(r"\$\{\w+:?-([^}]*)\}", r"\1", value)


def test_everything_that_the_image_copies_is_there_and_travels_to_the_builder() -> None:
    copied = [name for line in re.findall(r"^COPY (.+) \S+$", DOCKERFILE, re.MULTILINE) for name in line.split()]
    assert {"pyproject.toml", "requirements.lock", "flows", "seeds"} <= set(copied)
    travels = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(copied) == sorted(travels)
    for name in copied:
        assert (ROOT / name).exists(), name
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    wheel = build["targets"]["wheel"]
    assert {*wheel["packages"], *wheel["force-include"]} <= set(copied)


def test_the_image_has_the_python_that_the_project_is_tested_with() -> None:
    (python,) = re.findall(r"^FROM python:(\d+\.\d+)-", DOCKERFILE, re.MULTILINE)
    assert f"{python}.0" in SpecifierSet(PROJECT["requires-python"])
    assert f"python{python}" in (ROOT / "Makefile").read_text(encoding="utf-8")
    extras = re.findall(r"\*p\['optional-dependencies'\]\['(\w+)'\]", DOCKERFILE)
    assert extras == ["dask"] and set(extras) <= PROJECT["optional-dependencies"].keys()


def test_every_command_that_a_container_starts_is_installed() -> None:
    scripts = {script.name for script in entry_points(group="console_scripts")} | {"python"}
    ours = [service["command"][0] for service in SERVICES.values() if "build" in service]
    assert len(ours) == 2 and set(ours) <= scripts
    assert re.search(r'^CMD \["rasad"', DOCKERFILE, re.MULTILINE)


def test_services_wait_for_services_that_are_there_and_say_when_they_are_ready() -> None:
    for name, service in SERVICES.items():
        for other, condition in service.get("depends_on", {}).items():
            assert other in SERVICES, name
            if condition["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[other], other


def test_the_database_is_ready_only_once_it_answers_by_address() -> None:
    # While the image sets it up, a first server answers `pg_isready` on its socket, and then stops.
    assert "--host=127.0.0.1" in SERVICES["postgres"]["healthcheck"]["test"]


def test_the_user_of_the_image_owns_the_folders_that_it_writes_to() -> None:
    (owned,) = re.findall(r"install --directory --owner=rasad --group=rasad (.+)$", DOCKERFILE, re.MULTILINE)
    before, _, after = DOCKERFILE.partition("USER rasad")
    assert owned in before
    variables = dict(re.findall(r"^(?:ENV|   ) (\w+)=(\S+)", after, re.MULTILINE))
    # Without it Prefect's server copies its pages beside its code, which is root's, and has no UI.
    assert variables["PREFECT_SERVER_UI_STATIC_DIRECTORY"] in owned.split()
    assert str(Path(variables["RASAD_WAREHOUSE"]).parent) in owned.split()
    mounted = [volume.split(":")[1] for volume in SERVICES["worker"]["volumes"] if not volume.endswith(":ro")]
    assert mounted == ["/data"]


def test_a_worker_keeps_its_name_when_its_container_is_made_anew() -> None:
    # `flows/recovery.py` knows lost runs by their host; a container without a name given is another host each time.
    names = [service.get("hostname") for service in SERVICES.values() if "worker" in service.get("command", ())]
    assert names and all(names) and len(set(names)) == len(names)


def test_the_settings_of_the_containers_are_settings_of_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    declared = SERVICES["worker"]["environment"].items()
    environment = {name: default(value) for name, value in declared if value is not None}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert "RASAD_SOURCES" in SERVICES["worker"]["environment"] and "sources" in Settings.model_fields
    location = Settings().location()
    assert location.store == "s3://rasad/news/"
    assert location.database is not None and "host=postgres" in location.database
    for host in ("postgres", "store", "prefect"):
        assert host in SERVICES and any(host in value for value in environment.values())


def test_servers_are_of_the_versions_that_the_tests_run_against() -> None:
    assert SERVICES["store"]["image"] == f"motoserver/moto:{LOCK['moto']}"
    kind, version = SERVICES["postgres"]["image"].split(":")
    assert kind == "postgres"
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not installed:
        pytest.skip("PostgreSQL's server is not installed")
    assert installed[-1].parts[-3] == version


def test_the_compose_client_reads_the_file() -> None:
    client = shutil.which("docker")
    if client is None or subprocess.run([client, "compose", "version"], capture_output=True).returncode:
        pytest.skip("there is no docker compose here")
    answer = subprocess.run([client, "compose", "config", "--quiet"], cwd=ROOT, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
