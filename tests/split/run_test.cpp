// `kerf run` and `kerf serve` as their users see them.

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/file.hpp"
#include "planner/plans/arrivals.hpp"
#include "tests/split/server_process.hpp"
#include "tests/split/split_fixture.hpp"

namespace kerf::test {
namespace {

struct Ran {
  int exit_code = -1;
  std::string out;
};

Ran kerf_run(const std::string& arguments) {
  std::FILE* const pipe =
      ::popen((std::string(KERF_RUN_PROGRAM) + " run " + arguments + " 2>&1").c_str(), "r");
  Ran ran;
  std::array<char, 4096> buffer{};
  for (std::size_t got = 0; (got = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    ran.out.append(buffer.data(), got);
  const int status = ::pclose(pipe);
  ran.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ran;
}

// A file's rows, split at commas that are not in quotes.
std::vector<std::vector<std::string>> rows_of(const std::string& csv) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(csv);
  for (std::string line; std::getline(lines, line);) {
    rows.emplace_back(1);
    bool quoted = false;
    for (const char letter : line) {
      if (letter == '"') {
        quoted = !quoted;
      } else if (letter == ',' && !quoted) {
        rows.back().emplace_back();
      } else {
        rows.back().back() += letter;
      }
    }
  }
  return rows;
}

class Run : public testing::Test {
 protected:
  TempFolder folder_;
  std::string file_ = folder_.write("small.onnx", onnx_model(kSmallNetwork)).string();
  int last_ = static_cast<int>(find_cuts(import_onnx(file_)).blocks.size()) - 1;
  ServerProcess cloud_{
      {file_, "--as", "cloud", "--slice", "2-" + std::to_string(last_), "--listen", "127.0.0.1:0"}};
  ServerProcess edge_{{file_, "--as", "edge", "--slice", "1", "--slice", "0-" + std::to_string(last_),
                       "--next", "cloud=" + cloud_.address(), "--decode", "1ms", "--listen", "127.0.0.1:0"}};
  std::string chain_ = plan_text({{"camera", 0, 0}, {"edge", 1, 1}, {"cloud", 2, last_}});
  std::string common_ = file_ + " --as camera --host edge=" + edge_.address();
  std::string csv_ = (folder_.path() / "outcomes.csv").string();
};

TEST_F(Run, AChainOfThreeAnswersEveryRequestRight) {
  const Ran ran =
      kerf_run(common_ + " --plan " + chain_ +
               " --requests 6 --warmup 2 --arrivals poisson --rate 50/s --seed 3 --device 2 --ordered"
               " --verify --out " +
               csv_);
  ASSERT_EQ(ran.exit_code, 0) << ran.out;
  EXPECT_THAT(ran.out, testing::HasSubstr("6 requests: mean"));
  const auto rows = rows_of(read_file(csv_));
  ASSERT_EQ(rows.size(), 9U);
  EXPECT_EQ(rows[0].size(), 17U);
  Workload workload;
  workload.arrivals = Arrivals::kPoisson;
  workload.rate = PerSecond(50);
  workload.seed = 3;
  const ArrivalProcess arrivals(workload, 3);
  double date = 0;
  double delivered = 0;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const std::vector<std::string>& row = rows[i];
    ASSERT_EQ(row.size(), 17U);
    date += arrivals.gap(2, static_cast<int>(i) - 1).value();
    EXPECT_EQ(row[0], "2");
    EXPECT_EQ(row[1], std::to_string(i - 1));
    EXPECT_DOUBLE_EQ(std::stod(row[2]), date);  // the simulator's own arrivals
    EXPECT_GE(std::stod(row[4]), delivered);    // in order
    delivered = std::stod(row[4]);
    EXPECT_EQ(row[6], i <= 2 ? "1" : "0");
    EXPECT_EQ(row[7], chain_);
    EXPECT_EQ(row[8], "ok");
    EXPECT_LE(std::stod(row[15]), 1e-4);
    EXPECT_THAT(row[16], testing::MatchesRegex("camera:0-0=.*;edge:1-1=.*;cloud:2-.*"));
  }
}

TEST_F(Run, JsonIsForPrograms) {
  const Ran ran = kerf_run(common_ + " --plan edge:0-" + std::to_string(last_) +
                           " --input-bytes 20kB --requests 3 --verify --json");
  ASSERT_EQ(ran.exit_code, 0) << ran.out;
  const auto json = nlohmann::json::parse(ran.out.substr(ran.out.find('{')));
  EXPECT_EQ(json.at("requests"), 3);
  EXPECT_EQ(json.at("outcomes").at("ok"), 3);
  EXPECT_EQ(json.at("bytes_sent"), 20000);
  EXPECT_GE(json.at("compute_s").get<double>(), 1e-3);  // the decoding
  EXPECT_LE(json.at("worst_difference").get<double>(), 1e-4);
}

TEST_F(Run, WaitsForItsHostsAndForAWord) {
  const Ran ran = kerf_run(common_ + " --plan " + chain_ + " --wait </dev/null");
  EXPECT_EQ(ran.exit_code, 0) << ran.out;
  EXPECT_THAT(ran.out, testing::HasSubstr("ready\n"));
  const Ran missing =
      kerf_run(common_ + " --plan edge:0-1,camera:2-" + std::to_string(last_) + " --wait </dev/null");
  EXPECT_NE(missing.exit_code, 0);
  EXPECT_THAT(missing.out, testing::HasSubstr("small.0-1"));
}

TEST_F(Run, WhenNobodyAnswersItAnswersItself) {
  const Ran ran = kerf_run(file_ + " --as camera --host edge=127.0.0.1:1 --plan " + chain_ +
                           " --requests 3 --verify --json");
  EXPECT_EQ(ran.exit_code, 0) << ran.out;
  EXPECT_THAT(ran.out, testing::HasSubstr("\"local\": 3"));
}

// The summary once said that the device had finished these.
TEST(RunOfAModelThatFails, SaysThatRequestsWereFinishedNowhere) {
  const TempFolder folder;
  const std::string file = folder
                               .write("lookup.onnx", onnx_model(R"(
    input row 1 int64
    weight table 8,4
    a = Gather(table, row)
    y = Relu(a)
    output y
  )"))
                               .string();
  const std::string beyond = folder.write("row", std::string("\x40\0\0\0\0\0\0\0", 8)).string();
  const int last = static_cast<int>(find_cuts(import_onnx(file)).blocks.size()) - 1;
  const Ran ran = kerf_run(file + " --as camera --plan " + plan_text({{"camera", 0, last}}) + " --input " +
                           beyond + " --requests 2");
  EXPECT_EQ(ran.exit_code, 20) << ran.out;
  EXPECT_THAT(ran.out, testing::HasSubstr("2 x finished nowhere\n"));
  EXPECT_THAT(ran.out, testing::Not(testing::AnyOf(testing::HasSubstr("finished here"),
                                                   testing::HasSubstr("2 x \n"))));
}

}  // namespace
}  // namespace kerf::test
