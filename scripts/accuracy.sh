#!/usr/bin/env bash
# How well simulations predict real runs, on this machine made into hosts and links (docs/accuracy.md). As root; let nothing
# else run meanwhile. A study takes three to eight minutes:
#   scripts/accuracy.sh STUDY...
# STUDY is resnet50, mobilenetv2, densenet121 or ocr (lone requests), load, or choice. What is
# measured lands in out/accuracy/STUDY, what came of it in results/accuracy/STUDY.md. Each study calibrates anew: on a virtual
# machine the speed of yesterday, or of ten minutes ago, is not that of today. Where it has changed all the same, the study is
# void and made again, twice at most.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
kerf=${KERF:-$root/build/release/cli/kerf}
cd "$root"

# calibrate MODEL BUDGET [FLAG...]: the host, on the processor that it will have
calibrate() {
  local model=$1 budget=$2
  shift 2
  taskset -c 0 "$kerf" calibrate "$model" "$@" --as host --budget "$budget" "${pause[@]}" --out "$out"
  mv "$out/$(basename "$model" .onnx)-host.json" "$out/host.json"
}

measure_link() {
  "$kerf" testbed "$scenario" "${paths[@]}" --set network.uplink.bandwidth=100Mbps --out "$out" --in device -- \
    "$kerf" calibrate-link '{edge}' --as link --bandwidth 100Mbps --budget 15s "${pause[@]}" --out "$out"
}

# run_plans CONDITIONS REQUESTS [FLAG...]: what was predicted, for real
run_plans() {
  local conditions=$1 requests=$2
  shift 2
  "$kerf" testbed "$scenario" "${paths[@]}" --conditions "$conditions" --requests "$requests" "${rest[@]}" \
    --out "$out/real" "$@"
}

# The device's own plan has no network and no fit in it: its error says how much faster or slower the machine is now than it
# was when it was calibrated. The median over the conditions: a few milliseconds are easily disturbed.
speed_error() {
  awk '$1 ~ /^device:0-[0-9]+$/ && $NF != "void" { print $6 < 0 ? -$6 : $6 }' "$1" | sort -n |
    awk '{ error[NR] = $1 } END { print NR ? error[int((NR + 1) / 2)] : 0 }'
}

run_study() {
  out=$root/out/accuracy/$study
  rm -rf "$out"
  mkdir -p "$out" results/accuracy
  scenario=scenarios/accuracy-$study.toml
  paths=()
  for host in device edge cloud; do paths+=(--set "hosts.$host.profile=$out/host.json"); done
  for link in uplink backhaul; do paths+=(--set "network.$link.measured=$out/link.json"); done
  aims=()
  # Lone requests find hosts and links at rest, and are predicted from what was measured so.
  pause=(--pause 20ms)
  rest=(--rest 20ms)
  case $study in
    mobilenetv2) calibrate mobilenetv2 60s ;;
    ocr) calibrate .deps/models/ppocr-det.onnx 40s --shape x=1,3,320,320 ;;
    resnet50 | densenet121 | choice) calibrate "${study/choice/densenet121}" 60s ;;
    load)
      pause=(--pause 5ms) # what most requests find, at these rates
      rest=()
      calibrate mobilenetv2 60s
      ;;
    *) echo "no study \"$study\"" >&2; exit 2 ;;
  esac
  measure_link
  "$kerf" sweep "$scenario" "${paths[@]}" --out "$out/predicted" >/dev/null
  case $study in
    load)
      aims=(--aim-mean 6 --aim-p95 10)
      run_plans 0,1,2 600 ;;
    choice) run_plans 0,1,2,3,4,5,6,7,8,9,10,11 6 --attempts 2 ;;
    # Mbit/s and ms there and back: 10 and 10, 40 and 80, 100 and 10, 100 and 80
    resnet50) run_plans 2,5,6,7 15 --attempts 2 ;;
    # 40 and 10, 40 and 80, 100 and 10, 100 and 80: large tensors, and the detector's large result
    densenet121 | ocr) run_plans 4,5,6,7 10 --attempts 2 ;;
    mobilenetv2) # 10 and 10, 40 and 80, 100 and 10; 1.6 and 80
      run_plans 2,5,6 30 --attempts 2
      run_plans 1 8 --attempts 2 ;;
  esac
  "$kerf" compare "$out/predicted" "$out/real" "${aims[@]}" >"$out/comparison.txt"
}

for study in "$@"; do
  for void in 0 1 2; do
    run_study
    error=$(speed_error "$out/comparison.txt")
    awk -v error="$error" 'BEGIN { exit !(error <= 10) }' && break
    echo "$study: the machine is ${error} % off its speed when it was calibrated: void" >&2
  done
  {
    printf '# %s\n\nMade by `scripts/accuracy.sh %s` on %s. How to read it: docs/testbed.md; what it says: docs/accuracy.md.\n' \
      "$study" "$study" "$(date -u +%Y-%m-%d)"
    printf '%s void studies before this one (the device alone, without network or fit, more than 10 %% off its calibration).\n\n```\n' "$void"
    cat "$out/comparison.txt"
    echo '```'
  } >results/accuracy/"$study".md
  tail -n 2 results/accuracy/"$study".md | head -n 1
done
