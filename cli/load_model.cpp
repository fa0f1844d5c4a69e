#include "cli/load_model.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "base/error.hpp"
#include "base/text.hpp"
#include "models/zoo/zoo.hpp"

namespace kerf::cli {
namespace {

[[noreturn]] void no_room(const std::filesystem::path& folder, int reason) {
  throw Error(ErrorCode::kLimit, folder.string(),
              fmt::format("no temporary file can be made ({})", std::generic_category().message(reason)), "",
              "let TMPDIR name a folder with room for the model");
}

// A new folder that is removed at the end of the scope, with what is in it.
class ScratchFolder {
 public:
  ScratchFolder() {
    const std::filesystem::path parent = std::filesystem::temp_directory_path();
    std::string name = (parent / "kerf-zoo-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) no_room(parent, errno);
    path_ = name;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// The file is gone from its folder, but open, hence still there under its descriptor's path. The descriptor
// is never closed: the graph may be copied about freely and its weights read at any time.
Graph load_zoo_model(const std::string& name, const InputShapes& shapes) {
  const ScratchFolder folder;
  const std::filesystem::path file = folder.path() / (name + ".onnx");
  write_zoo_model(name, file);
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) no_room(folder.path(), errno);
  const std::string path = fmt::format("/proc/self/fd/{}", descriptor);
  try {
    Graph graph = import_onnx(path, shapes);
    graph.name = name;
    return graph;
  } catch (const Error& error) {
    std::string where = error.where();
    if (where.starts_with(path)) where.replace(0, path.size(), name);
    throw Error(error.code(), where, error.found(), error.expected(), error.hint());
  }
}

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
  if (in_zoo(model)) return load_zoo_model(model, shapes);
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
