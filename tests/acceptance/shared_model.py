"""A real `vega model serve` as a process: started, asked, killed, started again."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import httpx2
import psutil

from tests.models_folder import models_folder
from tests.vega_process import END_SECONDS, free_ports, wait_until

COMMAND = (sys.executable, "-m", "vega.cli", "model", "serve")
#: For loading the model, on a busy machine.
START_SECONDS = 60.0
ANSWER_SECONDS = 120.0


class SharedModel:
    """One port and the model server on it, again and again."""

    def __init__(
        self,
        home: Path,
        *options: str,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """Starts nothing yet. `settings` are VEGA_* variables, and others that it shall see."""
        self.home = home
        (self.port,) = free_ports(1)
        self.options: Sequence[str] = ("--port", str(self.port), *options)
        self.settings = {
            "VEGA_HOME": str(home),
            "VEGA_MODELS_DIR": str(models_folder()),
            **(settings or {}),
        }
        self.log = home.with_name(f"{home.name}.log")
        self.process: subprocess.Popen[bytes] | None = None
        self._http = httpx2.Client(
            base_url=f"http://127.0.0.1:{self.port}",
            trust_env=False,
            timeout=ANSWER_SECONDS,
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=0),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._http.close()

    # Its life

    def launch(self) -> None:
        """Start the process, and wait for nothing."""
        others = {name: text for name, text in os.environ.items() if not name.startswith("VEGA_")}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                (*COMMAND, *self.options),
                env={**others, **self.settings},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start(self) -> None:
        """Start the process and wait until its model answers."""
        self.launch()
        self.wait_until_serving()

    def wait_until_serving(self) -> None:
        def serves() -> bool:
            if self.process is None or self.process.poll() is not None:
                raise RuntimeError(self.output)
            try:
                return self._http.get("/health").status_code == 200
            except httpx2.TransportError:
                return False

        wait_until(serves, START_SECONDS)

    def kill(self) -> None:
        """SIGKILL to the supervisor and to the model."""
        if self.process is not None and self.process.returncode is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def wait(self) -> int:
        """The exit code, once it has ended by itself."""
        assert self.process is not None
        return self.process.wait(END_SECONDS)

    def end_by(self, number: signal.Signals) -> int:
        """The exit code after that signal to the supervisor alone."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.wait()

    @property
    def child(self) -> psutil.Process:
        """The process that runs the model."""
        assert self.process is not None
        (child,) = psutil.Process(self.process.pid).children()
        return child

    @property
    def output(self) -> str:
        """Everything that it wrote, over all starts."""
        return self.log.read_text() if self.log.exists() else ""

    # What it is asked

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def get(self, path: str, **headers: str) -> httpx2.Response:
        return self._http.get(path, headers=headers)

    def chat(self, messages: Sequence[Mapping[str, str]], **headers: str) -> dict[str, Any]:
        """What it answers to these messages, in a few words."""
        body = {"messages": list(messages), "max_tokens": 8}
        response = self._http.post("/v1/chat/completions", json=body, headers=headers)
        answer: dict[str, Any] = response.raise_for_status().json()
        return answer
