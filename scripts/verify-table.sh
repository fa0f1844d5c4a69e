#!/bin/bash
# Proves on every network of the zoo that cutting changes nothing, as a table in Markdown:
#   scripts/verify-table.sh FOLDER [KERF] > results/verify.md
# FOLDER keeps one JSON report a network; those that are there are not made again, so it can be interrupted. KERF is
# the program; build/release/cli/kerf unless given. About ten minutes of two processors.
set -euo pipefail
folder=$1
kerf=${2:-"$(dirname "$0")/../build/release/cli/kerf"}
models=$(dirname "$0")/../.deps/models
mkdir -p "$folder"

cat <<'EOF'
# Cutting changes nothing: the zoo and two OCR models at every cut

Made by `scripts/verify-table.sh FOLDER > results/verify.md`, which runs `kerf model verify NETWORK --threads 2 --json`
for every network (the OCR models with the shapes of `scripts/profiles.sh`): for each inner cut head and tail in ONNX Runtime one after the other, then all blocks as one chain;
crossing tensors and outputs against those of the whole model, on two seeded inputs. A check passes when no element
differs by more than 1e-4 of its tensor's largest; the outputs for the two inputs differ by far more (docs/zoo.md).
*Worst cut*: head and tail. *Chain*: block by block, where rounding adds up. Seconds are of processor time.

| network | checks | passed | worst cut | chain | seconds |
| --- | ---: | ---: | ---: | ---: | ---: |
EOF

TIMEFORMAT='%U %S'
for network in vgg16 vgg19 xception resnet50 resnet101 resnet152 resnet50v2 resnet101v2 resnet152v2 inception_v3 \
  inceptionresnet_v2 mobilenet mobilenetv2 densenet121 densenet169 densenet201 nasnetlarge nasnetmobile ppocr-det ppocr-cls; do
  report=$folder/$network.json
  model=$network
  shape=()
  case $network in
    ppocr-det) model=$models/ppocr-det.onnx shape=(--shape x=1,3,320,320) ;;
    ppocr-cls) model=$models/ppocr-cls.onnx shape=(--shape x=1,3,48,192) ;;
  esac
  if [[ ! -s $report ]]; then
    # A failed check is a row of the table; no report at all is not.
    { time "$kerf" model verify "$model" "${shape[@]}" --threads 2 --json > "$report.partial" || true; } 2> "$folder/$network.log"
    tail -n 1 "$folder/$network.log" > "$folder/$network.seconds"
    if [[ ! -s $report.partial ]]; then
      echo "| $network | no result | | | | |"
      continue
    fi
    mv "$report.partial" "$report"
  fi
  seconds=$(awk '{ printf "%.0f", $1 + $2 }' "$folder/$network.seconds" 2> /dev/null || true)
  awk -v network="$network" -v seconds="$seconds" '
    function value(line) { sub(/^[^:]*: */, "", line); sub(/,$/, "", line); return line }
    /^      "cut":/ { chain = /"chain"/; ++checks }
    /^      "passed": true/ { ++passed }
    /^      "worst":/ {
      worst = value($0) + 0
      if (chain) in_chain = worst
      else if (worst > of_cuts) of_cuts = worst
    }
    END { printf "| %s | %d | %d | %.2g | %.2g | %s |\n", network, checks, passed, of_cuts, in_chain, seconds }' "$report"
done
