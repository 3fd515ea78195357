"""The end of a service: what was installed goes, the life stays where it is."""

from vega.service import unit_files
from vega.service.handover import DROP_IN
from vega.service.instance import Instance
from vega.service.launcher import is_ours
from vega.service.saying import say
from vega.service.systemctl import Systemctl
from vega.service.versions import Versions

#: That of the shared model (docs/household.md), which runs the first life's code.
MODEL_UNIT = "vega-model.service"


def remove(instance: Instance, systemctl: Systemctl) -> None:
    """Says where the life is. What is gone already is no trouble."""
    service, sockets = instance.service_unit, instance.socket_unit
    units = [unit for unit in (sockets, service) if (instance.units / unit).exists()]
    if not units and not instance.current.is_symlink():
        say(_nothing_here(instance))
        return
    if instance.service == "vega-server" and (instance.units / MODEL_UNIT).exists():
        units.append(MODEL_UNIT)
    if units:
        # All at once: a socket that still listens would start the service again.
        systemctl.do("disable", "--quiet", "--now", *units)
    backoff = unit_files.backoff_path(instance)
    drop_in = instance.passing_units / f"{service}.d" / DROP_IN
    for path in (*(instance.units / unit for unit in units), backoff, drop_in):
        path.unlink(missing_ok=True)
        # Unless the owner has lines of their own there.
        folder = path.parent
        if folder.suffix == ".d" and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    systemctl.do("daemon-reload")
    if is_ours(instance.launcher):
        instance.launcher.unlink(missing_ok=True)
    instance.current.unlink(missing_ok=True)
    Versions(instance.code).prune()
    print(_farewell(instance))  # noqa: T201 - it is what was asked for


def _nothing_here(instance: Instance) -> str:
    whose = f" for {instance.person}" if instance.person else ""
    where = "of yours" if instance.is_users else "on this machine"
    return f"There is no Vega service{whose} {where}."


def _farewell(instance: Instance) -> str:
    lines = ["The service is removed."]
    home = instance.home
    if home.exists():
        again = " ".join(("./setup_jarvis_mode.sh", *instance.options))
        lines += [
            f"Your life with Vega is untouched, in {home} (it belongs to the user "
            f"{instance.user}).",
            f"To go on with it: {'' if instance.is_users else 'sudo '}{again}",
        ]
        erase = f"rm -r {home}"
        if not instance.is_users:
            erase = f"sudo {erase} && sudo userdel {instance.user}"
        lines.append(f"To erase it for ever: {erase}")
    if instance.is_users:
        lines.append("Your services still start at boot; to end that: loginctl disable-linger")
    return "\n".join(lines)
