#!/usr/bin/env bash
# Installs what is missing, builds, runs every test.   ./scripts/test.sh [dev|asan]   (dev unless said otherwise)
. "$(dirname "$0")/steps.sh"

preset=${1:-dev}
case $preset in dev | asan) ;; *) fail "test.sh" "no preset '$preset' runs tests" "use dev or asan" ;; esac
install_packages "${packages[@]}" "${test_packages[@]}"
get_onnxruntime
get_models
build "$preset"
say "testing ($preset)"
ctest --preset "$preset"
