#include "planner/search/segment_plans.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

#include "planner/search/constraints.hpp"
#include "planner/search/cost.hpp"
#include "planner/search/envelope.hpp"

namespace kerf {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr std::size_t kMostSequences = 4096;
// Of the largest cost in sight. A thousand times the rounding errors of a sum, and of the line along which
// the columns of a grid lie.
constexpr double kNear = 1e-12;
constexpr double kRounding = 1e-14;

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

const ProblemHost& host_of(const Problem& problem, int host) {
  return problem.hosts[at(host)];
}

// Hosts of rising rank that may follow one another, as far as one can tell without costs.
bool may_follow(const Problem& problem, int from, int to) {
  return host_of(problem, to).rank > host_of(problem, from).rank && host_of(problem, to).used != false &&
         problem.path(from, to).has_value();
}

std::size_t count_sequences(const Problem& problem, int last) {
  std::size_t count = 1;
  for (int next = 0; next < static_cast<int>(problem.hosts.size()); ++next) {
    if (count > kMostSequences) break;
    if (may_follow(problem, last, next)) count += count_sequences(problem, next);
  }
  return count;
}

double inverse(const Path& path) {
  return 1 / path.bandwidth.value();
}

// A move's cost at both ends, delay and overhead left out.
struct Slope {
  double start = 0;
  double end = 0;
};

// Segments of the ways to have a state's blocks done; their labels index the pool of steps.
using Reach = std::vector<std::vector<Segment>>;  // [blocks done]

struct Step {
  int previous = -1;
  int first_block = 0;  // of the last slice
};

}  // namespace

// Goes through the sequences of hosts, depth first, extending envelopes from host to host.
class SegmentSearch {
 public:
  SegmentSearch(const Problem& problem, const Paths& from, const Paths& to)
      : problem_(problem), from_(from), to_(to), tolerance_(kNear * largest_cost()) {}

  void run() {
    for (int host = 0; host < static_cast<int>(problem_.hosts.size()); ++host) {
      if (host_of(problem_, host).used == false || !can_start(host)) continue;
      hosts_ = {host};
      visit(first_slices(host));
    }
  }

  struct Found {
    std::vector<int> hosts;
    Plan plan;
  };
  std::vector<Found> found;

 private:
  // The slowest of everything together: no plan worth a look costs much more.
  [[nodiscard]] double largest_cost() const {
    double compute = 0;
    for (const ProblemHost& host : problem_.hosts)
      compute = std::max(compute, host.compute(0, problem_.blocks - 1).value());
    double bytes = problem_.wire_bytes.value();
    for (const Bytes cut : problem_.cut_bytes) bytes = std::max(bytes, cut.value());
    double slowest = 0;
    for (std::size_t path = 0; path < from_.size(); ++path) {
      if (from_[path]) slowest = std::max({slowest, inverse(*from_[path]), inverse(*to_[path])});
    }
    return compute + bytes * slowest;
  }

  [[nodiscard]] std::size_t path_index(int from, int to) const {
    return at(from) * problem_.hosts.size() + at(to);
  }

  [[nodiscard]] Slope move(int from, int to, Bytes bytes) const {
    const std::size_t path = path_index(from, to);
    return {bytes.value() * inverse(*from_[path]), bytes.value() * inverse(*to_[path])};
  }

  [[nodiscard]] bool can_start(int host) const {
    if (host == problem_.source) return true;
    const auto& cap = host_of(problem_, problem_.source).upload;
    return problem_.path(problem_.source, host) && (!cap || problem_.wire_bytes <= *cap);
  }

  // What `host`, the last of the sequence, may send on.
  [[nodiscard]] bool may_send(int host, Bytes bytes) const {
    const auto& cap = host_of(problem_, host).upload;
    const bool sent_input = host == problem_.source && hosts_.front() != host;
    return !cap || (sent_input ? problem_.wire_bytes : Bytes{}) + bytes <= *cap;
  }

  [[nodiscard]] bool may_run(int host, int block) const {
    if (marks(host_of(problem_, host).must_not_run, block)) return false;
    for (int other = 0; other < static_cast<int>(problem_.hosts.size()); ++other) {
      if (other != host && marks(host_of(problem_, other).must_run, block)) return false;
    }
    return true;
  }

  [[nodiscard]] double slice(int host, int first, int last) const {
    const ProblemHost& here = host_of(problem_, host);
    if (here.memory && !(here.costs->memory(first, last) <= *here.memory)) return kNever;
    return stage_time(problem_, {host, first, last}).value();
  }

  // earliest[last]: no slice that ends there may start before.
  [[nodiscard]] std::vector<int> earliest_starts(int host) const {
    std::vector<int> earliest(at(problem_.blocks));
    int from = 0;
    for (int last = 0; last < problem_.blocks; ++last) {
      if (!may_run(host, last)) from = last + 1;
      earliest[at(last)] = from;
    }
    return earliest;
  }

  int new_step(int previous, int first_block) {
    steps_.push_back({previous, first_block});
    return static_cast<int>(steps_.size()) - 1;
  }

  Reach first_slices(int host) {
    const Slope input = host == problem_.source ? Slope{} : move(problem_.source, host, problem_.wire_bytes);
    const std::vector<int> earliest = earliest_starts(host);
    Reach reach(at(problem_.blocks) + 1);
    const int step = new_step(-1, 0);
    for (int last = 0; last < problem_.blocks && earliest[at(last)] == 0; ++last) {
      const double time = slice(host, 0, last);
      if (time < kNever) reach[at(last) + 1] = {{input.start + time, input.end + time, step}};
    }
    return reach;
  }

  // The slices on `to` after those of `reach`. Where no host can follow, only the last block matters.
  Reach next_slices(const Reach& reach, int from, int to, bool goes_on) {
    const std::vector<int> earliest = earliest_starts(to);
    Reach arrived(reach.size());
    for (int first = 1; first < problem_.blocks; ++first) {
      if (reach[at(first)].empty() || !may_send(from, problem_.bytes_into(first))) continue;
      const Slope cost = move(from, to, problem_.bytes_into(first));
      for (const Segment& before : reach[at(first)]) {
        arrived[at(first)].push_back(
            {before.start + cost.start, before.end + cost.end, new_step(before.label, first)});
      }
    }
    Reach next(reach.size());
    for (int last = goes_on ? 1 : problem_.blocks - 1; last < problem_.blocks; ++last) {
      std::vector<Segment>& here = next[at(last) + 1];
      for (int first = std::max(1, earliest[at(last)]); first <= last; ++first) {
        if (arrived[at(first)].empty()) continue;
        const double time = slice(to, first, last);
        if (time == kNever) continue;
        for (const Segment& before : arrived[at(first)])
          here.push_back({before.start + time, before.end + time, before.label});
      }
      keep_near_envelope(here, tolerance_);
    }
    return next;
  }

  void visit(const Reach& reach) {
    finish(reach.back());
    const int last = hosts_.back();
    for (int next = 0; next < static_cast<int>(problem_.hosts.size()); ++next) {
      if (!may_follow(problem_, last, next)) continue;
      bool goes_on = false;
      for (int after = 0; after < static_cast<int>(problem_.hosts.size()); ++after)
        goes_on = goes_on || may_follow(problem_, next, after);
      hosts_.push_back(next);
      visit(next_slices(reach, last, next, goes_on));
      hosts_.pop_back();
    }
  }

  void finish(const std::vector<Segment>& done) {
    const int last = hosts_.back();
    const bool returns = last != problem_.source && problem_.workload.return_result;
    if (returns && !problem_.path(last, problem_.source)) return;
    for (int host = 0; host < static_cast<int>(problem_.hosts.size()); ++host) {
      const bool is_used = std::find(hosts_.begin(), hosts_.end(), host) != hosts_.end();
      if (host_of(problem_, host).used == true && !is_used) return;
    }
    for (const Segment& way : done) found.push_back({hosts_, plan_of(way.label)});
  }

  [[nodiscard]] Plan plan_of(int step) const {
    Plan plan;
    int last = problem_.blocks - 1;
    for (std::size_t i = hosts_.size(); i-- > 0;) {
      const Step& here = steps_[at(step)];
      plan.stages.push_back({hosts_[i], here.first_block, last});
      last = here.first_block - 1;
      step = here.previous;
    }
    std::reverse(plan.stages.begin(), plan.stages.end());
    return plan;
  }

  const Problem& problem_;
  const Paths& from_;
  const Paths& to_;
  double tolerance_;
  std::vector<int> hosts_;  // of the sequence in hand
  std::vector<Step> steps_;
};

namespace {

SegmentPlans::Sequence make_sequence(const Problem& problem, const std::vector<int>& hosts) {
  SegmentPlans::Sequence made;
  made.hosts = hosts;
  made.starts_away = hosts.front() != problem.source;
  made.returns = hosts.back() != problem.source && problem.workload.return_result;
  const auto add = [&](int from, int to) { made.moves.push_back(at(from) * problem.hosts.size() + at(to)); };
  if (made.starts_away) add(problem.source, hosts.front());
  for (std::size_t i = 1; i < hosts.size(); ++i) add(hosts[i - 1], hosts[i]);
  if (made.returns) add(hosts.back(), problem.source);
  return made;
}

void add_plan(const Problem& problem, const Plan& plan, int index, SegmentPlans::Sequence& sequence) {
  sequence.plans.push_back(index);
  double compute = 0;
  for (const Stage& stage : plan.stages) {
    const double time = stage_time(problem, stage).value();
    sequence.stages.push_back(time);
    compute += time;
    if (sequence.starts_away || stage.first_block > 0)
      sequence.bytes.push_back(problem.bytes_into(stage.first_block).value());
  }
  sequence.compute.push_back(compute);
  if (sequence.returns) sequence.bytes.push_back(result_bytes(problem).value());
}

// The best plan of a sequence takes its place among those of the sequences before.
void offer(int plan, double latency, PointAnswer& answer) {
  if (plan < 0) return;
  const auto beats = [&](int other, double than) {
    return latency < than || (latency == than && (other < 0 || plan < other));
  };
  if (beats(answer.plan, answer.latency)) {
    answer = {plan, answer.plan, latency, answer.latency};
  } else if (beats(answer.runner_up, answer.runner_up_latency)) {
    answer.runner_up = plan;
    answer.runner_up_latency = latency;
  }
}

// What the search above knows of: hosts' own blocks, use, memory and uploads, and hosts of rising rank.
bool has_simple_rules(const Problem& problem) {
  const PlanRules& rules = problem.rules;
  const bool sums = problem.deadline || problem.energy || problem.price || !problem.link_budgets.empty();
  const bool capped = std::any_of(problem.hosts.begin(), problem.hosts.end(), [](const ProblemHost& host) {
    return host.compute_cap.seconds || host.compute_cap.share;
  });
  return !sums && !capped && problem.tiers.empty() && problem.kept.empty() && !rules.any_order &&
         !rules.slices;
}

}  // namespace

bool SegmentPlans::can_make(const Problem& problem) {
  if (!has_simple_rules(problem)) return false;
  std::size_t sequences = 0;
  for (int host = 0; host < static_cast<int>(problem.hosts.size()); ++host) {
    if (sequences <= kMostSequences) sequences += count_sequences(problem, host);
  }
  return sequences <= kMostSequences;
}

SegmentPlans::SegmentPlans(const Problem& problem, const Paths& from, const Paths& to) {
  assert(can_make(problem));
  SegmentSearch search(problem, from, to);
  search.run();
  std::sort(search.found.begin(), search.found.end(),
            [](const auto& a, const auto& b) { return a.plan < b.plan; });
  std::map<std::vector<int>, std::size_t> sequence_of;
  for (SegmentSearch::Found& way : search.found) {
    const auto [known, is_new] = sequence_of.try_emplace(way.hosts, sequences_.size());
    if (is_new) sequences_.push_back(make_sequence(problem, way.hosts));
    Sequence& sequence = sequences_[known->second];
    add_plan(problem, way.plan, static_cast<int>(plans_.size()), sequence);
    plans_.push_back(std::move(way.plan));
    most_moves_ = std::max(most_moves_, sequence.moves.size());
  }
}

PointAnswer SegmentPlans::best_at(std::span<const std::optional<Path>> paths) const {
  PointAnswer answer;
  answer.latency = answer.runner_up_latency = kNever;
  for (const Sequence& sequence : sequences_) {
    const std::size_t moves = sequence.moves.size();
    const auto path = [&](std::size_t move) -> const Path& { return *paths[sequence.moves[move]]; };
    const auto fixed = [&](std::size_t move) { return (path(move).delay + path(move).overhead).value(); };

    // Roughly first, then to the bit those that are nearly least.
    constexpr std::size_t kFew = 8;
    std::array<double, kFew> rates{};
    double fixed_sum = 0;
    for (std::size_t move = 0; move < moves; ++move) {
      fixed_sum += fixed(move);
      if (move < kFew) rates[move] = inverse(path(move));
    }
    const auto rough = [&](std::size_t plan) {
      double sum = sequence.compute[plan];
      const double* bytes = sequence.bytes.data() + plan * moves;
      for (std::size_t move = 0; move < moves; ++move)
        sum += bytes[move] * (move < kFew ? rates[move] : inverse(path(move)));
      return sum;
    };
    const std::size_t count = sequence.plans.size();
    double least = kNever;
    for (std::size_t plan = 0; plan < count; ++plan) least = std::min(least, rough(plan));
    const double limit = least + kRounding * (least + fixed_sum);
    int best = -1;
    double latency = kNever;
    for (std::size_t plan = 0; plan < count; ++plan) {
      if (!(rough(plan) <= limit)) continue;
      const double* bytes = sequence.bytes.data() + plan * moves;
      const double exact = sequence.latency(
          plan, fixed, [&](std::size_t move) { return bytes[move] / path(move).bandwidth.value(); });
      if (exact < latency) {
        latency = exact;
        best = sequence.plans[plan];
      }
    }
    offer(best, latency, answer);
  }
  return answer;
}

}  // namespace kerf
