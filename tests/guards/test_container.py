"""The Dockerfile and compose.yaml: that they fit each other, and the tree that they build from."""

import re
from fnmatch import fnmatch
from typing import Any

import pytest
import yaml

from tests.guards.dockerfile import environment, stages
from tests.guards.tree import ROOT, name_of, project_files
from vega.api.serving import GRACEFUL_SECONDS
from vega.config import Settings, load_settings

#: Vega's own bounds at its end: open streams, then the model host.
END_SECONDS = GRACEFUL_SECONDS + 5


@pytest.fixture(scope="module")
def service() -> dict[str, Any]:
    """Vega's service, as compose.yaml describes it."""
    described: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    found: dict[str, Any] = described["services"]["vega"]
    return found


def of(name: str) -> list[str]:
    """What stands behind the instructions of that name in the image's own stage."""
    return [each.rest for each in stages()[-1] if each.name == name]


def is_sent(name: str) -> bool:
    """Whether .dockerignore lets that file through to the builder: its last fitting line says."""
    parts = name.split("/")
    folders = ["/".join(parts[: count + 1]) for count in range(len(parts))]
    result = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.removeprefix("!").removeprefix("**/")
        tried = parts if "**/" in line else folders
        if line and line[0] != "#" and any(fnmatch(each, pattern) for each in tried):
            result = line.startswith("!")
    return result


def test_all_that_is_copied_is_there_and_sent() -> None:
    sources = [source for each in stages()[0] if each.name == "COPY" for source in each.words[:-1]]

    assert sources
    assert [name for name in sources if not (ROOT / name).exists() or not is_sent(name)] == []


def test_all_of_the_code_is_sent_and_little_else() -> None:
    sent = {name_of(path) for path in project_files() if is_sent(name_of(path))}

    assert {name for name in map(name_of, project_files()) if name.startswith("src/")} <= sent
    assert {name.split("/")[0] for name in sent} == {
        "LICENSE", "README.md", "pyproject.toml", "requirements.lock", "requirements-dev.lock",
        "src", "web",
    }  # fmt: skip
    assert not is_sent("src/vega/web/index.html")
    assert not is_sent("web/node_modules/vite/package.json")
    assert not is_sent("vega.db")


def test_every_package_comes_by_its_hash() -> None:
    installs = re.findall(r"pip install (.*?)(?=&&|$)", " ".join(e.rest for e in stages()[0]))

    assert len(installs) == 2
    assert all("--require-hashes" in each or "--no-deps" in each for each in installs)


def test_the_image_runs_as_nobody_else(service: dict[str, Any]) -> None:
    (user,) = of("USER")
    uid, gid = user.split(":")
    (made,) = of("RUN")

    assert int(uid) > 0
    assert f"--uid {uid} " in made
    assert f"--gid {gid} " in made
    assert "user" not in service


def test_the_images_settings_are_right_and_keys_stay_needed(service: dict[str, Any]) -> None:
    composed = {name: re.sub(r"\$\{\w+:-\}", "", text) for name, text in _variables(service)}
    settings = load_settings(environment() | composed)

    assert settings.host == "0.0.0.0"
    assert settings.require_key
    assert of("VOLUME") == of("WORKDIR") == [str(settings.home)]
    assert service["volumes"] == [f"life:{settings.home}"]


def test_it_is_published_to_this_machine_alone(service: dict[str, Any]) -> None:
    ports = [Settings.model_fields[name].default for name in ("port", "page_port")]

    assert service["ports"] == [f"127.0.0.1:{port}:{port}" for port in ports]
    assert of("EXPOSE") == [" ".join(map(str, ports))]


def test_it_is_started_again_and_may_end_in_peace(service: dict[str, Any]) -> None:
    assert service["restart"] == "unless-stopped"
    assert service["init"]
    assert int(service["stop_grace_period"].removesuffix("s")) > END_SECONDS
    assert of("STOPSIGNAL") == ["SIGTERM"]


def test_it_may_do_nothing_that_it_need_not(service: dict[str, Any]) -> None:
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert [mount.split(":")[0] for mount in service["tmpfs"]] == ["/tmp"]
    assert service["mem_limit"] == service["memswap_limit"]
    assert "privileged" not in service


def _variables(service: dict[str, Any]) -> list[tuple[str, str]]:
    return list(service["environment"].items())
