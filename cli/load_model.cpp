#include "cli/load_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/error.hpp"
#include "base/text.hpp"
#include "models/zoo/zoo.hpp"

namespace kerf::cli {
namespace {

// Zoo networks, and the .onnx files beside the one that is missing.
[[noreturn]] void refuse(const std::string& model) {
  std::vector<std::string> candidates;
  for (const ZooEntry& entry : zoo_list()) candidates.push_back(entry.name);
  const std::filesystem::path parent = std::filesystem::path(model).parent_path();
  std::error_code unreadable;
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(
           parent.empty() ? std::filesystem::path(".") : parent, unreadable)) {
    if (entry.path().extension() == ".onnx") files.push_back((parent / entry.path().filename()).string());
  }
  std::sort(files.begin(), files.end());
  candidates.insert(candidates.end(), files.begin(), files.end());
  const std::string close = nearest(model, candidates);
  throw Error(ErrorCode::kBadInput, model, "there is no such file, nor is it a network of the zoo",
              "an .onnx file, or a name that `kerf model list` shows",
              close.empty() ? "" : fmt::format("did you mean {}?", close));
}

}  // namespace

Graph load_model(const std::string& model, const InputShapes& shapes, const ShapeOracle& oracle) {
  if (in_zoo(model)) return zoo_graph(model, shapes);
  std::error_code unreadable;
  if (!std::filesystem::exists(model, unreadable)) refuse(model);
  return import_onnx(model, shapes, oracle);
}

InputShapes parse_shapes(const std::vector<std::string>& texts) {
  InputShapes shapes;
  for (const std::string& text : texts) {
    const auto [name, shape] = parse_shape(text);
    if (!shapes.emplace(name, shape).second) {
      throw Error(ErrorCode::kUsage, "--shape", fmt::format("input \"{}\" is given twice", name),
                  "each input once");
    }
  }
  return shapes;
}

}  // namespace kerf::cli
