"""Whether a service that was started answers, at both of its doors."""

import time
import urllib.request

from vega.service.doors import Doors
from vega.service.instance import Instance
from vega.service.saying import StepFailed
from vega.service.systemctl import Systemctl

#: A version that is not up by then, or was started again more often, does not work; clients wait
#: meanwhile. The first start may take longer: systemd waits for one that migrates a big life.
START_SECONDS = 60.0
MOST_RESTARTS = 1
PAUSE_SECONDS = 0.2
ANSWER_SECONDS = 5.0


class Liveness:
    """Of one service."""

    def __init__(self, instance: Instance, systemctl: Systemctl, doors: Doors) -> None:
        self._unit = instance.service_unit
        self._systemctl = systemctl
        self._doors = doors

    @property
    def where(self) -> str:
        return f"on the ports {self._doors.port} and {self._doors.page_port}"

    def bring_up(self, *words: str) -> None:
        """Waits for the first start to end; whether it went well is for `wait` to say, since a
        start that fails is tried again."""
        # The count of its restarts begins anew.
        self._systemctl.ask("reset-failed", self._unit)
        if not self._systemctl.ask(*words) and not self._is_tried():
            raise StepFailed(f"systemctl {' '.join(words)} failed.")

    def wait(self) -> bool:
        """Until both doors answer; False if that does not happen."""
        urls = (
            f"{self._doors.local_url(self._doors.port)}/healthz",
            f"{self._doors.local_url(self._doors.page_port)}/",
        )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._is_tried():
            # Only when it says that it is up: else the question would wait in the socket.
            if self._systemctl.is_active(self._unit) and all(map(_answers, urls)):
                return True
            time.sleep(PAUSE_SECONDS)
        return False

    def _is_tried(self) -> bool:
        """Whether it runs, or will be started again by itself, and has not failed too often."""
        found = self._systemctl.show(self._unit, "ActiveState", "NRestarts")
        restarts = found["NRestarts"] or "0"
        return found["ActiveState"] not in ("inactive", "failed") and int(restarts) <= MOST_RESTARTS


def _answers(url: str) -> bool:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        direct.open(url, timeout=ANSWER_SECONDS).read()
    except OSError:
        return False
    return True
