#!/usr/bin/env bash
# A wide-area link between two network namespaces of this machine, in user space (packages vde2, vde-wirefilter, vdeplug;
# needs root). Runs a command while the link stands and takes everything down, whatever happens.
#
#   ./scripts/emulated-link.sh DELAY_MS MBIT_PER_S COMMAND...
#
# COMMAND runs in namespace kerf-near (10.97.0.1); `ip netns exec kerf-far ...` runs at the other end (10.97.0.2).
# KERF_SLOW_START_AFTER_IDLE=1 lets connections cool down in a pause, as Linux does by default.
set -euo pipefail
[ $# -ge 3 ] && [ "$(id -u)" = 0 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }
delay=$1 rate=$(($2 * 125000)) near=kerf-near far=kerf-far
shift 2

filter=
clean_up() {
  [ -z "$filter" ] || kill -- "-$filter" 2>/dev/null || true
  ip netns pids $far 2>/dev/null | xargs -r kill 2>/dev/null || true
  sleep 0.2
  ip netns delete $near 2>/dev/null || true
  ip netns delete $far 2>/dev/null || true
}
trap clean_up EXIT
trap 'exit 130' INT TERM

ip netns add $near
ip netns add $far
set -m # a process group of its own, so that it can be ended as a whole
nice -n -15 dpipe ip netns exec $near vde_plug tap://kerf-tap = \
  wirefilter -d "$delay" -b "$rate" -c 10000000 = ip netns exec $far vde_plug tap://kerf-tap </dev/null >/dev/null &
filter=$!
set +m
for host in "$near 1" "$far 2"; do
  read -r name number <<<"$host"
  for _ in $(seq 50); do ip -n "$name" link show kerf-tap >/dev/null 2>&1 && break; sleep 0.1; done
  ip -n "$name" link set lo up
  ip -n "$name" link set kerf-tap up
  ip -n "$name" address add 10.97.0.$number/24 dev kerf-tap
  ip netns exec "$name" sysctl -qw net.ipv4.tcp_slow_start_after_idle=${KERF_SLOW_START_AFTER_IDLE:-0}
done
ip netns exec $near "$@"
