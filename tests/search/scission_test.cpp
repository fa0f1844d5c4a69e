// Scission's own answers on published measurements, which this search must reproduce: its first five plans of
// every query that constraints can express here. The files are not part of the project (see the README of
// their folder); without them the tests skip.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "planner/search/search.hpp"
#include "tests/search/problems.hpp"

namespace kerf {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)
using Json = nlohmann::json;

const std::filesystem::path kFolder =
    std::filesystem::path(KERF_SOURCE_DIR) / "../shared/data/scission/expected";

// Scission sends in one direction only, each hop costing one whole ping and its bytes; nothing comes back.
Problem read_problem(const Json& file) {
  std::vector<double> cuts{file["input_bytes"].get<double>()};
  for (const Json& block : file["blocks"]) cuts.push_back(block["out_bytes"].get<double>());
  Problem p = chain(cuts);
  p.workload.return_result = false;
  for (const char* tier : {"device", "edge", "cloud"}) {
    for (const Json& system : file["systems"]) {
      if (system["tier"] != tier) continue;
      const int rank = tier == std::string("device") ? 0 : tier == std::string("edge") ? 1 : 2;
      add_host(p, system["name"], rank, system["seconds"].get<std::vector<double>>()).tier = tier;
    }
  }
  for (const Json& link : file["network"]) {
    connect_one_way(p, link["src"].get<std::string>(), link["dst"].get<std::string>(),
                    Seconds(link["ping_ms"].get<double>() / 1000),
                    BytesPerSecond(link["mbps"].get<double>() * 125000));
  }
  return p;
}

// Applies one of Scission's flags; false where it has no counterpart here.
bool apply(Problem& p, const Json& file, const std::string& flag, const std::string& value) {
  const std::string tier = flag.starts_with("-d") || flag.starts_with("--device") ? "device"
                           : flag.starts_with("-e") || flag.starts_with("--edge") ? "edge"
                                                                                  : "cloud";
  if (flag.ends_with("-time")) return false;
  std::vector<ProblemHost*> hosts;
  for (ProblemHost& host : p.hosts) {
    if (host.tier == tier) hosts.push_back(&host);
  }
  for (ProblemHost* host : hosts) {
    if (flag.ends_with("-upload")) {
      host->upload = Bytes(std::stod(value) * 1e6);
    } else if (value == "-1") {
      host->used = false;
    } else if (hosts.size() > 1) {
      return false;  // "one of these two": a tier's constraint, which a host's cannot say
    } else if (value == "!-1") {
      host->used = true;
    } else {
      host->must_run.resize(static_cast<std::size_t>(p.blocks));
      for (std::size_t b = 0; b < host->must_run.size(); ++b) {
        const Json& block = file["blocks"][b];
        if (block["first"] <= std::stoi(value) && std::stoi(value) <= block["last"]) host->must_run[b] = true;
      }
    }
  }
  return true;
}

// A block measured as 0 s makes Scission take its host for unused and forget the transfer to it. On resnet50
// (vm2Core's last two blocks) this touches every query but these.
bool is_sound(const std::string& model, const std::string& query) {
  return model != "resnet50" || query == "any" || query == "no_edge";
}

class Scission : public ::testing::TestWithParam<const char*> {};

TEST_P(Scission, HasTheSameFiveBestPlans) {
  const std::filesystem::path path = kFolder / GetParam();
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is absent";
  const Json file = Json::parse(std::ifstream(path));
  int compared = 0;
  for (const Json& query : file["queries"]) {
    SCOPED_TRACE(query["name"].get<std::string>());
    Problem p = read_problem(file);
    bool expressible = is_sound(file["model"], query["name"]);
    const auto args = query["args"].get<std::vector<std::string>>();
    for (std::size_t i = 0; i + 1 < args.size(); i += 2) {
      expressible = expressible && apply(p, file, args[i], args[i + 1]);
    }
    if (!expressible) continue;
    ++compared;
    const std::vector<PlanCost> found = best_plans(p, {.top = static_cast<int>(query["top"].size())}).plans;
    ASSERT_EQ(found.size(), query["top"].size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_NEAR(found[i].latency.value(), query["top"][i]["seconds"].get<double>(), 1e-9) << "place " << i;
      EXPECT_NEAR(found[i].compute.value(), query["top"][i]["compute_s"].get<double>(), 1e-9)
          << "place " << i;
    }
  }
  EXPECT_GE(compared, 2);
}

INSTANTIATE_TEST_SUITE_P(Published, Scission,
                         ::testing::Values("resnet50.json", "synth20.json", "synth20_3g.json"),
                         [](const auto& tested) {
                           const std::string file = tested.param;
                           return file.substr(0, file.find('.'));
                         });

}  // namespace
}  // namespace kerf
