"""One run of the setup script, from its options to its last line."""

import os
import time

from vega.service import machine
from vega.service.installation import Installation, Outlook, look
from vega.service.instance import Instance, installed_instances
from vega.service.launcher import typed
from vega.service.removal import MODEL_UNIT, remove
from vega.service.saying import Refusal, StepFailed, say
from vega.service.systemctl import Systemctl
from vega.service.undo import Interrupted, Undo, heed_signals
from vega.service.versions import Versions
from vega.service.wishes import Wishes

REFUSED_OR_UNDONE, INTERRUPTED = 1, 130


def run(wishes: Wishes) -> int:
    """The exit status."""
    os.umask(0o022)
    # Nothing below may depend on a folder that the life's user cannot enter.
    os.chdir("/")
    heed_signals()
    try:
        instance = wishes.instance
        machine.check_rights(instance, wishes.typed)
        systemctl = Systemctl(is_users=instance.is_users)
        is_woken = instance.is_users and machine.reach_users_systemd(instance, systemctl)
        with Undo() as undo, machine.alone(instance):
            if is_woken:
                undo.later("linger", lambda: machine.set_lingering(instance, "disable"))
            if wishes.is_uninstall:
                _uninstall(instance, systemctl)
            else:
                _install(wishes, systemctl, undo)
            undo.forget()
    except Refusal as exc:
        say(str(exc))
        return REFUSED_OR_UNDONE
    except StepFailed:
        # It was said where it was undone.
        return REFUSED_OR_UNDONE
    except Interrupted:
        return INTERRUPTED
    return 0


def _uninstall(instance: Instance, systemctl: Systemctl) -> None:
    try:
        remove(instance, systemctl)
    except StepFailed as exc:
        say(str(exc))
        raise


def _install(wishes: Wishes, systemctl: Systemctl, undo: Undo) -> None:
    began = time.monotonic()
    instances = _wanted(wishes)
    python = machine.find_python(instances[0])
    outlooks = [look(instance, _for(instance, wishes), systemctl, python) for instance in instances]
    versions = Versions(instances[0].code)
    for outlook in outlooks:
        # What no life runs goes, so that is what was built in vain.
        undo.later("the code", versions.prune)
        version = versions.build(wishes.source, python)
        link = Installation(outlook, version, systemctl).perform(undo, starts=wishes.starts)
        undo.forget()
        versions.note_source(wishes.source)
        _welcome(outlook, link, time.monotonic() - began, is_first=outlook is outlooks[0])
    model = instances[0].units / MODEL_UNIT
    if model.exists() and not instances[0].person:
        # It runs the code of the first life; each life waits for it.
        systemctl.ask("try-restart", MODEL_UNIT)
    versions.prune()


def _wanted(wishes: Wishes) -> list[Instance]:
    """Those that this run is about: the one that is meant, and with the first life all others,
    which share its code. Raises Refusal where there is nothing to upgrade."""
    asked = wishes.instance
    installed = installed_instances(asked.is_users)
    if wishes.is_upgrade:
        installed = [each for each in installed if not wishes.person or each == asked]
        if not installed:
            raise Refusal("there is no Vega service here to upgrade.", "vega service install")
        return installed
    others = [] if asked.person else [each for each in installed if each != asked]
    return [asked, *others]


def _for(instance: Instance, wishes: Wishes) -> Wishes:
    """The options are those of the life that was meant; another one is only upgraded."""
    if instance == wishes.instance:
        return wishes
    return Wishes(source=wishes.source, typed=wishes.typed, person=instance.person)


def _welcome(outlook: Outlook, link: str, seconds: float, *, is_first: bool) -> None:
    instance = outlook.instance
    vega = typed(instance)
    if not is_first:
        say(f"{instance.service} is up to date.")
        return
    when = "whenever this machine is on"
    if instance.is_users and not machine.lingers(instance):
        when = "whenever you are logged in"
        say(
            "Your services end when you log out: this machine does not let you linger. An "
            f"administrator can: sudo loginctl enable-linger {instance.user}"
        )
    if not link:
        start = f"{instance.systemctl_typed} start {instance.socket_unit} {instance.service_unit}"
        print(f"\nVega is installed, and not started: it starts at boot, or by\n  {start}")  # noqa: T201
        return
    read = "cat" if instance.is_users else "sudo cat"
    print(  # noqa: T201 - what the script was run for
        f"\nVega is here after {seconds:.0f} s, and from now on {when}.\n"
        f"  Page   {link}\n"
        f"         good once, within the hour; for another browser: {vega} open\n"
        f"  Key    {read} {instance.home}/api_key\n"
        f"  Life   {instance.home}\n"
        "Try:\n"
        f"  {vega} chat\n"
        f"  {vega} status\n"
        f"  {instance.systemctl_typed} restart {instance.service}"
    )
