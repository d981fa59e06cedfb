#!/bin/bash
# Installs what is missing, says what that is, and takes no time when nothing is.
#
#   setup.sh [build|test|bench]…    by default build and test
set -euo pipefail
cd "$(dirname "$0")/.."

build=(build-essential pkg-config libwebkit2gtk-4.1-dev librsvg2-dev libdbus-1-dev libssl-dev)
test=(
  xvfb x11-utils xdotool scrot imagemagick openbox dbus dbus-x11 libglib2.0-bin gnome-keyring gcr
  libsecret-tools dunst libnotify-bin xfce4-panel webkit2gtk-driver fonts-dejavu-core python3
  python3-dbus python3-venv desktop-file-utils xdg-utils curl openssl procps chromium
)
bench=(oidc-agent-cli python3-venv)

fail() { printf 'setup: %s\n' "$1" >&2; exit 1; }

install_packages() {
  local missing run=()
  mapfile -t missing < <(comm -13 <(installed "$@") <(printf '%s\n' "$@" | sort -u))
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null ||
    fail "these Debian packages, or your system's like, have to be installed: ${missing[*]}"
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || fail "run as root: apt-get install ${missing[*]}"
    run=(sudo)
  fi
  echo "setup: installing ${missing[*]}"
  run+=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600)
  "${run[@]}" update >/dev/null || fail 'apt-get update failed'
  "${run[@]}" install -y --no-install-recommends "${missing[@]}" >"$log" 2>&1 ||
    { tail -n 20 "$log" >&2; fail "apt-get could not install them"; }
}

installed() {
  { dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true; } |
    sed -n 's/ installed$//p' | sort -u
}

check_node() {
  command -v node >/dev/null && command -v npm >/dev/null || fail 'Node.js 20 or later, with npm, is needed'
  local version; version=$(node -p 'process.versions.node')
  [ "${version%%.*}" -ge 20 ] || fail "Node.js 20 or later is needed; this is $version"
}

check_rust() {
  command -v cargo >/dev/null || fail 'Rust is needed: install it with rustup; rust-toolchain.toml names the version'
}

check_nextest() {
  cargo nextest --version >/dev/null 2>&1 ||
    fail 'cargo-nextest is needed: cargo install --locked cargo-nextest'
}

# install_python FOLDER REQUIREMENTS: only where the requirements changed since the last time.
install_python() {
  cmp -s "$2" "$1/installed" && return
  echo "setup: installing the packages of $2"
  { python3 -m venv "$1" && "$1/bin/pip" install -q --disable-pip-version-check -r "$2"; } >"$log" 2>&1 ||
    { tail -n 20 "$log" >&2; fail "pip could not install them"; }
  cp "$2" "$1/installed"
}

[ $# -gt 0 ] || set -- build test
log=$(mktemp)
trap 'rm -f "$log"' EXIT
packages=() folders=()
for group in "$@"; do
  case $group in
    build) packages+=("${build[@]}") folders+=(ui) ;;
    test) packages+=("${test[@]}") folders+=(tests/peers/oidc-provider tests/peers/browser) ;;
    bench) packages+=("${bench[@]}") folders+=(tests/peers/oidc-provider tests/peers/browser) ;;
    *) fail "there is no group '$group': build, test, bench" ;;
  esac
done
install_packages "${packages[@]}"
for group in "$@"; do
  case $group in
    build) check_node; check_rust ;;
    test) check_node; check_nextest; install_python build/venv tests/peers/schemathesis/requirements.txt ;;
    bench) check_node; install_python build/bench-venv scripts/bench-requirements.txt ;;
  esac
done
tests/peers/setup.sh "${folders[@]}"
