#!/usr/bin/env bash
# Installs Vega as a service of this machine, or brings the installed one up to date.
#
#   sudo ./setup_jarvis_mode.sh                 install, or upgrade to the code of this folder
#   sudo ./setup_jarvis_mode.sh --uninstall     remove the service; the life stays where it is
#
# Options for an install:
#   --port N, --page-port N   other ports than 8000 and 8080
#   --new-life                begin a new life although there is one in your ~/.vega
#
# PYTHON=/path/to/python3.13 before the script's name chooses the Python. Run it as often as you like:
# it changes only what is not as it should be, and when a step fails it undoes what it did.
set -euo pipefail
umask 022

readonly service=vega-server user=vega
readonly home=/var/lib/vega opt=/opt/vega
readonly current=$opt/current units=/etc/systemd/system launcher=/usr/local/bin/vega
readonly programs="$current/.venv/bin"
# What a version is made of. A page that was built already is taken along, but makes no version.
readonly -a parts=(Makefile pyproject.toml requirements.lock requirements-dev.lock README.md LICENSE
  CHANGELOG.md docs src systemd web setup_jarvis_mode.sh)
readonly -a left_out=(--exclude=__pycache__ --exclude=node_modules)
readonly built_page=src/vega/web
# That user has no screen: without these no browser is started for it.
readonly -a service_environment=(-u DISPLAY -u WAYLAND_DISPLAY -u BROWSER
  "HOME=$home" "VEGA_HOME=$home")
# A version that is not up by then, or has failed so often since its start, does not work.
readonly start_seconds=60 most_restarts=3
readonly unix_nobody=65534

source_folder=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
asked_port='' asked_page_port='' begins_new_life=''
python='' host='' port='' page_port=''
# Whether something is other than what the running service began with.
is_changed=''
# Pairs a browser with the new service.
link=''
# Copies of what this run replaces, and how to undo what it did: the last step first.
backup=''
undo=()

main() {
  local -r command_line="$0 $*"
  local wants_uninstall=''
  while [ $# -gt 0 ]; do
    case $1 in
      --uninstall) wants_uninstall=yes ;;
      --port) asked_port=$(as_port "$1" "${2:-}") || exit 2 && shift ;;
      --page-port) asked_page_port=$(as_port "$1" "${2:-}") || exit 2 && shift ;;
      --new-life) begins_new_life=yes ;;
      --help | -h) explain && exit ;;
      *) say "$1 is no option of this script." && explain && exit 2 ;;
    esac
    shift
  done
  check_machine "$command_line"
  # Nothing below may depend on a folder that the service's user cannot enter.
  cd /
  if [ -n "$wants_uninstall" ]; then uninstall; else install_service; fi
}

explain() {
  sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"
}

say() { echo "$*" >&2; }

die() {
  say "Nothing was changed: $1"
  shift
  for line in "$@"; do say "  $line"; done
  exit 1
}

as_port() {
  if [[ $2 =~ ^[0-9]{1,5}$ ]] && [ "$2" -ge 1 ] && [ "$2" -le 65535 ]; then
    echo "$2"
  else
    say "$1 needs a port, from 1 to 65535."
    return 1
  fi
}

# --- What must be there before anything is touched

check_machine() {
  if [ "$(id -u)" != 0 ]; then
    die "this takes root." "Say: sudo $1" "Or run Vega without a service: make serve"
  fi
  if [ ! -d /run/systemd/system ] || ! command -v systemctl >/dev/null; then
    die "this machine does not run systemd, which would keep Vega up." \
      "Run Vega without a service: make serve"
  fi
  exec 9>/run/vega-setup.lock
  flock -n 9 || die "another run of this script is at work."
}

find_python() {
  local candidate path others=''
  for candidate in ${PYTHON:-/usr/bin/python3 python3 python3.14 python3.13 python3.12 python3.11}; do
    path=$(command -v "$candidate") || continue
    if ! "$path" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      others+=" $path ($("$path" --version 2>&1 || true)) is too old;"
    elif ! as_nobody "$path" -c '' 2>/dev/null; then
      others+=" $path lies where only its owner can run it;"
    else
      python=$path
      return
    fi
  done
  die "it needs Python 3.11 or newer, where every user can run it." "Found:${others:- none.}" \
    "Name another one: sudo PYTHON=/path/to/python3.13 $0"
}

as_nobody() {
  # By way of a shell: setpriv itself still has root's powers when it opens the program.
  # shellcheck disable=SC2016  # The inner shell expands it.
  setpriv --reuid=$unix_nobody --regid=$unix_nobody --clear-groups sh -c '"$0" "$@"' "$@"
}

# The addresses to listen on: what the options say, else the life's settings, else the defaults.
read_doors() {
  local settings=$home/vega.toml
  [ -e $home ] || settings=$1/vega.toml
  local found
  found=$("$python" - "$settings" <<'PYTHON'
import pathlib, sys, tomllib
path = pathlib.Path(sys.argv[1])
try:
    given = tomllib.loads(path.read_text()) if path.exists() else {}
except (OSError, ValueError) as error:
    sys.exit(f"{path} cannot be read: {error}.")
print(given.get("host", "127.0.0.1"), given.get("port", 8000), given.get("page_port", 8080))
PYTHON
  ) || die "its settings are wrong (see above)."
  read -r host port page_port <<<"$found"
  port=${asked_port:-$port} page_port=${asked_page_port:-$page_port}
}

check_ports() {
  local option
  for option in "--port $port" "--page-port $page_port"; do
    "$python" -c 'import socket, sys; socket.create_server((sys.argv[1], int(sys.argv[2])), family=
      socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET)' \
      "$host" "${option#* }" 2>/dev/null ||
      die "another program has port ${option#* }." \
        "If that is a Vega that you started with make serve, end it; its life can go on as a service." \
        "Else choose another port: sudo $0 ${option% *} $((${option#* } + 10))"
  done
}

# --- The install

install_service() {
  local began=$SECONDS was_active='' previous_life version
  command -v make >/dev/null || die "it needs make." "On Debian: sudo apt install make"
  find_python
  previous_life=$(life_of_caller)
  read_doors "$previous_life"
  if systemctl is-active --quiet $service; then was_active=yes; else check_ports; fi

  backup=$(mktemp -d)
  trap on_exit EXIT
  trap 'exit 130' INT TERM HUP
  # These two end the undoing: what ran before runs again, from what is then restored.
  if [ -n "$was_active" ]; then undo+=("systemctl start $service && wait_until_up"); fi
  undo+=("systemctl daemon-reload")
  version=$(version_id)
  build_version "$opt/versions/$version"
  make_user
  make_home "$previous_life"
  write_doors
  switch_version "$opt/versions/$version"
  put_file "$opt/versions/$version/systemd/$service.service" $units/$service.service 644
  put_launcher
  start_service "$was_active"
  test_service
  undo=()
  remove_other_versions "$version"
  welcome $((SECONDS - began))
}

on_exit() {
  local status=$? step
  trap - EXIT INT TERM HUP
  # Whatever fails from here on, the rest is still undone.
  set +e
  if [ ${#undo[@]} -gt 0 ]; then
    say "That failed; what this run did is being undone."
    for ((step = ${#undo[@]} - 1; step >= 0; step--)); do
      eval "${undo[step]}" || say "  This failed: ${undo[step]}"
    done
    say "Undone: this machine is as it was before."
    [ "$status" != 0 ] || status=1
  fi
  rm -rf -- "$backup"
  exit "$status"
}

# The folder of the life that whoever calls this has begun with `make serve`; nothing if none.
life_of_caller() {
  local folder
  folder=$(getent passwd "${SUDO_USER:-root}" | cut -d: -f6)/.vega
  if [ -z "$begins_new_life" ] && [ ! -e $home ] && [ -e "$folder/vega.db" ]; then
    if [ -e "$folder/vega.pid" ] && ! flock -n "$folder/vega.pid" true; then
      die "the Vega on $folder is running." \
        "End it, and its life goes on as the service; or begin another: sudo $0 --new-life"
    fi
    echo "$folder"
  fi
}

# A version is named by its sources and its Python: the same ones need no second build.
version_id() {
  {
    tar -C "$source_folder" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX \
      "${left_out[@]}" --exclude=$built_page -cf - "${parts[@]}"
    "$python" -c 'import sys; print(sys.version, sys.base_prefix)'
  } | sha256sum | cut -c1-12
}

build_version() {
  if [ -e "$1/.venv/.installed" ] && "$1/.venv/bin/vega" --version >/dev/null; then
    say "The code in $1 is up to date."
    return
  fi
  say "Building Vega in $1 ..."
  undo+=("rm -rf -- $1; rmdir --ignore-fail-on-non-empty $opt/versions $opt")
  rm -rf -- "$1"
  mkdir -p "$1"
  tar -C "$source_folder" "${left_out[@]}" --mode=u=rwX,go=rX -cf - "${parts[@]}" |
    tar -C "$1" --no-same-owner -xf -
  make --no-print-directory -C "$1" install PYTHON="$python"
  # The service's user may not write there, so would compile it anew at each start.
  "$1/.venv/bin/python" -m compileall -q "$1/src"
}

make_user() {
  if getent passwd $user >/dev/null; then return; fi
  say "Making the user $user, who will own the life and cannot log in."
  undo+=("userdel $user")
  useradd --system --user-group --home-dir $home --no-create-home \
    --shell "$(command -v nologin || echo /bin/false)" $user
}

make_home() {
  if [ ! -e $home ]; then
    undo+=("rm -rf -- $home")
    install -d -m 700 -o $user -g $user $home
  fi
  if [ -z "$1" ]; then return; fi
  say "The life in $1 goes on as the service's, in $home. The old folder stays as it is, as a copy."
  cp -a -- "$1/." $home/
  rm -rf -- $home/vega.pid $home/vega.sock $home/cache
  chown -R $user:$user $home
  chmod 700 $home
}

write_doors() {
  local settings=$home/vega.toml
  if [ -z "$asked_port$asked_page_port" ]; then return; fi
  if [ -e $settings ]; then
    cp -a -- $settings "$backup/vega.toml"
    undo+=("cp -a -- $backup/vega.toml $settings")
  else
    undo+=("rm -f -- $settings")
  fi
  # As the service's user: root does not write where that user could have laid a link.
  as_service_user "$python" - $settings "port=$port" "page_port=$page_port" <<'PYTHON'
import pathlib, re, sys
path = pathlib.Path(sys.argv[1])
text = path.read_text() if path.exists() else ""
for setting in sys.argv[2:]:
    name, value = setting.split("=")
    line = f"{name} = {value}"
    text, count = re.subn(rf"^{name}\s*=.*$", line, text, flags=re.M)
    if not count:
        text = f"{line}\n{text}"
path.write_text(text)
PYTHON
  if ! cmp -s "$backup/vega.toml" $settings; then is_changed=yes; fi
}

switch_version() {
  local before
  before=$(readlink $current || true)
  if [ "$before" = "$1" ]; then return; fi
  if [ -n "$before" ]; then
    undo+=("ln -sfnT $before $current")
  else
    undo+=("rm -f -- $current")
  fi
  ln -sfnT "$1" $current
  is_changed=yes
}

# put_file FROM TO MODE
put_file() {
  local name=${2##*/}
  if cmp -s "$1" "$2"; then return; fi
  if [ -e "$2" ]; then
    cp -a -- "$2" "$backup/$name"
    undo+=("cp -a -- $backup/$name $2")
  else
    undo+=("rm -f -- $2")
  fi
  install -m "$3" "$1" "$2"
  is_changed=yes
}

put_launcher() {
  local mark='put here by setup_jarvis_mode.sh'
  if [ -e $launcher ] && ! grep -q "$mark" $launcher; then
    say "$launcher is another program and stays; Vega's command is $programs/vega."
    return
  fi
  cat >"$backup/launcher" <<LAUNCHER
#!/bin/sh
# Vega's command for everybody on this machine; $mark.
# Root speaks to the service's life. Others have their own, in ~/.vega or where VEGA_HOME says.
vega=$programs/vega
if [ -z "\${VEGA_HOME:-}" ] && [ "\$(id -u)" = 0 ]; then
  # As the service's user, so that nothing in its home ever belongs to root.
  cd / && exec runuser -u $user -- env ${service_environment[*]} "\$vega" "\$@"
fi
if [ -z "\${VEGA_HOME:-}" ] && [ ! -e "\$HOME/.vega" ] && [ "\${1:-}" != serve ]; then
  echo "vega: You have no life of your own here. The service's is its administrator's: sudo vega \$*" >&2
  exit 1
fi
exec "\$vega" "\$@"
LAUNCHER
  put_file "$backup/launcher" $launcher 755
}

start_service() {
  systemctl daemon-reload
  if ! systemctl is-enabled --quiet $service 2>/dev/null; then
    undo+=("systemctl disable --quiet $service")
    systemctl enable --quiet $service
  fi
  if [ -n "$1" ] && [ -z "$is_changed" ]; then return; fi
  say "Starting Vega ..."
  # Also when it was up before: then it has to end before its files are put back.
  undo+=("systemctl stop $service")
  systemctl restart $service
}

# Both doors, and the life as it is read through its Unix socket. Nothing is said to it: that would
# stay in the conversation for life.
test_service() {
  if ! wait_until_up; then
    say "Vega does not answer on the ports $port and $page_port. The end of its log:"
    journalctl --unit=$service --lines=20 --no-pager --output=cat >&2 || true
    exit 1
  fi
  as_service_user "$programs/vega" status >&2
  link=$(as_service_user "$programs/vega" open 2>/dev/null)
}

wait_until_up() {
  local deadline=$((SECONDS + start_seconds)) address=$host
  case $address in
    0.0.0.0) address=127.0.0.1 ;;
    *:*) address="[$address]" ;;
  esac
  until answers "http://$address:$port/healthz" && answers "http://$address:$page_port/"; do
    if [ $SECONDS -ge $deadline ] || [ "$(restarts)" -gt $most_restarts ]; then return 1; fi
    sleep 0.2
  done
}

restarts() { systemctl show --property=NRestarts --value $service; }

answers() {
  "$python" - "$1" 2>/dev/null <<'PYTHON'
import sys, urllib.request
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
direct.open(sys.argv[1], timeout=5).read()
PYTHON
}

as_service_user() {
  runuser -u $user -- env "${service_environment[@]}" "$@"
}

remove_other_versions() {
  local folder
  for folder in "$opt"/versions/*; do
    if [ "${folder##*/}" != "$1" ]; then rm -rf -- "$folder"; fi
  done
}

welcome() {
  local vega='sudo vega'
  if ! grep -q VEGA_HOME $launcher; then vega="sudo -u $user VEGA_HOME=$home $programs/vega"; fi
  echo
  echo "Vega is here after $1 s, and from now on whenever this machine is on."
  cat <<WELCOME
  Page   $link
         good once, within the hour; for another browser: $vega open
  Key    sudo cat $home/api_key
  Life   $home
Try:
  $vega chat
  $vega status
  sudo systemctl restart $service
WELCOME
}

# --- The end of the service

uninstall() {
  local unit
  if [ ! -e $units/$service.service ] && [ ! -e $opt ]; then
    say "There is no Vega service on this machine."
    exit
  fi
  for unit in vega-model $service; do
    if [ ! -e "$units/$unit.service" ]; then continue; fi
    systemctl disable --quiet --now "$unit"
    rm -f -- "$units/$unit.service"
  done
  systemctl daemon-reload
  if grep -qs 'put here by setup_jarvis_mode.sh' $launcher; then rm -f -- $launcher; fi
  rm -rf -- $opt
  echo "The service is removed."
  if [ -e $home ]; then
    echo "Your life with Vega is untouched, in $home (it belongs to the user $user)."
    echo "To go on with it, run this script again."
    echo "To erase it for ever: sudo rm -r $home && sudo userdel $user"
  fi
}

main "$@"
