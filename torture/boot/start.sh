#!/bin/sh
# The first process in the namespaces of a booted machine: mounts what a machine has, and becomes systemd.
#
#   start.sh ROOT [HIERARCHY:OPTIONS …]     cgroup v1, with an unified hierarchy beside it
#   start.sh ROOT                           cgroup v2
#
# VEGA_TREE is the folder of the tree that is tested.
set -e
root=$1
shift

mount -t proc proc "$root/proc"
# What is said to the kernel by way of these would hold for the whole machine.
mount -t sysfs -o ro sysfs "$root/sys"
mount --bind /proc/sys "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"

mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero full random urandom tty; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=666 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
# The tree that is tested may lie below /tmp, or on a disk of its own, which an overlay of / lacks.
# Only to be read: what cleans a /tmp at boot cleans it all.
if [ ! -e "$root$VEGA_TREE/pyproject.toml" ]; then
  mkdir -p "$root$VEGA_TREE"
  mount --bind "$VEGA_TREE" "$root$VEGA_TREE"
  mount -o remount,bind,ro "$root$VEGA_TREE"
fi

groups=$root/sys/fs/cgroup
if [ $# = 0 ]; then
  mount -t cgroup2 cgroup2 "$groups"
  # A group with a process in it hands no controllers down, and our parent still has to be put
  # elsewhere. From in here it is the process number 0.
  while grep -q '^0$' "$groups/cgroup.procs"; do sleep 0.02; done
else
  mount -t tmpfs -o mode=755 tmpfs "$groups"
  for hierarchy; do
    mkdir "$groups/${hierarchy%%:*}"
    case $hierarchy in
      *:cgroup2) mount -t cgroup2 cgroup2 "$groups/${hierarchy%%:*}" ;;
      *) mount -t cgroup -o "${hierarchy#*:}" cgroup "$groups/${hierarchy%%:*}" ;;
    esac
  done
fi

hostname vega-torture
ip link set lo up
cd "$root"
mkdir -p old
pivot_root . old
umount -l /old
exec </dev/null >/dev/null 2>&1
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 /lib/systemd/systemd \
  --system systemd.unit=multi-user.target systemd.show_status=0 systemd.log_target=journal
