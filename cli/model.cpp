#include <fmt/format.h>

#include <charconv>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/load_model.hpp"
#include "models/cuts.hpp"
#include "models/slicer.hpp"
#include "models/zoo/zoo.hpp"

namespace kerf::cli {
namespace {

using Json = nlohmann::ordered_json;

struct ModelArguments {
  std::string model, at, out;
  std::vector<std::string> shapes;
  bool json = false;
  ModelLoader load;
};

// Whole numbers are written as such: they are counts.
Json count(double value) {
  return static_cast<std::int64_t>(value);
}

void print_json(const Json& json) {
  // A model's names need not be valid text; what is not is replaced.
  fmt::print("{}\n", json.dump(2, ' ', false, Json::error_handler_t::replace));
}

std::string describe(const Tensor& tensor) {
  return fmt::format("{} {} [{}]", tensor.name, name_of(tensor.type), fmt::join(tensor.shape, ","));
}

const Tensor& tensor_of(const Graph& graph, TensorId id) {
  return graph.tensors[static_cast<std::size_t>(id)];
}

Json to_json(const Graph& graph, const std::vector<TensorId>& tensors) {
  Json list = Json::array();
  for (const TensorId id : tensors) {
    const Tensor& tensor = tensor_of(graph, id);
    list.push_back({{"name", tensor.name},
                    {"shape", tensor.shape},
                    {"type", name_of(tensor.type)},
                    {"bytes", count(tensor.bytes().value())}});
  }
  return list;
}

Json to_json(const Graph& graph, const Chain& chain) {
  Json json;
  json["name"] = graph.name;
  json["hash"] = graph.hash;
  json["nodes"] = graph.nodes.size();
  json["parameters"] = graph.parameters();
  json["multiply_adds"] = count(graph.multiply_adds());
  json["inputs"] = to_json(graph, graph.inputs);
  json["outputs"] = to_json(graph, graph.outputs);
  json["cuts"] = Json::array();
  double before = 0;
  for (const Cut& cut : chain.cuts) {
    json["cuts"].push_back({{"index", cut.index},
                            {"tensors", to_json(graph, cut.tensors)},
                            {"bytes", count(cut.bytes.value())},
                            {"multiply_adds_before", count(before)}});
    const auto block = static_cast<std::size_t>(cut.index);
    if (block < chain.blocks.size()) before += chain.blocks[block].multiply_adds;
  }
  return json;
}

void print_table(const Graph& graph, const Chain& chain) {
  fmt::print("{}: {} nodes, {} parameters ({}), {:.3g} G multiply-adds, hash {}\n", graph.name,
             graph.nodes.size(), graph.parameters(), format(graph.weight_bytes()),
             graph.multiply_adds() / 1e9, graph.hash);
  for (const TensorId input : graph.inputs) fmt::print("  input   {}\n", describe(tensor_of(graph, input)));
  for (const TensorId output : graph.outputs)
    fmt::print("  output  {}\n", describe(tensor_of(graph, output)));
  fmt::print("\n  cut       bytes    work before  crossing tensors\n");
  double before = 0;
  const double all = graph.multiply_adds();
  for (const Cut& cut : chain.cuts) {
    std::string tensors;
    for (const TensorId id : cut.tensors)
      tensors += (tensors.empty() ? "" : ", ") + describe(tensor_of(graph, id));
    const std::string share = all > 0 ? fmt::format("{:.1f} %", 100 * before / all) : "-";
    fmt::print("  {:>3}  {:>10}  {:>12}  {}\n", cut.index, format(cut.bytes), share, tensors);
    const auto block = static_cast<std::size_t>(cut.index);
    if (block < chain.blocks.size()) before += chain.blocks[block].multiply_adds;
  }
  if (chain.blocks.size() == 1)
    fmt::print(
        "\n  No cut inside: nowhere do at most three tensors cross in fewer bytes than at an end; it can "
        "only run whole.\n");
}

void show(const ModelArguments& arguments) {
  const Graph graph = arguments.load(arguments.model, parse_shapes(arguments.shapes));
  const Chain chain = find_cuts(graph);
  if (arguments.json) {
    print_json(to_json(graph, chain));
  } else {
    print_table(graph, chain);
  }
}

// "3,17": increasing inner cuts.
std::vector<int> parse_cuts(const std::string& text, int last) {
  const auto refuse = [&](const std::string& found) {
    return Error(ErrorCode::kUsage, "--at", found,
                 last > 1
                     ? fmt::format("increasing numbers of cuts from 1 to {}, separated by commas", last - 1)
                     : std::string("a model with a cut inside; this one has none"),
                 "`kerf model info` lists the cuts; 0 is the input and the last is the output");
  };
  std::vector<int> cuts;
  for (std::string_view rest = text;; rest.remove_prefix(1)) {
    int cut = 0;
    const auto [end, failure] = std::from_chars(rest.data(), rest.data() + rest.size(), cut);
    if (failure != std::errc()) throw refuse(fmt::format("\"{}\"", text));
    if (cut < 1 || cut >= last) throw refuse(fmt::format("cut {}", cut));
    if (!cuts.empty() && cut <= cuts.back())
      throw refuse(fmt::format("cut {} after cut {}", cut, cuts.back()));
    cuts.push_back(cut);
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    if (rest.empty()) return cuts;
    if (rest.front() != ',') throw refuse(fmt::format("\"{}\"", text));
  }
}

void slice(const ModelArguments& arguments) {
  const Graph graph = arguments.load(arguments.model, parse_shapes(arguments.shapes));
  const Chain chain = find_cuts(graph);
  std::vector<int> cuts = parse_cuts(arguments.at, static_cast<int>(chain.blocks.size()));
  cuts.push_back(static_cast<int>(chain.blocks.size()));
  ensure_writable_folder(arguments.out);
  int first = 0;
  for (std::size_t k = 0; k < cuts.size(); first = cuts[k++]) {
    const auto file = std::filesystem::path(arguments.out) / fmt::format("slice-{}.onnx", k);
    const std::string content = slice_file(graph, chain, first, cuts[k] - 1);
    write_file(file, content);
    fmt::print("Written: {}: blocks {}-{}, {}\n", file.string(), first, cuts[k] - 1,
               format(Bytes(static_cast<double>(content.size()))));
  }
}

void list(const ModelArguments& arguments) {
  if (arguments.json) {
    Json json = Json::array();
    for (const ZooEntry& entry : zoo_list()) {
      json.push_back(
          {{"name", entry.name}, {"input_size", entry.input_size}, {"parameters", entry.parameters}});
    }
    print_json(json);
    return;
  }
  fmt::print("{:<20}  {:>11}  {:>12}\n", "network", "input", "parameters");
  for (const ZooEntry& entry : zoo_list()) {
    fmt::print("{:<20}  {:>11}  {:>12}\n", entry.name, fmt::format("3x{0}x{0}", entry.input_size),
               entry.parameters);
  }
}

void export_zoo(const ModelArguments& arguments) {
  write_zoo_model(arguments.model, arguments.out);
  fmt::print("Written: {}\n", arguments.out);
}

}  // namespace

CLI::App* add_model(CLI::App& app, ModelLoader load) {
  CLI::App* model = app.add_subcommand("model", "Look at a model's cuts, slice it, export one of the zoo");
  model->require_subcommand(1);
  const auto arguments = std::make_shared<ModelArguments>();
  arguments->load = std::move(load);
  const auto add_source = [&](CLI::App* command) {
    command->add_option("model", arguments->model, "An .onnx file or the name of a zoo network")->required();
    command
        ->add_option("--shape", arguments->shapes, "An input's shape, name=1,3,224,224; once for each input")
        ->allow_extra_args(false);
  };

  CLI::App* listing = model->add_subcommand("list", "The networks of the zoo");
  listing->add_flag("--json", arguments->json, "As JSON");
  listing->callback([arguments] { list(*arguments); });

  CLI::App* info = model->add_subcommand("info", "Size, work, and where it can be cut");
  add_source(info);
  info->add_flag("--json", arguments->json, "As JSON");
  info->callback([arguments] { show(*arguments); });

  CLI::App* slicing =
      model->add_subcommand("slice", "Write slice-0.onnx, slice-1.onnx, ... of a model cut at some places");
  add_source(slicing);
  slicing->add_option("--at", arguments->at, "Numbers of cuts, as `kerf model info` lists them: 3 or 3,17")
      ->required();
  slicing->add_option("--out", arguments->out, "The folder for the slices")->required();
  slicing->callback([arguments] { slice(*arguments); });

  CLI::App* exporting = model->add_subcommand("export", "Write a network of the zoo as an .onnx file");
  exporting->add_option("network", arguments->model, "The name of a zoo network")->required();
  exporting->add_option("file", arguments->out, "The file to write")->required();
  exporting->callback([arguments] { export_zoo(*arguments); });
  return model;
}

}  // namespace kerf::cli
