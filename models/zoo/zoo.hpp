#pragma once
// The zoo: the eighteen image classification networks of the Scission paper (Lockhart et al., UCC 2020),
// built from code as Keras' applications define them, with seeded random weights whose activations stay of
// ordinary size. Layouts are NCHW, the operator set is ONNX's 13. Latency does not depend on what the weights
// are; results do, so these networks are for planning, not for recognising anything.
//
// Weights are generated when they are read: a graph costs milliseconds and megabytes, whatever the network.
//
//   const Graph graph = zoo_graph("resnet50");
//   write_zoo_model("resnet50", "resnet50.onnx");   // import_onnx() of it gives the same graph

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "models/graph.hpp"
#include "models/onnx_import.hpp"

namespace kerf {

struct ZooEntry {
  std::string name;
  int input_size = 0;           // height and width; three channels
  std::int64_t parameters = 0;  // as Keras counts them: batch-norm statistics included
};

[[nodiscard]] const std::vector<ZooEntry>& zoo_list();
[[nodiscard]] bool in_zoo(std::string_view name);

// Both are Error(kUsage) for a name that the zoo does not have (nearest named).

// The network without a file. `shapes` as import_onnx() takes them: "input" of [8, 3, 224, 224] is a batch of
// 8. Nodes, cuts, parameters and hash are those of the exported file, so a profile fits both.
[[nodiscard]] Graph zoo_graph(std::string_view name, const InputShapes& shapes = {});

// The network as a file at batch 1: the same bytes on every machine. Holds about a mebibyte of it at a time.
void write_zoo_model(std::string_view name, const std::filesystem::path& file);

// hash_content() of that file, from its bytes and not from the list that zoo_graph() looks it up in: what
// keeps the list true. Makes every weight; up to a second.
[[nodiscard]] std::uint64_t zoo_content_hash(std::string_view name);

}  // namespace kerf
