// The way of somebody who comes with Scission's measurements: profiles from block times, a platform file, a
// scenario, and each query as constraints on tiers (docs/scission.md), all from the command line.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "tests/cli/run_program.hpp"
#include "tests/search/scission_data.hpp"

namespace kerf {
namespace {

using Json = nlohmann::json;

// "6700k(GPU)" -> "6700k_GPU_": names of host classes are letters, digits, _ and -.
std::string plain(std::string name) {
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
}

class ScissionCli : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (testing::scission_answers().empty()) GTEST_SKIP() << "Scission's measurements are not here";
    file_ = Json::parse(std::ifstream(testing::scission_answers() / GetParam()));
    folder_ = std::filesystem::path(::testing::TempDir()) / fmt::format("scission-{}", GetParam());
    std::filesystem::create_directories(folder_);
    import_profiles();
    write_platform();
    write_scenario();
  }

  [[nodiscard]] Ran kerf(const std::vector<std::string>& arguments) const {
    return run_kerf(arguments, {.folder = folder_});
  }

  void import_profiles() const {
    for (const Json& system : file_["systems"]) {
      const std::string name = plain(system["name"]);
      std::string csv = "block,seconds,output_bytes\n";
      for (std::size_t block = 0; block < file_["blocks"].size(); ++block) {
        csv += fmt::format("{},{},{}\n", block, system["seconds"][block].get<double>(),
                           file_["blocks"][block]["out_bytes"].get<long>());
      }
      write_file(folder_ / (name + ".csv"), csv);
      const Ran ran = kerf({"import-profile", name + ".csv", "--model", file_["model"].get<std::string>(),
                            "--as", name, "--input-bytes",
                            fmt::format("{}B", file_["input_bytes"].get<long>()), "--out", name + ".json"});
      ASSERT_EQ(ran.exit_code, 0) << ran.err;
    }
  }

  // One link and one route for each row of Scission's network.
  void write_platform() const {
    std::string xml =
        "<?xml version=\"1.0\"?>\n<platform version=\"4.1\">\n<zone id=\"net\" routing=\"Full\">\n";
    std::string routes;
    for (const Json& system : file_["systems"]) {
      xml += fmt::format("<host id=\"{}\" speed=\"1Gf\"/>\n", plain(system["name"]));
    }
    for (const Json& row : file_["network"]) {
      const std::string from = plain(row["src"]);
      const std::string to = plain(row["dst"]);
      xml += fmt::format("<link id=\"{}-{}\" bandwidth=\"{}Mbps\" latency=\"{}ms\"/>\n", from, to,
                         row["mbps"].get<double>(), row["ping_ms"].get<double>());
      routes += fmt::format(
          "<route src=\"{0}\" dst=\"{1}\" symmetrical=\"NO\"><link_ctn id=\"{0}-{1}\"/></route>\n", from, to);
    }
    write_file(folder_ / "platform.xml", xml + routes + "</zone>\n</platform>\n");
  }

  void write_scenario() const {
    std::string toml = "[platform]\nfile = \"platform.xml\"\n[workload]\nreturn_result = false\n";
    for (const Json& system : file_["systems"]) {
      const std::string name = plain(system["name"]);
      toml += fmt::format("[hosts.{0}]\ntier = \"{1}\"\nprofile = \"{0}.json\"\n", name,
                          system["tier"].get<std::string>());
    }
    write_file(folder_ / "scenario.toml", toml);
  }

  // One of Scission's flags as an override.
  [[nodiscard]] std::string constraint(const std::string& flag, const std::string& value) const {
    const std::string key = "constraints.tier." + testing::tier_of_flag(flag);
    if (flag.ends_with("-upload")) return fmt::format("{}.upload={}MB", key, value);
    if (flag.ends_with("-time"))
      return fmt::format("{}.compute={}{}", key, value, value.ends_with('%') ? "" : "s");
    if (value == "-1" || value == "!-1") return fmt::format("{}.used={}", key, value == "!-1");
    const bool forbidden = value.starts_with('!');
    const int layer = std::stoi(value.substr(forbidden ? 1 : 0));
    int block = 0;
    while (file_["blocks"][static_cast<std::size_t>(block)]["last"] < layer) ++block;
    return fmt::format("{}.{}=[{}]", key, forbidden ? "must_not_run" : "must_run", block);
  }

  Json file_;
  std::filesystem::path folder_;
};

// Whether Scission forgot the bytes sent to a slice that was measured as 0 s: see
// tests/search/scission_test.cpp.
bool is_faulty(const Json& file, const Json& answer) {
  for (const char* tier : {"edge", "cloud"}) {
    const Json& part = answer[tier];
    if (part[0].is_null() || part[1].get<int>() <= 0) continue;
    for (const Json& system : file["systems"]) {
      if (system["name"] != part[0]) continue;
      double sum = 0;
      for (std::size_t block = 0; block < file["blocks"].size(); ++block) {
        const Json& layers = file["blocks"][block];
        if (layers["first"] >= part[1] && layers["last"] <= part[2])
          sum += system["seconds"][block].get<double>();
      }
      if (sum == 0) return true;
    }
  }
  return false;
}

TEST_P(ScissionCli, EveryQueryHasTheSameBestPlans) {
  for (const Json& query : file_["queries"]) {
    SCOPED_TRACE(query["name"].get<std::string>());
    std::vector<std::string> arguments{"plan", "scenario.toml", "--json", "--top", "10"};
    for (std::size_t i = 0; i + 1 < query["args"].size(); i += 2) {
      arguments.emplace_back("--set");
      arguments.push_back(constraint(query["args"][i], query["args"][i + 1]));
    }
    const Ran ran = kerf(arguments);
    ASSERT_EQ(ran.exit_code, query["top"].empty() ? 10 : 0) << ran.err;
    std::vector<Json> plans = Json::parse(ran.out)["plans"];
    std::erase_if(plans, [](const Json& plan) {
      return std::any_of(plan["slices"].begin(), plan["slices"].end(), [](const Json& slice) {
        return slice["first_block"] > 0 && slice["seconds"] == 0.0;
      });
    });
    std::size_t place = 0;
    for (const Json& answer : query["top"]) {
      if (is_faulty(file_, answer)) continue;
      ASSERT_LT(place, plans.size());
      EXPECT_NEAR(plans[place]["latency_s"].get<double>(), answer["seconds"].get<double>(), 1e-9);
      EXPECT_NEAR(plans[place]["compute_s"].get<double>(), answer["compute_s"].get<double>(), 1e-9);
      ++place;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Published, ScissionCli,
                         ::testing::Values("resnet50.json", "synth20.json", "synth20_3g.json"),
                         [](const auto& tested) {
                           const std::string file = tested.param;
                           return file.substr(0, file.find('.'));
                         });

}  // namespace
}  // namespace kerf
