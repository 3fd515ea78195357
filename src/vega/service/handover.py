"""One life's way from one version to another, and back where the new one does not come up.

The socket listens all the while, and a client waits. The old version is ended and the new one is
started by one `systemctl restart`: between a stop and a start the next client would start what is
there at that moment. What must be done in between, systemd does, by a drop-in that holds for that
restart alone: where the schema differs, the old version makes a backup there, when nobody writes
any more; and on the way back it puts that backup into place. See docs/decisions/0017.
"""

import json
from pathlib import Path
from typing import Any

from vega.service.instance import Instance
from vega.service.owner import Owner
from vega.service.saying import StepFailed, say
from vega.service.systemctl import Systemctl
from vega.service.unit_files import unit_path

DROP_IN = "vega-upgrade.conf"
#: Beside the 90 seconds of the unit: what a slow disk copies, and reads again to be sure.
COPIED_BYTES_PER_SECOND = 5_000_000
START_SECONDS = 90
#: A backup is a whole copy, and going back needs another one.
COPIES = 3
_MEGABYTE = 1_000_000


class Handover:
    """To `new`, from `old` where the life ran a version before."""

    def __init__(
        self, instance: Instance, systemctl: Systemctl, owner: Owner, new: Path, old: Path | None
    ) -> None:
        self._instance = instance
        self._systemctl = systemctl
        self._owner = owner
        self._new = new
        self._old = old if old != new else None
        self._made: list[str] = []
        self._bytes = 0
        #: Whether the new version changes the schema of the life.
        self.migrates = False
        self._entered = self._when_entered()

    def prepare(self, *, is_up: bool) -> None:
        """Backup first. Raises StepFailed where the upgrade must not be tried."""
        if self._old is None:
            return
        plan = self.errand("plan")
        there, here = plan["schema"], plan["schema_here"]
        if there is None:
            return
        if there > here:
            raise StepFailed(
                f"{self._instance.home}/vega.db was written by a newer Vega (schema {there}; this "
                f"code knows {here}). Install that one again; or restore a backup from before."
            )
        self._bytes = plan["bytes"]
        if there != here and plan["free"] < COPIES * self._bytes:
            raise StepFailed(
                f"The upgrade changes how the life is stored, and copies it first: that takes "
                f"{COPIES * self._bytes // _MEGABYTE:,} MB, and there are "
                f"{plan['free'] // _MEGABYTE:,} MB. Make room, then say it again."
            )
        self._back_up(is_up=is_up)
        if there != here:
            say(f"The life's schema goes from {there} to {here}; it is copied before that.")
            self.migrates = True
            self._put_drop_in("ExecStartPre=", "keep")

    def was_ready(self) -> bool:
        """Whether the new version has said that it answers: it may have accepted prompts."""
        return self._when_entered() not in ("", "0", self._entered)

    def prepare_way_back(self, *, is_up: bool) -> None:
        """The life as it was before its schema was changed, if it was: at the next restart, or at
        once where nothing runs."""
        self._remove_drop_in()
        if not self.migrates or "backup" not in self.errand("note"):
            return
        say("The life goes back to what it was before the upgrade; what it was meanwhile is kept.")
        if is_up:
            # What fails there keeps nothing from starting: the old version judges the life itself.
            self._put_drop_in("ExecStartPre=-", "go-back")
        else:
            self.errand("go-back", str(self._vega_of_old()))

    def finish(self, *, is_done: bool) -> None:
        """Takes away what held for that restart alone."""
        self._remove_drop_in()
        if self._made or self.migrates:
            self.errand("end", "done" if is_done else "failed", *self._made)

    def outcome(self) -> str:
        """What became of going back: "back", or "newer" where the life has more than the backup."""
        return str(self.errand("note").get("outcome", ""))

    def errand(self, *words: str) -> dict[str, Any]:
        """Done by the new version in the life's home, as its owner. Raises StepFailed."""
        python = self._new / ".venv/bin/python"
        said = self._owner.told(python, "-P", "-m", "vega.service.errands", *words)
        found: dict[str, Any] = json.loads(said or "{}")
        return found

    def _back_up(self, *, is_up: bool) -> None:
        say("Making a backup ...")
        try:
            said = self._owner.told(self._vega_of_old(), "backup", "create", "--json")
        except StepFailed as exc:
            if is_up:
                raise StepFailed(f"No backup could be made, so nothing is upgraded: {exc}") from exc
            # What does not run now is perhaps what the new version mends.
            say(f"No backup could be made: {exc}")
        else:
            self._made.append(json.loads(said)["name"])

    def _vega_of_old(self) -> Path:
        return (self._old or self._new) / ".venv/bin/vega"

    def _when_entered(self) -> str:
        """When the service last became active: another time with each start that succeeds."""
        name = "ActiveEnterTimestampMonotonic"
        return self._systemctl.show(self._instance.service_unit, name)[name]

    @property
    def _drop_in(self) -> Path:
        return self._instance.passing_units / f"{self._instance.service_unit}.d" / DROP_IN

    def _put_drop_in(self, directive: str, errand: str) -> None:
        python = unit_path(self._new / ".venv/bin/python")
        words = f"{python} -P -m vega.service.errands {errand} {unit_path(self._vega_of_old())}"
        seconds = START_SECONDS + 2 * self._bytes // COPIED_BYTES_PER_SECOND
        self._drop_in.parent.mkdir(parents=True, exist_ok=True)
        self._drop_in.write_text(
            "# Holds while Vega is upgraded, by setup_jarvis_mode.sh.\n"
            f"[Service]\n{directive}{words}\nTimeoutStartSec={seconds}\n"
        )

    def _remove_drop_in(self) -> None:
        if self._drop_in.exists():
            self._drop_in.unlink()
            # Others may have one there as well.
            if not any(self._drop_in.parent.iterdir()):
                self._drop_in.parent.rmdir()
            self._systemctl.do("daemon-reload")
