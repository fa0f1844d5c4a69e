#include "tests/platforms/simgrid_view.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <iomanip>
#include <simgrid/s4u.hpp>
#include <sstream>
#include <stdexcept>

namespace kerf::test {
namespace {

// One line a fact, tabs between its parts; names hold no tabs.
void describe(simgrid::s4u::Engine& engine, std::ostream& out) {
  using Policy = simgrid::s4u::Link::SharingPolicy;
  out << std::setprecision(17);
  for (const auto* link : engine.get_all_links()) {
    out << "link\t" << link->get_name() << '\t' << link->get_bandwidth() << '\t' << link->get_latency()
        << '\t' << (link->get_sharing_policy() == Policy::FATPIPE) << '\n';
  }
  const auto hosts = engine.get_all_hosts();
  for (const auto* host : hosts) {
    out << "host\t" << host->get_name() << '\t' << host->get_speed() << '\t' << host->get_core_count()
        << '\n';
  }
  for (const auto* from : hosts) {
    for (const auto* to : hosts) {
      if (from == to) continue;
      std::vector<simgrid::s4u::Link*> links;
      double latency = 0;
      bool found = true;
      try {
        from->route_to(to, links, &latency);
      } catch (const std::exception&) {
        found = false;
      }
      out << "route\t" << from->get_name() << '\t' << to->get_name() << '\t' << found << '\t' << latency;
      for (const auto* link : links) {
        if (link->get_name() != "__loopback__") out << '\t' << link->get_name();
      }
      out << '\n';
    }
  }
  out << "end\n";
}

[[noreturn]] void run_child(const std::filesystem::path& file, const std::string& facts,
                            const std::string& said) {
  if (std::freopen(said.c_str(), "w", stderr) == nullptr) ::_exit(2);
  try {
    std::string arguments[] = {"simgrid", "--cfg=network/model:CM02", "--log=root.thresh:error"};
    char* pointers[] = {arguments[0].data(), arguments[1].data(), arguments[2].data(), nullptr};
    int count = 3;
    simgrid::s4u::Engine engine(&count, pointers);
    engine.load_platform(file.string());
    engine.seal_platform();
    std::ofstream out(facts);
    describe(engine, out);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    std::fflush(stderr);
    ::_exit(1);
  }
  std::fflush(stderr);
  ::_exit(0);  // no destructors: the engine is left to the system
}

std::vector<std::string> parts(const std::string& line) {
  std::vector<std::string> parts;
  std::istringstream in(line);
  for (std::string part; std::getline(in, part, '\t');) parts.push_back(part);
  return parts;
}

SimgridView parse(std::istream& facts) {
  SimgridView view;
  for (std::string line; std::getline(facts, line);) {
    const std::vector<std::string> part = parts(line);
    if (part[0] == "link") {
      view.links[part[1]] = {std::stod(part[2]), std::stod(part[3]), part[4] == "1"};
    } else if (part[0] == "host") {
      view.hosts[part[1]] = {std::stod(part[2]), std::stoi(part[3])};
    } else if (part[0] == "route") {
      view.routes[{part[1], part[2]}] = {part[3] == "1", std::stod(part[4]), {part.begin() + 5, part.end()}};
    } else if (part[0] == "end") {
      view.complete = true;
    }
  }
  return view;
}

}  // namespace

SimgridView load_in_simgrid(const std::filesystem::path& file) {
  const std::string facts = file.string() + ".facts";
  const std::string said = file.string() + ".said";
  const ::pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("cannot fork");
  if (child == 0) run_child(file, facts, said);
  int status = 0;
  ::waitpid(child, &status, 0);
  std::ifstream facts_in(facts);
  SimgridView view = parse(facts_in);
  view.complete = view.complete && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  std::ostringstream text;
  text << std::ifstream(said).rdbuf();
  view.said = text.str();
  std::filesystem::remove(facts);
  std::filesystem::remove(said);
  return view;
}

}  // namespace kerf::test
