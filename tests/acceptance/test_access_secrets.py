"""Nothing secret is to be seen: in the log, the process list, children's environments, files."""

import json
import os
import re
import stat
import sys
from pathlib import Path

import httpx2
import psutil
import pytest

from tests.acceptance.conftest import MakeVega
from tests.models_folder import models_folder
from tests.terminal import run_command
from tests.vega_process import VegaProcess, wait_until

SECONDS = 60.0
#: Has every library log all that it can, before Vega itself sets up its log.
TALKATIVE = (
    "import logging, sys; logging.basicConfig(level=1, stream=sys.stderr); "
    "sys.argv = ['vega', 'serve']; from vega.cli import main; main()"
)
SAID = "My safe opens with heron-7-winter."
FACT = "My favorite color is ultraviolet-by-night."
GIVEN_KEY = "given-key-" + "k" * 40
MODEL_KEY = "model-key-" + "m" * 40


def browser(vega: VegaProcess) -> httpx2.Client:
    return httpx2.Client(base_url=vega.url, trust_env=False, timeout=SECONDS)


def use(vega: VegaProcess) -> dict[str, str]:
    """A day of use in a minute; every secret that there was, by what it is."""
    secrets = {"the owner's key": vega.key, "what was said": SAID, "a fact": "ultraviolet-by-night"}
    for prompt in (SAID, FACT, "What is my favorite color?"):
        assert vega.chat(prompt, device="the-heron-machine").status_code == 200
    secrets["a device's name"] = "the-heron-machine"
    made = vega.request("POST", "/api/keys", {"name": "phone"}).json()
    secrets["a key that was made"] = made["key"]
    vega.request("DELETE", f"/api/keys/{made['id']}")
    code = vega.request("POST", "/api/pairing").json()["code"]
    secrets["a pairing code"] = code
    with browser(vega) as paired:
        answer = paired.post("/api/devices", json={"code": code, "name": "Firefox"})
        (secrets["a browser's token"],) = answer.cookies.values()
        assert paired.get("/history").status_code == 200
        _misuse(vega, paired)
    secrets["a wrong key"] = "wrong-heron"
    _use_what_else_there_is(vega)
    return secrets


def _misuse(vega: VegaProcess, client: httpx2.Client) -> None:
    """Whatever is told of mistakes must not hold what they were made with."""
    client.get("/history", headers={"X-API-Key": "wrong-heron-key"})
    client.get("/history", headers={"Authorization": "Bearer wrong-heron-bearer"})
    client.get("/history?key=wrong-heron-in-the-address")
    client.post("/api/devices", json={"code": "wrong-heron-code", "name": "wrong-heron-name"})
    for body in (b'{"prompt": "wrong-heron', b'{"wrong-heron": 1}', b"wrong-heron\xff"):
        vega._http.post("/chat", content=body, headers={"X-API-Key": vega.key})
        vega._http.post("/api/import", content=body, headers={"X-API-Key": vega.key})
    client.get("/history", headers={"Host": "wrong-heron.example"})
    client.post("/chat", headers={"Origin": "https://wrong-heron.example"})


def _use_what_else_there_is(vega: VegaProcess) -> None:
    line = {"external_id": "1", "role": "user", "text": SAID, "at": "2020-01-01T00:00:00Z"}
    vega._http.post(
        "/api/import", content=json.dumps(line).encode(), headers={"X-API-Key": vega.key}
    )
    for path in ("/api/recall?q=heron-7-winter", "/api/search?q=heron-7-winter", "/api/facts"):
        assert vega.request("GET", path).status_code == 200
    vega.request("POST", "/api/backups")
    vega.request("POST", "/api/forget", {"phrase": "heron-7-winter"})
    vega.request("GET", "/api/digests?day=heron-7-winter")
    for path in ("/metrics", "/metrics/prometheus", "/openapi.json", "/api/status"):
        shown = vega.request("GET", path).text
        for secret in (vega.key, "heron", "ultraviolet"):
            assert secret not in shown, (path, secret)


def seen_in(text: str, secrets: dict[str, str]) -> set[str]:
    return {name for name, secret in secrets.items() if secret in text}


@pytest.fixture
def journaled(make_vega: MakeVega) -> VegaProcess:
    """One whose output goes to a journal, where no link may stand, at its most talkative."""
    vega = make_vega(command=(sys.executable, "-c", TALKATIVE))
    vega.log.touch()
    log = vega.log.stat()
    vega.settings = {**vega.settings, "JOURNAL_STREAM": f"{log.st_dev}:{log.st_ino}"}
    vega.start()
    return vega


def test_the_most_talkative_log_holds_no_secret(journaled: VegaProcess) -> None:
    secrets = use(journaled)
    assert journaled.terminate() == 0
    log = journaled.output

    # It did talk.
    assert "DEBUG" in log
    assert "A wrong key came from 127.0.0.1." in log
    assert seen_in(log, secrets) == set()
    assert not re.search(r"pair#\S", log)
    assert "Traceback" not in log


def test_no_file_but_the_key_file_holds_a_key_a_code_or_a_token(vega: VegaProcess) -> None:
    secrets = use(vega)
    assert vega.terminate() == 0
    kept = ("the owner's key", "a key that was made", "a pairing code", "a browser's token")
    found = {
        (name, path.name)
        for path in Path(vega.home).rglob("*")
        if path.is_file()
        for name in kept
        if secrets[name].encode() in path.read_bytes()
    }

    assert found == {("the owner's key", "api_key")}


@pytest.fixture
def with_children(make_vega: MakeVega) -> VegaProcess:
    """One with the model host as its child, and keys in its own environment."""
    vega = make_vega(
        model_url="",
        settings={
            "VEGA_MODELS_DIR": str(models_folder()),
            "VEGA_EMBEDDING": "built-in",
            "VEGA_API_KEY": GIVEN_KEY,
            "VEGA_MODEL_KEY": MODEL_KEY,
        },
    )
    vega.start()
    return vega


def children_of(vega: VegaProcess) -> list[psutil.Process]:
    """Once there are some, and each runs its own program: until then it is a copy of the server."""
    server = psutil.Process(vega.pid)

    def have_begun() -> bool:
        found = server.children(recursive=True)
        return bool(found) and all(each.cmdline() != server.cmdline() for each in found)

    wait_until(have_begun, SECONDS)
    return server.children(recursive=True)


def test_children_get_no_key_and_no_process_shows_one(with_children: VegaProcess) -> None:
    children = children_of(with_children)
    # What a child was given when it began.
    environments = [Path(f"/proc/{child.pid}/environ").read_bytes() for child in children]
    lines = [
        Path(f"/proc/{pid}/cmdline").read_bytes()
        for pid in (with_children.pid, *(child.pid for child in children))
    ]

    assert children
    for environment in environments:
        assert environment
        assert b"VEGA_" not in environment
        assert GIVEN_KEY.encode() not in environment
        assert MODEL_KEY.encode() not in environment
    for line in lines:
        assert b"-key-" not in line
    assert GIVEN_KEY not in with_children.output


def test_no_core_is_left_by_vega_or_by_its_children(with_children: VegaProcess) -> None:
    for pid in (with_children.pid, *(child.pid for child in children_of(with_children))):
        limits = Path(f"/proc/{pid}/limits").read_text()
        (line,) = [line for line in limits.splitlines() if line.startswith("Max core file size")]
        assert line.split()[4:6] in (["1", "1"], ["0", "0"]), line


def open_to_others(folder: Path) -> dict[str, str]:
    """What others of this machine may read, write or enter, by its mode."""
    paths = [folder, *folder.rglob("*")]
    return {
        str(path.relative_to(folder)): oct(stat.S_IMODE(path.lstat().st_mode))
        for path in paths
        if not path.is_symlink() and path.lstat().st_mode & 0o077
    }


def test_nobody_else_reads_anything_of_the_home_folder_after_a_day(make_vega: MakeVega) -> None:
    """Whatever the umask is that Vega and its commands are started with."""
    vega = make_vega(
        model_url="",
        settings={"VEGA_EMBEDDING": "built-in", "VEGA_MODELS_DIR": str(models_folder())},
        prepare=lambda: os.umask(0) and None,
    )
    vega.start()
    before = os.umask(0)
    try:
        vega.chat(SAID)
        vega.request("POST", "/api/keys", {"name": "phone"})
        made = vega.request("POST", "/api/backups").json()
        vega.request("POST", "/api/index/rebuild")
        run_command(vega.home, "tls", "on")
        run_command(vega.home, "doctor", "--repair")
        vega.terminate()
        restored = run_command(vega.home, "backup", "restore", str(made["name"]), "--yes")
        vega.start()
        vega.chat(FACT)
        run_command(vega.home, "model", "use", "smollm2-135m-instruct")
        vega.terminate()
        run_command(vega.home, "doctor", "--repair")
    finally:
        os.umask(before)

    assert restored.returncode == 0, restored.stderr
    names = {path.name for path in vega.home.rglob("*")}
    assert {"vega.db", "api_key", "backups", "replaced", "cache", "vega.toml"} <= names
    # The certificate that phones are given, in a folder that others cannot enter.
    assert open_to_others(vega.home).keys() <= {"tls/vega-ca.crt"}
