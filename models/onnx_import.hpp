#pragma once
// ONNX files into graphs. The wire format is walked, not parsed: a weight's raw data is skipped and
// remembered as offset and length, so that a model of half a gigabyte costs milliseconds and megabytes.
// Initializers that a file also lists as inputs are inputs no more; weights in Constant nodes are weights;
// every tensor gets its shape. Local functions are written out, and so is the branch of an If whose condition
// follows from the shapes alone.
//
// Errors (Error, naming file and node): not an ONNX file, truncated, a cycle, an operator no one knows, a
// tensor used but never made, control flow that depends on data, a dimension left open (names the flag and
// the scenario key that close it).

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "models/graph.hpp"
#include "models/shape_oracle.hpp"

namespace kerf {

using InputShapes = std::map<std::string, std::vector<std::int64_t>>;

// "x=1,3,320,320" (as `--shape` takes it) into a name and its dimensions; Error(kUsage) otherwise.
[[nodiscard]] std::pair<std::string, std::vector<std::int64_t>> parse_shape(std::string_view text);

// `shapes` overrides the shapes of the named inputs; an input it does not name keeps the file's. The oracle
// is asked for the shapes that no rule gives; where the rules suffice the graph is the same without it.
[[nodiscard]] Graph import_onnx(const std::filesystem::path& file, const InputShapes& shapes = {},
                                const ShapeOracle& oracle = {});

}  // namespace kerf
