#pragma once
// The zoo: the eighteen image classification networks of the Scission paper (Lockhart et al., UCC 2020),
// built from code as Keras' applications define them, with seeded random weights whose activations stay of
// ordinary size. Layouts are NCHW, the operator set is ONNX's 13. Latency does not depend on what the weights
// are; results do, so these networks are for planning, not for recognising anything.
//
//   write_zoo_model("resnet50", "resnet50.onnx");

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace kerf {

struct ZooEntry {
  std::string name;
  int input_size = 0;           // height and width; three channels
  std::int64_t parameters = 0;  // as Keras counts them: batch-norm statistics included
};

[[nodiscard]] const std::vector<ZooEntry>& zoo_list();
[[nodiscard]] bool in_zoo(std::string_view name);

// Error(kUsage) for a name that the zoo does not have (nearest named). The same name and batch give the same
// bytes.
void write_zoo_model(std::string_view name, const std::filesystem::path& file, int batch = 1);

}  // namespace kerf
