"""How a service is, in plain words."""

from collections.abc import Iterator

from vega.service import machine, unit_files
from vega.service.doors import Doors
from vega.service.instance import Instance
from vega.service.systemctl import Systemctl
from vega.service.versions import Versions

#: Of its log, where it does not run as it should.
LINES = 10


def is_well(instance: Instance, systemctl: Systemctl) -> bool:
    """Whether it runs."""
    return instance.is_installed and systemctl.is_active(instance.service_unit)


def describe(instance: Instance, systemctl: Systemctl) -> Iterator[str]:
    """Line by line; what needs somebody comes first and last."""
    if not instance.is_installed:
        words = " ".join(("./setup_jarvis_mode.sh", *instance.options))
        yield f"No {instance.service} is installed here; this makes one: {words}"
        return
    shown = systemctl.show(
        instance.service_unit, "ActiveState", "SubState", "ActiveEnterTimestamp", "NRestarts"
    )
    yield _headline(instance, shown["ActiveState"], shown["SubState"])
    if shown["ActiveState"] == "active":
        yield f"  Since     {shown['ActiveEnterTimestamp']}"
    yield f"  Restarts  {shown['NRestarts'] or '0'} by itself, since it was last started by hand"
    yield f"  Boot      {_boot(instance, systemctl)}"
    doors = unit_files.doors_of(instance.units / instance.socket_unit, Doors())
    addresses = f"{doors.address(doors.port)} (API), {doors.address(doors.page_port)} (page)"
    if systemctl.is_active(instance.socket_unit):
        yield f"  Listens   {addresses}"
    else:
        yield f"  Listens   not; it would at {addresses}"
    yield f"  Life      {instance.home}, of the user {instance.user}"
    source = Versions(instance.code).source()
    yield f"  Code      {instance.current.resolve()}{f', from {source}' if source else ''}"
    if shown["ActiveState"] != "active":
        yield "The end of its log:"
        yield systemctl.last_lines(instance.service_unit, LINES)


def _headline(instance: Instance, state: str, sub_state: str) -> str:
    if state == "active":
        return f"{instance.service} runs."
    if state == "inactive":
        return f"{instance.service} is stopped."
    if sub_state == "auto-restart":
        return f"{instance.service} does not come up; it is tried again and again."
    return f"{instance.service} does not run now ({state}, {sub_state})."


def _boot(instance: Instance, systemctl: Systemctl) -> str:
    units = (instance.service_unit, instance.socket_unit)
    if not all(map(systemctl.is_enabled, units)):
        return f"it does not start at boot; {instance.systemctl_typed} enable {instance.service}"
    if instance.is_users and not machine.lingers(instance):
        return (
            "it starts when you log in, and ends when you log out; an administrator can change "
            f"that: sudo loginctl enable-linger {instance.user}"
        )
    return "it starts at boot"
