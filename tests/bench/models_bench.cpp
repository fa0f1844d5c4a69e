// From a file to its cuts, beside parsing the same file through protobuf: time, and the anonymous memory (not
// the pages of the file) at its largest between the steps. The hash of the content, which names profiles, is
// a step of its own: it reads every byte. Files are exported from the zoo first, into the system's temporary
// folder (900 MB), and are read from the page cache.

#include <benchmark/benchmark.h>
#include <malloc.h>
#include <onnx/onnx_pb.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "models/cuts.hpp"
#include "models/onnx_skeleton.hpp"
#include "models/skeleton_import.hpp"
#include "models/zoo/zoo.hpp"

namespace {

using namespace kerf;

// Exported on first use, removed at the end.
class ExportedFiles {
 public:
  ~ExportedFiles() {
    std::error_code ignored;
    for (const auto& [name, file] : files_) std::filesystem::remove(file, ignored);
  }
  const std::filesystem::path& of(const std::string& network) {
    const auto [entry, fresh] =
        files_.emplace(network, std::filesystem::temp_directory_path() /
                                    (network + "-" + std::to_string(::getpid()) + ".onnx"));
    if (fresh) write_zoo_model(network, entry->second);
    return entry->second;
  }

 private:
  std::map<std::string, std::filesystem::path> files_;
};

const std::filesystem::path& exported(const std::string& network) {
  static ExportedFiles files;
  return files.of(network);
}

// Of this process, now.
double anonymous_megabytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("RssAnon:")) return std::stod(line.substr(8)) / 1024;
  }
  return 0;
}

class Memory {
 public:
  Memory() {
    ::malloc_trim(0);
    before_ = anonymous_megabytes();
  }
  void look() { most_ = std::max(most_, anonymous_megabytes() - before_); }
  [[nodiscard]] double most() const { return most_; }

 private:
  double before_ = 0;
  double most_ = 0;
};

void import_and_cut(benchmark::State& state, const std::string& network) {
  const auto& file = exported(network);
  double megabytes = 0;
  std::size_t cuts = 0;
  for (auto _ : state) {
    state.PauseTiming();
    Memory memory;
    state.ResumeTiming();
    Skeleton skeleton = read_skeleton(file);
    memory.look();
    const Graph graph = import_skeleton(skeleton, {}, file.string());
    memory.look();
    const Chain chain = find_cuts(graph);
    memory.look();
    megabytes = std::max(megabytes, memory.most());
    cuts = chain.cuts.size();
  }
  state.counters["anonymous_MB"] = megabytes;
  state.counters["cuts"] = static_cast<double>(cuts);
}

void find_cuts_alone(benchmark::State& state, const std::string& network) {
  const Graph graph = zoo_graph(network);
  for (auto _ : state) benchmark::DoNotOptimize(find_cuts(graph));
}

void from_the_zoo(benchmark::State& state, const std::string& network) {
  double megabytes = 0;
  for (auto _ : state) {
    state.PauseTiming();
    Memory memory;
    state.ResumeTiming();
    const Graph graph = zoo_graph(network);
    const Chain chain = find_cuts(graph);
    memory.look();
    megabytes = std::max(megabytes, memory.most());
  }
  state.counters["anonymous_MB"] = megabytes;
}

void hash(benchmark::State& state, const std::string& network) {
  const auto& file = exported(network);
  const Skeleton skeleton = read_skeleton(file);
  for (auto _ : state) benchmark::DoNotOptimize(hash_content(file, skeleton));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(std::filesystem::file_size(file)));
}

// The baseline: no cuts yet, only the file in memory.
void parse_through_protobuf(benchmark::State& state, const std::string& network) {
  const auto& file = exported(network);
  double megabytes = 0;
  for (auto _ : state) {
    state.PauseTiming();
    Memory memory;
    state.ResumeTiming();
    onnx::ModelProto model;
    std::ifstream stream(file, std::ios::binary);
    if (!model.ParseFromIstream(&stream)) state.SkipWithError("does not parse");
    memory.look();
    megabytes = std::max(megabytes, memory.most());
  }
  state.counters["anonymous_MB"] = megabytes;
}

BENCHMARK_CAPTURE(import_and_cut, vgg16, "vgg16")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(parse_through_protobuf, vgg16, "vgg16")->Unit(benchmark::kMillisecond)->Iterations(3);
BENCHMARK_CAPTURE(hash, vgg16, "vgg16")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(from_the_zoo, vgg16, "vgg16")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(import_and_cut, nasnetlarge, "nasnetlarge")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(find_cuts_alone, nasnetlarge, "nasnetlarge")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(parse_through_protobuf, nasnetlarge, "nasnetlarge")
    ->Unit(benchmark::kMillisecond)
    ->Iterations(3);
BENCHMARK_CAPTURE(hash, nasnetlarge, "nasnetlarge")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(from_the_zoo, nasnetlarge, "nasnetlarge")->Unit(benchmark::kMillisecond);

}  // namespace
