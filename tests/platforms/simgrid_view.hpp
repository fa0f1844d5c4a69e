#pragma once
// What SimGrid itself makes of a platform file. SimGrid has one engine per process, so each file is loaded in
// a forked child, which sends back what it saw.

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace kerf::test {

struct SimgridLink {
  double bandwidth = 0, latency = 0;
  bool fatpipe = false;
};

struct SimgridHost {
  double speed = 0;
  int cores = 0;
};

struct SimgridRoute {
  bool found = true;  // false: SimGrid threw
  double latency = 0;
  std::vector<std::string> links;  // without SimGrid's own __loopback__
};

struct SimgridView {
  bool complete = false;  // false: SimGrid refused the file or ended the process
  std::string said;       // what it wrote on stderr
  std::map<std::string, SimgridLink> links;
  std::map<std::string, SimgridHost> hosts;
  std::map<std::pair<std::string, std::string>, SimgridRoute> routes;  // every ordered pair of two hosts
};

[[nodiscard]] SimgridView load_in_simgrid(const std::filesystem::path& file);

}  // namespace kerf::test
