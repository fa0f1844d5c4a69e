#include "testbed/executors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/error.hpp"
#include "base/text.hpp"

namespace kerf {
namespace {

const ProblemHost& class_of(const Problem& problem, int index) {
  return problem.hosts[static_cast<std::size_t>(index)];
}

// Quantities as flags take them, exactly.
std::string flag(Seconds time) {
  return format_exact(time.value()) + "s";
}
std::string flag(Bytes amount) {
  return format_exact(amount.value()) + "B";
}
std::string flag(PerSecond rate) {
  return format_exact(rate.value()) + "/s";
}

void add_model(const Scenario& scenario, const Problem& problem, int host_class,
               std::vector<std::string>& words) {
  words.push_back(scenario.model.file.empty() ? scenario.model.zoo : scenario.model.file.string());
  if (words.back().empty()) {
    throw Error(ErrorCode::kUsage, scenario.file.string(), "no [model]", "model.file or model.zoo",
                "profiles alone cannot be run");
  }
  for (const auto& [input, shape] : scenario.model.shape)
    words.insert(words.end(), {"--shape", fmt::format("{}={}", input, fmt::join(shape, ","))});
  const ProblemHost& host = class_of(problem, host_class);
  words.insert(words.end(), {"--as", host.name, "--threads", fmt::format("{}", host.threads), "--workers",
                             fmt::format("{}", host.workers), "--insecure"});
}

bool has_raw_input(const Scenario& scenario) {
  return scenario.model.wire_bytes.has_value() || scenario.model.decode > Seconds(0);
}

std::string arrivals_word(Arrivals arrivals) {
  switch (arrivals) {
    case Arrivals::kSingle:
      return "single";
    case Arrivals::kClosed:
      return "closed";
    case Arrivals::kPeriodic:
      return "periodic";
    case Arrivals::kPoisson:
      return "poisson";
  }
  return "";
}

}  // namespace

std::vector<std::pair<int, int>> slices_of(std::span<const Plan> plans, int host_class) {
  std::set<std::pair<int, int>> slices;
  for (const Plan& plan : plans) {
    for (const Stage& stage : plan.stages) {
      if (stage.host == host_class) slices.emplace(stage.first_block, stage.last_block);
    }
  }
  return {slices.begin(), slices.end()};
}

std::vector<ServerPlace> server_places(const Problem& problem, std::span<const Plan> plans) {
  std::vector<ServerPlace> places;
  for (int c = 0; c < static_cast<int>(problem.hosts.size()); ++c) {
    if (c == problem.source || slices_of(plans, c).empty()) continue;
    for (int device = 0; device < problem.devices(); ++device) {
      const ServerPlace place{.host_class = c, .host = problem.instance(c, device)};
      if (std::ranges::find(places, place) == places.end()) places.push_back(place);
    }
  }
  std::ranges::stable_sort(places, [&](const ServerPlace& a, const ServerPlace& b) {
    return class_of(problem, a.host_class).rank > class_of(problem, b.host_class).rank;
  });
  return places;
}

Addresses next_of(const Problem& problem, const ServerPlace& place, const AddressOf& address_of) {
  Addresses next;
  for (int device = 0; device < problem.devices(); ++device) {
    if (problem.instance(place.host_class, device) != place.host) continue;
    for (int c = 0; c < static_cast<int>(problem.hosts.size()); ++c) {
      const ProblemHost& later = class_of(problem, c);
      if (later.rank <= class_of(problem, place.host_class).rank || later.instances.empty()) continue;
      const std::string address = address_of(c, problem.instance(c, device));
      const auto [known, is_new] = next.emplace(later.name, address);
      if (is_new || known->second == address) continue;
      throw Error(ErrorCode::kUnsupported, fmt::format("hosts.{}", later.name),
                  fmt::format("one host of {} sends the requests of different devices to different hosts",
                              class_of(problem, place.host_class).name),
                  "one next host", "make the counts of the classes divide each other");
    }
  }
  return next;
}

std::vector<std::string> serve_words(const Scenario& scenario, const Problem& problem,
                                     std::span<const Plan> plans, const ServerPlace& place,
                                     const std::string& listen, const Addresses& next) {
  std::vector<std::string> words{"serve"};
  add_model(scenario, problem, place.host_class, words);
  words.insert(words.end(), {"--listen", listen});
  for (const auto& [first, last] : slices_of(plans, place.host_class))
    words.insert(words.end(), {"--slice", fmt::format("{}-{}", first, last)});
  for (const auto& [name, address] : next)
    words.insert(words.end(), {"--next", fmt::format("{}={}", name, address)});
  if (has_raw_input(scenario)) words.insert(words.end(), {"--decode", flag(scenario.model.decode)});
  return words;
}

std::vector<std::string> run_words(const Scenario& scenario, const Problem& problem, const Plan& plan,
                                   int device, Seconds rest, const Addresses& hosts,
                                   const std::filesystem::path& out) {
  const Workload& workload = problem.workload;
  std::vector<std::string> words{"run"};
  add_model(scenario, problem, problem.source, words);
  words.insert(words.end(), {"--plan", to_text(plan, problem.host_names())});
  for (const auto& [name, address] : hosts)
    words.insert(words.end(), {"--host", fmt::format("{}={}", name, address)});
  words.insert(words.end(),
               {"--arrivals", arrivals_word(workload.arrivals), "--requests",
                fmt::format("{}", workload.requests), "--warmup", fmt::format("{}", workload.warmup),
                "--seed", fmt::format("{}", workload.seed), "--device", fmt::format("{}", device)});
  if (workload.arrivals == Arrivals::kPeriodic || workload.arrivals == Arrivals::kPoisson)
    words.insert(words.end(), {"--rate", flag(workload.rate)});
  if (workload.arrivals == Arrivals::kClosed)
    words.insert(words.end(), {"--in-flight", fmt::format("{}", workload.in_flight)});
  if (rest > Seconds(0)) words.insert(words.end(), {"--rest", flag(rest)});
  if (has_raw_input(scenario)) words.insert(words.end(), {"--input-bytes", flag(problem.wire_bytes)});
  words.insert(words.end(), {"--wait", "--out", out.string()});
  return words;
}

}  // namespace kerf
