"""The command that everybody types: a few lines of shell that lead to the life's version."""

import os
import shlex
import shutil
from pathlib import Path

from vega.service.instance import Instance

#: By which a launcher is known to be one.
MARK = "put here by setup_jarvis_mode.sh"
MODE = 0o755

_SYSTEM = r"""#!/bin/sh
# Vega's command for everybody on this machine; {mark}.
# Root speaks to the service's life. Others have their own, in ~/.vega or where VEGA_HOME says.
vega={vega}
case ${{1:-}} in service | upgrade) exec "$vega" "$@" ;; esac
if [ -z "${{VEGA_HOME:-}}" ] && [ "$(id -u)" = 0 ]; then
  # As the service's user, so that nothing in its home ever belongs to root.
  cd / && exec runuser -u {user} -- env {environment} "$vega" "$@"
fi
if [ -z "${{VEGA_HOME:-}}" ] && [ ! -e "$HOME/.vega" ] && [ "${{1:-}}" != serve ]; then
  echo "vega: You have no life of your own here. The service's is its administrator's:" \
    "sudo vega $*" >&2
  exit 1
fi
exec "$vega" "$@"
"""
_PERSON = """\
#!/bin/sh
# The command for {person}'s Vega; {mark}.
vega={vega}
case ${{1:-}} in service) shift && exec "$vega" service "$@" --person {person} ;; esac
if [ "$(id -u)" != 0 ]; then
  echo "{command}: This life belongs to the user {user}: sudo {command} $*" >&2
  exit 1
fi
cd / && exec runuser -u {user} -- env {environment} "$vega" "$@"
"""
_USER = """\
#!/bin/sh
# Vega's command; {mark}.
exec {vega} "$@"
"""


def launcher_text(instance: Instance) -> str:
    """Of this life."""
    template = _USER if instance.is_users else _PERSON if instance.person else _SYSTEM
    # That user has no screen: without these no browser is started for it.
    environment = (
        f"-u DISPLAY -u WAYLAND_DISPLAY -u BROWSER HOME={instance.home} VEGA_HOME={instance.home}"
    )
    return template.format(
        mark=MARK,
        vega=shlex.quote(str(instance.vega)),
        user=instance.user,
        person=instance.person,
        command=instance.launcher.name,
        environment=environment,
    )


def typed(instance: Instance) -> str:
    """What a person types to speak to this life."""
    is_there = is_ours(instance.launcher)
    if not instance.is_users:
        own = f"sudo -u {instance.user} VEGA_HOME={instance.home} {instance.vega}"
        return f"sudo {instance.launcher.name}" if is_there else own
    is_found = is_there and shutil.which(instance.launcher.name) == str(instance.launcher)
    return instance.launcher.name if is_found else str(instance.vega)


def is_ours(path: Path) -> bool:
    """Whether that file may be replaced or removed: it is a launcher, or is not there."""
    if path.is_symlink() or not path.exists():
        return not os.path.lexists(path)
    return MARK in path.read_text(errors="replace")
