#!/usr/bin/env bash
# From a bare machine to a policy table: installs what is missing, builds, then imports a real trained network, times it
# on this machine, sweeps three thousand conditions over three topologies and asks the table it made.
. "$(dirname "$0")/steps.sh"

install_packages "${packages[@]}"
get_onnxruntime
get_models
build release kerf kerf-sim kerf-run

export PATH=$root/build/release/cli:$PATH
out=$root/out/quickstart
run() { printf '\n$ %s\n' "$*"; "$@"; }

cd "$root"
run kerf model info .deps/models/ppocr-det.onnx --shape x=1,3,320,320
run kerf calibrate .deps/models/ppocr-det.onnx --shape x=1,3,320,320 --as this-machine --budget 90s --out out/quickstart
run kerf plan scenarios/quickstart.toml
run kerf sweep scenarios/quickstart.toml --out out/quickstart
run kerf policy query out/quickstart/policy.kerf goodput=3Mbps rtt=20ms edge_load=0.3 platform.file=shared-uplink
say "the table: ${out#"$root"/}/policy.kerf; every row: sweep.sqlite and sweep.csv beside it"
