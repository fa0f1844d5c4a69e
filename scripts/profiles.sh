#!/bin/bash
# Measures on this machine the profiles that results/ holds, of which scripts/accuracy-table.sh makes a table:
#   scripts/profiles.sh FOLDER [NETWORK...]      # FOLDER/MODEL-HOST.json; all networks unless named
# Profiles that are there are not made again, so it can be interrupted. In the environment: HOST names
# the machine, THREADS says how many of one run (1,2 unless given: a row for each). About half an hour in all; let nothing else
# run meanwhile.
set -euo pipefail
folder=$1
shift
root=$(cd "$(dirname "$0")/.." && pwd)
kerf=${KERF:-$root/build/release/cli/kerf}
host=${HOST:-vm-2core}
threads=${THREADS:-1,2}
mkdir -p "$folder"

# network, budget of each row, slices held out
plan='resnet50 90s 40
mobilenetv2 20s 40
densenet121 60s 40
inception_v3 90s 40
ppocr-det 40s 40
ppocr-cls 8s 0
mobilenet 8s 0
nasnetmobile 12s 0
resnet50v2 12s 0
resnet101 15s 0
resnet101v2 15s 0
resnet152 20s 0
resnet152v2 20s 0
xception 15s 0
densenet169 20s 0
densenet201 20s 0
vgg16 25s 0
vgg19 25s 0
inceptionresnet_v2 30s 0
nasnetlarge 40s 0'

while read -r network budget held_out; do
  [[ $# = 0 || " $* " = *" $network "* ]] || continue
  [[ -e $folder/$network-$host.json ]] && continue
  model=$network
  shape=()
  case $network in
    ppocr-det) model=$root/.deps/models/ppocr-det.onnx shape=(--shape x=1,3,320,320) ;;
    ppocr-cls) model=$root/.deps/models/ppocr-cls.onnx shape=(--shape x=1,3,48,192) ;;
  esac
  echo "\$ kerf calibrate $network --threads $threads --budget $budget --width 0.03 --validate $held_out"
  "$kerf" calibrate "$model" "${shape[@]}" --as "$host" --threads "$threads" --budget "$budget" --width 0.03 \
    --validate "$held_out" --out "$folder" 2> >(grep -v '%' >&2)
done <<<"$plan"
