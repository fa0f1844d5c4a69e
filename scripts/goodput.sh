#!/usr/bin/env bash
# What of a link tensors get, beside iperf3: two network namespaces of this machine, a veth pair, tc tbf both ways; goes
# without a trace afterwards. As root, with iperf3:
#   scripts/goodput.sh [Mbit/s...]            (10 100 1000 unless given)
# iperf3 sends for 5 s each way; then kerf calibrate-link times single messages, one after the other, each there and back
# (docs/links.md). What it says of those of a megabyte or more is bytes / median time of the whole exchange, the network's
# round trip and the software's part included.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
kerf=${KERF:-$root/build/release/cli/kerf-run}
[ "$(id -u)" = 0 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
for each in iperf3 tc "$kerf"; do command -v "$each" >/dev/null || { echo "$each is missing" >&2; exit 2; }; done

near=kerf-near-$$ far=kerf-far-$$ out=$(mktemp -d)
clean_up() {
  ip netns pids "$far" 2>/dev/null | xargs -r kill 2>/dev/null || true
  ip netns delete "$near" 2>/dev/null || true
  ip netns delete "$far" 2>/dev/null || true
  rm -rf "$out"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

ip netns add "$near"
ip netns add "$far"
ip -n "$near" link add v0 type veth peer name v0 netns "$far"
for host in "$near 1" "$far 2"; do
  read -r name number <<<"$host"
  ip -n "$name" link set lo up
  ip -n "$name" link set v0 up
  ip -n "$name" address add 10.98.0.$number/24 dev v0
done
ip netns exec "$far" iperf3 --server --daemon --logfile /dev/null
ip netns exec "$far" "$kerf" serve --echo --listen 10.98.0.2:8470 --insecure >"$out/listening" &
until grep -q listening "$out/listening"; do sleep 0.1; done

iperf() {
  ip netns exec "$near" iperf3 --client 10.98.0.2 --time 5 --format m "$@" | awk '/receiver/ { print $(NF-2) }'
}
echo '| link | iperf3 up, down | a message of | up | down | of iperf3 |'
echo '| ---: | ---: | ---: | ---: | ---: | ---: |'
for rate in "${@:-10 100 1000}"; do
  for rate in $rate; do
    # A bucket of 2 ms, which no message of a megabyte gains from; a queue of 50 ms.
    for name in "$near" "$far"; do
      tc -n "$name" qdisc replace dev v0 root tbf rate "${rate}mbit" burst $((rate * 250 < 4000 ? 4000 : rate * 250)) latency 50ms
    done
    up=$(iperf) down=$(iperf --reverse)
    ip netns exec "$near" "$kerf" calibrate-link 10.98.0.2:8470 --as "r$rate" --budget "$((rate < 50 ? 80 : 25))s" --out "$out" >/dev/null 2>&1
    # The ladder's rows: bytes up, bytes down, median seconds, ...
    tr -d ' \n' <"$out/r$rate.json" | sed 's/.*"ladder":\[\[//; s/\]\].*//; s/\],\[/\n/g' |
      awk -F, -v rate="$rate" -v up="$up" -v down="$down" '
        $1 >= 9e5 { ups[$1] = $1 * 8e-6 / $3 }
        $2 >= 9e5 { downs[$2] = $2 * 8e-6 / $3 }
        END {
          for (size in ups) if (size in downs) printf "| %d Mbit/s | %s, %s Mbit/s | %.1f MB | %.1f Mbit/s | %.1f Mbit/s | %.1f %%, %.1f %% |\n",
            rate, up, down, size / 1e6, ups[size], downs[size], 100 * ups[size] / up, 100 * downs[size] / down
        }' | sort -t'|' -k4
  done
done
