#!/bin/sh
# Where the zoo's networks can be cut, as a table in Markdown: scripts/cuts-table.sh [KERF] > results/cuts.md
# KERF is the program; build/release/cli/kerf unless given.
set -eu
kerf=${1:-"$(dirname "$0")/../build/release/cli/kerf"}

cat <<'EOF'
# Where the eighteen networks can be cut

Made by `scripts/cuts-table.sh > results/cuts.md`. Batch 1, float32. *Scission's blocks*: what its partition finder
sees (Lockhart et al., UCC 2020), which counts every layer, also those that compute nothing and those that a runtime
fuses; Kerf's cuts between blocks leave such runs whole. *Cuts*: inner ones, and how many tensors cross them.
*Narrowest*: the inner cut with the fewest bytes, and the share of all multiply-adds before it. *First below the input*:
the earliest inner cut that fewer bytes cross than the input has.

| network | Scission's blocks | cuts | of one tensor | of two | of three | input | narrowest | work before | first below the input | work before |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
EOF

while read -r network blocks; do
  # The program's own layout: one key a line, a cut's keys six deep, its tensors' ten deep.
  "$kerf" model info "$network" --json | awk -v network="$network" -v blocks="$blocks" '
    function value(line) { sub(/^[^:]*: */, "", line); sub(/,$/, "", line); return line + 0 }
    function kB(bytes) { return sprintf("%.1f kB", bytes / 1000) }
    function percent(work) { return sprintf("%.1f %%", 100 * work / all) }
    /^  "multiply_adds":/ { all = value($0) }
    /^      "index":/ { cut = value($0) }
    /^          "name":/ { ++tensors[cut] }
    /^      "bytes":/ { bytes[cut] = value($0) }
    /^      "multiply_adds_before":/ { before[cut] = value($0) }
    END {
      first = -1
      narrowest = 1
      for (k = 1; k < cut; ++k) {
        ++of[tensors[k]]
        if (bytes[k] < bytes[narrowest]) narrowest = k
        if (first < 0 && bytes[k] < bytes[0]) first = k
      }
      printf "| %s | %d | %d | %d | %d | %d | %s | %s | %s | %s | %s |\n", network, blocks, cut - 1, of[1], of[2], of[3],
        kB(bytes[0]), kB(bytes[narrowest]), percent(before[narrowest]),
        first < 0 ? "none" : kB(bytes[first]), first < 0 ? "" : percent(before[first])
    }'
done <<'EOF'
vgg16 22
vgg19 25
xception 14
resnet50 24
resnet101 41
resnet152 58
resnet50v2 16
resnet101v2 16
resnet152v2 16
inception_v3 19
inceptionresnet_v2 61
mobilenet 92
mobilenetv2 66
densenet121 22
densenet169 22
densenet201 22
nasnetlarge 5
nasnetmobile 5
EOF
