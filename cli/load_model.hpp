#pragma once
// A model as the user names it: an .onnx file, or a network of the zoo, which needs no file. A name that is
// neither is Error(kBadInput) with the nearest that exists.

#include <string>
#include <vector>

#include "models/graph.hpp"
#include "models/onnx_import.hpp"

namespace kerf::cli {

// The oracle as import_onnx takes it.
[[nodiscard]] Graph load_model(const std::string& model, const InputShapes& shapes = {},
                               const ShapeOracle& oracle = {});

// "x=1,3,224,224", one a text, as --shape takes them. Error(kUsage) for what is no shape and for an input
// named twice.
[[nodiscard]] InputShapes parse_shapes(const std::vector<std::string>& texts);

}  // namespace kerf::cli
