"""The service of one life: looked at, then put into place step by step, each with its way back."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from vega.service import machine, unit_files
from vega.service.doors import Doors, check_free, choose_free, read_doors
from vega.service.files import lead, put_text, remove_file
from vega.service.handover import Handover
from vega.service.instance import Instance
from vega.service.launcher import MODE, is_ours, launcher_text
from vega.service.liveness import Liveness
from vega.service.owner import Owner
from vega.service.saying import Refusal, StepFailed, say
from vega.service.systemctl import Systemctl
from vega.service.undo import Undo
from vega.service.wishes import Wishes

#: Of a life that goes on as the service's: what belongs to the process that ran, or is made anew.
LEFT_BEHIND = ("./vega.pid", "./vega.sock", "./cache")
UNIT_MODE = 0o644


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is to be installed, looked at before anything is touched."""

    instance: Instance
    doors: Doors
    #: Ports that vega.toml is to say from now on.
    ports: dict[str, int]
    #: A life that goes on as the service's, and whose it was.
    previous: tuple[Path, Owner] | None
    #: It runs, or is being tried.
    is_up: bool
    #: It runs.
    is_active: bool


def look(instance: Instance, wishes: Wishes, systemctl: Systemctl, python: Path) -> Outlook:
    """Raises Refusal for whatever would keep it from being installed."""
    machine.check_user(instance)
    owner = Owner(instance.user, instance.home)
    previous = None if wishes.begins_new_life else machine.life_of_caller(instance, python)
    folder, reader = (instance.home, owner) if previous is None else previous
    is_there = instance.home.exists() or previous is not None
    doors = read_doors(folder / "vega.toml", reader, python) if is_there else Doors()
    before = doors
    ports = {"port": wishes.port, "page_port": wishes.page_port}
    if instance.person and not is_there:
        doors = choose_free(doors, wishes.port, wishes.page_port)
        ports = {"port": doors.port, "page_port": doors.page_port}
    told = {name: port for name, port in ports.items() if port is not None}
    doors = Doors(doors.host, told.get("port", doors.port), told.get("page_port", doors.page_port))
    # A host that is none is said now.
    doors.address(doors.port)
    if doors.port == doors.page_port:
        raise Refusal(f"the API and the page cannot both have port {doors.port}.")
    state = systemctl.show(instance.service_unit, "ActiveState")["ActiveState"]
    is_up = state not in ("", "inactive", "failed")
    if is_up and not wishes.starts:
        raise Refusal(
            "it runs, so --no-start cannot be meant.",
            f"Stop it first: {instance.systemctl_typed} stop {instance.socket_unit} "
            f"{instance.service_unit}",
        )
    if not is_up and machine.is_held(instance.home, owner, python):
        raise Refusal(f"the Vega on {instance.home} is running.", "End it, and say it again.")
    is_listening = is_up or systemctl.is_active(instance.socket_unit)
    pairs = (
        ("--port", doors.port, before.port),
        ("--page-port", doors.page_port, before.page_port),
    )
    check_free(
        doors,
        [(option, port) for option, port, old in pairs if not is_listening or port != old],
        instance,
    )
    return Outlook(instance, doors, told, previous, is_up, state == "active")


class Installation:
    """Of one life; `perform` is all there is to call."""

    def __init__(self, outlook: Outlook, version: Path, systemctl: Systemctl) -> None:
        self._outlook = outlook
        self._instance = instance = outlook.instance
        self._version = version
        self._systemctl = systemctl
        self._owner = Owner(instance.user, instance.home)
        self._liveness = Liveness(instance, systemctl, outlook.doors)
        self._old = instance.current.resolve() if instance.current.is_symlink() else None
        self._handover = Handover(instance, systemctl, self._owner, version, self._old)
        self._is_changed = False
        self._is_socket_changed = False
        self._is_disturbed = False

    def perform(self, undo: Undo, *, starts: bool) -> str:
        """A link that pairs a browser, where it was started. Raises StepFailed."""
        handover = self._handover
        self._make_owner(undo)
        self._make_home(undo)
        undo.later("the upgrade's drop-in", lambda: handover.finish(is_done=False))
        handover.prepare(is_up=self._outlook.is_active)
        undo.later("the service as it was", self._return_to_work)
        self._write_ports(undo)
        self._put_units(undo)
        self._is_changed |= lead(self._instance.current, self._version, undo)
        self._put_launcher(undo)
        self._enable(undo)
        link = self._start(undo) if starts else ""
        handover.finish(is_done=True)
        return link

    def _make_owner(self, undo: Undo) -> None:
        instance = self._instance
        if instance.is_users:
            if not machine.lingers(instance) and machine.set_lingering(instance, "enable"):
                undo.later("linger", lambda: machine.set_lingering(instance, "disable"))
            return
        if not machine.has_user(instance):
            say(f"Making the user {instance.user}, who will own the life and cannot log in.")
            machine.make_user(instance)
            undo.later(f"the user {instance.user}", lambda: machine.remove_user(instance))

    def _make_home(self, undo: Undo) -> None:
        home = self._instance.home
        if not home.exists():
            undo.later(str(home), lambda: shutil.rmtree(home))
            home.mkdir(mode=0o700)
            if not self._instance.is_users:
                shutil.chown(home, self._instance.user, self._instance.user)
        elif home.owner() != self._instance.user:
            raise StepFailed(
                f"{home} does not belong to {self._instance.user}. If it is that life, say: "
                f"sudo chown -R {self._instance.user}: {home}"
            )
        if self._outlook.previous is not None:
            self._bring_life(*self._outlook.previous)

    def _bring_life(self, folder: Path, caller: Owner) -> None:
        """Read as its owner and written as the new one: neither end is root's to be led astray."""
        say(
            f"The life in {folder} goes on as the service's, in {self._instance.home}. The old "
            "folder stays as it is, as a copy."
        )
        left_out = [f"--exclude={name}" for name in LEFT_BEHIND]
        reading = subprocess.Popen(
            ("tar", "-C", folder, *left_out, "-cf", "-", "."),
            stdout=subprocess.PIPE,
            cwd="/",
            **caller.identity(),
        )
        writing = subprocess.run(
            ("tar", "-C", self._instance.home, "--no-same-owner", "-xpf", "-"),
            stdin=reading.stdout,
            cwd="/",
            check=False,
            **self._owner.identity(),
        )
        # Else a reader whose writer died, as on a full disk, would wait for ever to be read.
        if reading.stdout is not None:
            reading.stdout.close()
        if reading.wait() or writing.returncode:
            raise StepFailed(f"{folder} could not be copied; see the lines above.")

    def _write_ports(self, undo: Undo) -> None:
        """As the life's owner, by the new version, which sees whether the settings are right."""
        errand = self._handover.errand
        words = [f"{name}={port}" for name, port in self._outlook.ports.items()]
        before = errand("doors")
        if any(before[name] != port for name, port in self._outlook.ports.items()):
            back = [f"{name}={before[name]}" for name in self._outlook.ports]
            undo.later("the ports in vega.toml", lambda: errand("doors", *back))
            errand("doors", *words)
            self._is_changed = True

    def _put_units(self, undo: Undo) -> None:
        instance = self._instance
        wanted = unit_files.unit_files(
            self._version / "systemd", instance, self._outlook.doors, self._systemctl.version()
        )
        backoff = unit_files.backoff_path(instance)
        if backoff not in wanted:
            self._is_changed |= remove_file(backoff, undo)
        for path, text in wanted.items():
            before = unit_files.meaning(path.read_text()) if path.exists() else None
            put_text(path, text, UNIT_MODE, undo)
            if before != unit_files.meaning(text):
                self._is_changed = True
                self._is_socket_changed |= path.name == instance.socket_unit

    def _put_launcher(self, undo: Undo) -> None:
        instance = self._instance
        if is_ours(instance.launcher):
            put_text(instance.launcher, launcher_text(instance), MODE, undo)
        else:
            say(
                f"{instance.launcher} is another program and stays; Vega's command is "
                f"{instance.vega}."
            )

    def _enable(self, undo: Undo) -> None:
        systemctl, instance = self._systemctl, self._instance
        systemctl.do("daemon-reload")
        units = (instance.service_unit, instance.socket_unit)
        missing = [unit for unit in units if not systemctl.is_enabled(unit)]
        if missing:
            undo.later("enabled at boot", lambda: systemctl.do("disable", "--quiet", *missing))
            systemctl.do("enable", "--quiet", *units)

    def _start(self, undo: Undo) -> str:
        """Started, or restarted where something is not as it was; then asked for real."""
        instance, systemctl = self._instance, self._systemctl
        units = (instance.socket_unit, instance.service_unit)
        is_listening = systemctl.is_active(instance.socket_unit)
        self._is_disturbed = True
        if not self._outlook.is_up:
            say("Starting Vega ...")
            undo.later("started", lambda: systemctl.do("stop", *units))
            self._liveness.bring_up("restart" if is_listening else "start", *units)
        elif not is_listening:
            # A Vega that listens itself: systemd takes its ports over, once.
            say("Restarting Vega ...")
            systemctl.do("stop", instance.service_unit)
            self._liveness.bring_up("start", *units)
        elif self._is_socket_changed:
            say("Restarting Vega, and what it listens on ...")
            self._liveness.bring_up("restart", *units)
        elif self._is_changed:
            say("Restarting Vega ...")
            self._liveness.bring_up("restart", instance.service_unit)
        return self._test(undo)

    def _test(self, undo: Undo) -> str:
        """Both doors, and the life as it is read through its Unix socket. Nothing is said to it:
        that would stay in the conversation for life."""
        instance = self._instance
        if not self._liveness.wait():
            say(f"Vega does not answer {self._liveness.where}. The end of its log:")
            say(self._systemctl.last_lines(instance.service_unit, 20))
            if self._handover.migrates and self._handover.was_ready():
                undo.forget()
                self._handover.finish(is_done=False)
                say(
                    "The new version did start, and may have taken prompts, which the old one "
                    "could not read: so it stays. `vega backup list` shows the backup from before."
                )
            raise StepFailed("It did not come up.")
        say(self._owner.told(instance.vega, "status").rstrip())
        return self._owner.told(instance.vega, "open").strip()

    def _return_to_work(self) -> None:
        """When all files are as they were: what ran before runs again, by one restart."""
        handover, instance, systemctl = self._handover, self._instance, self._systemctl
        is_up = self._outlook.is_up
        if self._is_disturbed:
            handover.prepare_way_back(is_up=is_up)
        has_socket = (instance.units / instance.socket_unit).exists()
        if not has_socket and systemctl.is_active(instance.socket_unit):
            systemctl.do("stop", instance.socket_unit)
        systemctl.do("daemon-reload")
        if not is_up:
            systemctl.ask("reset-failed", instance.service_unit)
        if not is_up or not self._is_disturbed:
            return
        units = [instance.socket_unit] if has_socket and self._is_socket_changed else []
        before = Liveness(instance, systemctl, self._doors_before())
        before.bring_up("restart", *units, instance.service_unit)
        if self._outlook.is_active and not before.wait():
            words = "It does not answer as it did before."
            if handover.migrates and handover.outcome() == "newer":
                words = (
                    "The new version has taken prompts before it failed, so the life stays as that "
                    "version left it, which the old one refuses. Install the new one again, mended."
                )
            raise StepFailed(words)

    def _doors_before(self) -> Doors:
        """Those that its socket unit says, or else the settings."""
        path = self._instance.units / self._instance.socket_unit
        return unit_files.doors_of(path, self._outlook.doors)
