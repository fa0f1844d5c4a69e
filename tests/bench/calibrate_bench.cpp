// Calibrations held against what they are meant to reach: how many of the measured slices are within 3 % when
// the budget ends, how far the fit is from slices that it has not seen beside their own noise, and the most
// memory, as a share of three times the model's weights plus 1 GB. Each network in a process of its own.
//
//   calibrate_bench [NETWORK BUDGET HELD_OUT]...
//                   # resnet50 90s 40 mobilenetv2 30s 40 vgg16 30s 0 unless given

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/text.hpp"
#include "calibrate/measure/calibrate.hpp"
#include "models/cuts.hpp"
#include "models/zoo/zoo.hpp"

namespace {

using namespace kerf;

constexpr double kWidth = 0.03;

struct Row {
  std::string network;
  Seconds budget;
  int held_out = 0;
};

void print_calibration(const Row& row) {
  CalibrateOptions options;
  options.host = "bench";
  options.budget = row.budget;
  options.width = kWidth;
  options.validate = row.held_out;
  const auto model = [&](int) -> CutModel {
    Graph graph = zoo_graph(row.network);
    Chain chain = find_cuts(graph);
    return {std::move(graph), std::move(chain)};
  };
  const Calibration calibration = calibrate(model, options, {}, {});
  const ProfileRow& measured = calibration.profile.rows.front();
  std::string accuracy = fmt::format("{:>6} {:>15} {:>15} {:>5}", "-", "-", "-", "-");
  if (const auto& v = measured.validation) {
    accuracy =
        fmt::format("{:>6} {:>15} {:>15} {:>5}", v->slices,
                    fmt::format("{:.1f} % {:.1f} %", 100 * v->median_error, 100 * v->p90_error),
                    fmt::format("{:.1f} % {:.1f} %", 100 * v->median_noise, 100 * v->p90_noise), v->voids);
  }
  fmt::print("{:<14} {:>7} {:>7} {:>7} {} ", row.network, format(row.budget), calibration.measured,
             fmt::format("{:.0f} %", 100.0 * calibration.narrow / calibration.measured), accuracy);
}

int run(const Row& row) {
  std::fflush(stdout);
  const pid_t child = ::fork();
  if (child == 0) {
    int code = 0;
    try {
      print_calibration(row);
    } catch (const Error& error) {
      fmt::print(stderr, "{}\n", error.what());
      code = error.exit_code();
    }
    std::fflush(stdout);
    ::_exit(code);
  }
  int status = 0;
  rusage used{};
  if (child < 0 || ::wait4(child, &status, 0, &used) != child || status != 0) return 1;
  const Bytes peak(1024.0 * static_cast<double>(used.ru_maxrss));
  const Bytes allowed = 3 * zoo_graph(row.network).weight_bytes() + Bytes(1e9);
  fmt::print("{:>8} {:>9}\n", format(peak), fmt::format("{:.0f} %", 100 * (peak / allowed)));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<Row> rows;
  try {
    for (int i = 1; i + 2 < argc; i += 3)
      rows.push_back({argv[i], parse_seconds(argv[i + 1], "BUDGET"), std::atoi(argv[i + 2])});
  } catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return error.exit_code();
  }
  if (rows.empty())
    rows = {{"resnet50", Seconds(90), 40}, {"mobilenetv2", Seconds(30), 40}, {"vgg16", Seconds(30), 0}};
  fmt::print("{:<14} {:>7} {:>7} {:>7} {:>6} {:>15} {:>15} {:>5} {:>8} {:>9}\n", "network", "budget",
             "slices", "within", "unseen", "error 50 90", "noise 50 90", "void", "peak", "of limit");
  int failed = 0;
  for (const Row& row : rows) failed += run(row);
  return failed == 0 ? 0 : 1;
}
