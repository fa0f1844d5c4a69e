#pragma once
// Whether a scenario's profiles are of the model that it names. Only here, because scenarios know no models
// and profiles no files.

#include "scenarios/scenario.hpp"

namespace kerf::cli {

// Compares the hash of the scenario's model (file or zoo) with that in its profiles, of which the first that
// has one speaks for all: problems are built of profiles of one model only. Error(kBadInput) where they
// differ: the file was changed or is another. Says on stderr that nothing was compared where the file is not
// here, as on a machine that only plans, or where its shapes only ONNX Runtime knows. Silent where the
// scenario names no model or no profile knows a hash.
void check_model(const Scenario& scenario);

}  // namespace kerf::cli
