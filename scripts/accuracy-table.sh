#!/bin/bash
# What the profiles of a folder say of their own accuracy, as a table in Markdown:
#   scripts/accuracy-table.sh FOLDER > results/slice-accuracy.md
set -euo pipefail

cat <<'EOF'
# Slices that the fit has not seen: predicted against measured

Made by `scripts/profiles.sh results/profiles && scripts/accuracy-table.sh results/profiles > results/slice-accuracy.md`.
Random slices i..j were held out of the fit and measured in the same rounds as the others (`kerf calibrate --validate`).
*Error* is |predicted / measured - 1| of the 20th percentile; *noise* is how far the first and the second half of the
same slice's own visits are apart, which no prediction can beat. *Void* counts attempts whose median noise exceeded 4 %, or
during which the whole model's time moved by more than 8 %: they were measured again, twice at most. *Narrow* is the share of all measured slices whose 95 % interval was within
3 % when the budget ended.

| network | threads | whole model | held out | error median | error 90 % | noise median | noise 90 % | void | slices | narrow | budget |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
EOF

for profile in "$1"/*.json; do
  awk '
    # The number behind "key": on this line; keeps what was known where it is not there.
    function take(key, known) {
      if (match($0, "\"" key "\": ?[0-9.e+-]+")) {
        known = substr($0, RSTART, RLENGTH)
        sub(/.*: ?/, "", known)
      }
      return known
    }
    /^ "model": / { split($0, part, "\""); model = part[4] }
    /"threads":/ { threads = take("threads"); last = -1; held_out = 0 }
    /"note": "budget/ {
      budget = $0; sub(/.*budget /, "", budget); sub(/,.*/, "", budget)
      slices = $0; sub(/.*; [0-9]+ of /, "", slices); sub(/ .*/, "", slices)
      narrow = $0; sub(/.*measured, /, "", narrow); sub(/ %.*/, "", narrow)
    }
    {
      held_out = take("slices", held_out); error = take("median_error", error); error90 = take("p90_error", error90)
      noise = take("median_noise", noise); noise90 = take("p90_noise", noise90); voids = take("voids", voids)
    }
    /^ *\[0,/ { split($0, part, /[][,]/); if (part[3] + 0 > last) { last = part[3] + 0; whole = part[4] } }
    /"entry_s":/ {
      printf "| %s | %d | %.1f ms | ", model, threads, 1e3 * whole
      if (held_out > 0) printf "%d | %.1f %% | %.1f %% | %.1f %% | %.1f %% | %d", held_out, 100 * error, 100 * error90, 100 * noise, 100 * noise90, voids
      else printf "– | – | – | – | – | –"
      printf " | %d | %d %% | %s |\n", slices, narrow, budget
    }' "$profile"
done
