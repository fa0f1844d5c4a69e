#include "runtime/inference/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "cli/command.hpp"
#include "cli/load_model.hpp"
#include "models/cuts.hpp"
#include "runtime/inference/runtime_shapes.hpp"

namespace kerf::cli {
namespace {

struct VerifyArguments {
  std::string model;
  std::vector<std::string> shapes;
  int threads = 1;
  bool json = false;
};

std::string place(const CutCheck& check) {
  return check.cut == kWholeChain ? "all blocks" : fmt::format("cut {}", check.cut);
}

std::string as_json(const Graph& graph, const VerifyReport& report) {
  nlohmann::ordered_json cuts = nlohmann::ordered_json::array();
  for (const CutCheck& check : report.cuts) {
    nlohmann::ordered_json entry;
    entry["cut"] =
        check.cut == kWholeChain ? nlohmann::ordered_json("chain") : nlohmann::ordered_json(check.cut);
    entry["passed"] = check.passed;
    entry["worst"] = check.worst;
    entry["worst_tensor"] = check.worst_tensor;
    if (!check.problem.empty()) entry["problem"] = check.problem;
    cuts.push_back(std::move(entry));
  }
  const nlohmann::ordered_json document{
      {"model", graph.name},           {"hash", graph.hash},
      {"passed", report.passed()},     {"outputs_differ", report.outputs_differ},
      {"tolerance", report.tolerance}, {"cuts", std::move(cuts)}};
  return document.dump(2) + "\n";
}

std::string as_table(const Graph& graph, const VerifyReport& report) {
  std::string text = fmt::format("{:>10}  {:<6}  {:>10}  {}\n", "place", "result", "difference", "tensor");
  double worst = 0;
  for (const CutCheck& check : report.cuts) {
    worst = std::max(worst, check.worst);
    text += fmt::format("{:>10}  {:<6}  {:>10.2g}  {}{}{}\n", place(check), check.passed ? "same" : "OTHER",
                        check.worst, check.worst_tensor, check.problem.empty() ? "" : ": ", check.problem);
  }
  const auto same =
      std::count_if(report.cuts.begin(), report.cuts.end(), [](const auto& c) { return c.passed; });
  return text + fmt::format(
                    "{}: {} of {} checks passed on two inputs, largest relative difference {:.2g} (tolerance "
                    "{:g})\n",
                    graph.name, same, report.cuts.size(), worst, report.tolerance);
}

void throw_unless_passed(const Graph& graph, const VerifyReport& report) {
  const auto failed = std::find_if(report.cuts.begin(), report.cuts.end(),
                                   [](const CutCheck& check) { return !check.passed; });
  if (failed != report.cuts.end()) {
    const std::string found =
        failed->problem.empty() ? fmt::format("differs by {:.3g}", failed->worst) : failed->problem;
    throw Error(
        ErrorCode::kBadInput, fmt::format("{}, {}", graph.name, place(*failed)),
        fmt::format("tensor \"{}\": {}", failed->worst_tensor, found),
        fmt::format("what the whole model computes, within {:g} of its largest value", report.tolerance),
        "do not cut this model there, and report it");
  }
  if (!report.outputs_differ) {
    throw Error(ErrorCode::kBadInput, graph.name, "gives the same outputs for two different inputs",
                "outputs that depend on the input",
                "check the model: no comparison can prove anything about it");
  }
}

void verify_model(const VerifyArguments& arguments) {
  const Graph graph = load_model(arguments.model, parse_shapes(arguments.shapes), runtime_shapes());
  const Chain chain = find_cuts(graph);
  const VerifyReport report =
      verify(graph, chain, arguments.threads, terminal_progress(fmt::format("verify {}", graph.name)),
             stop_on_interrupt());
  fmt::print("{}", arguments.json ? as_json(graph, report) : as_table(graph, report));
  throw_unless_passed(graph, report);
}

}  // namespace

void add_verify(CLI::App& model) {
  CLI::App* command = model.add_subcommand(
      "verify", "Run every cut and compare crossing tensors and outputs with the whole model");
  const auto arguments = std::make_shared<VerifyArguments>();
  command->add_option("model", arguments->model, "An ONNX file or a name of the zoo")->required();
  command->add_option("--shape", arguments->shapes, "INPUT=1,3,320,320: an input's shape; may be repeated")
      ->allow_extra_args(false);
  command->add_option("--threads", arguments->threads, "Cuts that are checked side by side")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "For programs");
  command->callback([arguments] { verify_model(*arguments); });
}

}  // namespace kerf::cli
