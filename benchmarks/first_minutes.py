"""`python -m benchmarks.first_minutes`: a newcomer's first minutes, with seconds and megabytes.

A clone of this tree as it lies here, an empty home and no caches; then `make serve`, the page, a
fact, the fact asked back, the starter model's first words, a kill, and the fact once more. What is
fetched goes through a proxy on loopback that counts it. No part of `make bench`: it fetches some
hundred megabytes, and what it measures is mostly the network.
"""

import argparse
import json
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from socket import SHUT_WR, create_connection, socket
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any, cast

import httpx2

from benchmarks.client import Broken
from benchmarks.processes import ROOT
from tests.vega_process import free_ports
from vega.llm.catalogue import MINILM_L6

#: For each landmark, on a slow network.
PATIENCE_SECONDS = 1800.0
POLL_SECONDS = 0.05
CHUNK_BYTES = 1 << 16
#: What a fresh machine has; where an index, a proxy or certificates are is this machine's matter.
KEPT = ("PATH", "LANG", "PIP_CERT", "PIP_INDEX_URL", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE")
FACT = "My favorite color is purple"
QUESTION = "What is my favorite color?"
SMALL_TALK = "Please say hello."
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Landmark:
    """How far the newcomer is, since the beginning."""

    name: str
    seconds: float
    megabytes: float
    #: What was to be seen there.
    shown: str = ""


class _Tunnel(StreamRequestHandler):
    """One CONNECT of pip, npm or Vega."""

    def handle(self) -> None:
        _, target, _ = self.rfile.readline().decode().split(" ")
        while self.rfile.readline().strip():
            pass
        host, _, port = target.rpartition(":")
        with create_connection((host, int(port))) as upstream:
            self.wfile.write(b"HTTP/1.1 200 Connected\r\n\r\n")
            threading.Thread(target=_pipe, args=(self.connection, upstream), daemon=True).start()
            server = cast(CountingProxy, self.server)
            _pipe(upstream, self.connection, lambda count: server.count(host, count))


class CountingProxy(ThreadingTCPServer):
    """Carries connections to anywhere, and counts what comes back by host."""

    daemon_threads = True

    def __init__(self, megabits: float | None) -> None:
        """Lets through so many megabits a second, all connections together."""
        super().__init__(("127.0.0.1", 0), _Tunnel)
        self.fetched: Counter[str] = Counter()
        self._seconds_per_byte = 8 / (megabits * _MEGABYTE) if megabits else 0.0
        self._counting = threading.Lock()

    def count(self, host: str, count: int) -> None:
        with self._counting:
            self.fetched[host] += count
            time.sleep(self._seconds_per_byte * count)

    @property
    def environment(self) -> dict[str, str]:
        url = f"http://127.0.0.1:{self.server_address[1]}"
        return {"HTTPS_PROXY": url, "https_proxy": url, "NO_PROXY": "localhost,127.0.0.1"}


def _pipe(source: socket, sink: socket, count: Callable[[int], None] = lambda _: None) -> None:
    try:
        while chunk := source.recv(CHUNK_BYTES):
            count(len(chunk))
            sink.sendall(chunk)
        sink.shutdown(SHUT_WR)
    except OSError:
        # One of the two has gone; so does the tunnel.
        return


class Newcomer:
    """One person's first minutes, in an empty folder."""

    def __init__(self, folder: Path, proxy: CountingProxy) -> None:
        self.landmarks: list[Landmark] = []
        self._folder = folder
        self._proxy = proxy
        self._home = folder / "home"
        self._home.mkdir()
        self.clone = self._home / "vega"
        self.life = self._home / ".vega"
        self._port, self._page_port = free_ports(2)
        self._environment = {
            **{name: os.environ[name] for name in KEPT if name in os.environ},
            **proxy.environment,
            # Not this machine's settings of pip, which may know places with wheels.
            "PIP_CONFIG_FILE": os.devnull,
            "HOME": str(self._home),
            "VEGA_PORT": str(self._port),
            "VEGA_PAGE_PORT": str(self._page_port),
        }
        self._log = folder / "make-serve.log"
        self._http = httpx2.Client(base_url=f"http://127.0.0.1:{self._port}", trust_env=False)
        self._began = time.monotonic()

    def live(self) -> None:
        """Everything, in order."""
        repository = _snapshot(self._folder / "repository")
        self._began = time.monotonic()
        self._run("git", "clone", "-q", f"file://{repository}", str(self.clone))
        self._reach("cloned", f"{_size(repository / '.git') / _MEGABYTE:.1f} MB in git")
        with self._make_serve():
            self._wait("Python packages are there", self._has_packages)
            self._wait("make serve says where it is", lambda: "Vega is here" in self._said)
            self._wait("the page is there", self._page)
            self._wait("a fact is acknowledged", lambda: self._chat(FACT, "purple"))
            self._wait("asked back, it is known", lambda: self._chat(QUESTION, "purple"))
            self._wait("the starter model says something", lambda: self._chat(SMALL_TALK, ""))
            embedding = self.life / "models" / MINILM_L6.file_name
            self._wait("all that Vega fetches by itself is there", embedding.exists)
        with self._make_serve():
            self._wait("killed with -9 and started again", self._page)
            self._wait("it is still known", lambda: self._chat(QUESTION, "purple"))

    @contextmanager
    def _make_serve(self) -> Iterator[None]:
        with self._log.open("wb") as log:
            process = subprocess.Popen(
                ("make", "serve"),
                cwd=self.clone,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._process = process
        try:
            yield
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    @property
    def _said(self) -> str:
        return self._log.read_text(errors="replace")

    def _has_packages(self) -> str:
        """The line after the one that says that they are being installed."""
        lines = [line for line in self._said.splitlines() if "WARNING" not in line]
        return lines[1] if len(lines) > 1 else ""

    def _page(self) -> str:
        address = f"http://127.0.0.1:{self._page_port}/"
        page = self._http.get(address, follow_redirects=True).raise_for_status()
        return f"{len(page.content)} bytes of {page.headers['content-type']}"

    def _chat(self, prompt: str, word: str) -> str:
        key = (self.life / "api_key").read_text().strip()
        answer = self._http.post(
            "/chat", json={"prompt": prompt}, headers={"X-API-Key": key}, timeout=PATIENCE_SECONDS
        ).raise_for_status()
        said = str(answer.json()["response"])
        if word not in said:
            raise Broken(f"{prompt!r} was answered with {said!r}")
        return said

    def _wait(self, name: str, look: Callable[[], object]) -> None:
        """Until `look` finds something; what it cannot connect to is not there yet."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise Broken(f"make serve has ended: {self._said}")
            try:
                found = look()
            except (httpx2.TransportError, httpx2.HTTPStatusError):
                found = None
            if found:
                self._reach(name, found if isinstance(found, str) else "")
                return
            time.sleep(POLL_SECONDS)
        raise Broken(f"{name}: not within {PATIENCE_SECONDS:.0f} s: {self._said}")

    def _reach(self, name: str, shown: str) -> None:
        seconds = time.monotonic() - self._began
        megabytes = self._proxy.fetched.total() / _MEGABYTE
        self.landmarks.append(Landmark(name, seconds, megabytes, shown))
        print(f"{seconds:7.1f} s {megabytes:8.1f} MB   {name}   {shown[:60]}", flush=True)

    def _run(self, *command: str) -> None:
        subprocess.run(command, env=self._environment, check=True)


def _snapshot(folder: Path) -> Path:
    """A repository with one commit: this tree as git would take it, with changes not committed."""
    listed = subprocess.run(
        ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"),
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).exists():
            copy = folder / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes((ROOT / name).read_bytes())
            copy.chmod((ROOT / name).stat().st_mode)
    git = ("git", "-c", "user.name=bench", "-c", "user.email=bench@localhost")
    for arguments in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "This tree")):
        subprocess.run((*git, *arguments), cwd=folder, check=True)
    return folder


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.first_minutes", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the figures there too")
    parser.add_argument("--megabits", type=float, metavar="N", help="as on a line of N Mbit/s")
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="vega-newcomer-") as name,
        CountingProxy(arguments.megabits) as proxy,
    ):
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        newcomer = Newcomer(Path(name), proxy)
        newcomer.live()
        installed = {
            part: _size(newcomer.clone / part) / _MEGABYTE for part in (".venv", "src/vega/web")
        }
        models = _size(newcomer.life / "models") / _MEGABYTE
        proxy.shutdown()
    hosts = {host: count / _MEGABYTE for host, count in proxy.fetched.most_common()}
    print("\nFetched, in MB:")
    for host, megabytes in hosts.items():
        print(f"{megabytes:10.1f}   {host}")
    print("\nOn the disk afterwards, in MB:")
    for part, megabytes in {**installed, "~/.vega/models": models}.items():
        print(f"{megabytes:10.1f}   {part}")
    if arguments.json:
        found: dict[str, Any] = {
            "landmarks": [asdict(landmark) for landmark in newcomer.landmarks],
            "fetched_mb": hosts,
            "installed_mb": {**installed, "models": models},
        }
        arguments.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
