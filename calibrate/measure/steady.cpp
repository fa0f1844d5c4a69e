#include "calibrate/measure/steady.hpp"

#include <algorithm>

namespace kerf {
namespace {

constexpr double kSame = 0.02;  // relative: within this, two levels are the same

constexpr double kMost = 0.75;  // of the visits

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Of the visits that go on behind `place`, in how many the run there is slower than what follows.
bool settles_at(std::span<const Visit> visits, std::size_t place) {
  std::size_t slower = 0;
  std::size_t count = 0;
  for (const Visit& visit : visits) {
    if (place + 1 >= visit.size()) continue;
    ++count;
    const auto next = visit.begin() + static_cast<std::ptrdiff_t>(place + 1);
    if (visit[place] > (1 + kSame) * median({next, visit.end()})) ++slower;
  }
  return count > 0 && static_cast<double>(slower) >= kMost * static_cast<double>(count);
}

}  // namespace

bool warm(std::span<const double> runs) {
  if (runs.size() < 2) return false;
  const double fastest_before = *std::min_element(runs.begin(), runs.end() - 1);
  return runs.back() > (1 - kSame) * fastest_before;
}

std::size_t settling_runs(std::span<const Visit> visits) {
  std::size_t place = 0;
  while (settles_at(visits, place)) ++place;
  return place;
}

std::vector<double> steady_runs(std::span<const Visit> visits, std::size_t settling) {
  std::vector<double> runs;
  for (const Visit& visit : visits) {
    if (visit.empty()) continue;
    const auto first = visit.begin() + static_cast<std::ptrdiff_t>(std::min(settling, visit.size() - 1));
    runs.insert(runs.end(), first, visit.end());
  }
  std::sort(runs.begin(), runs.end());
  return runs;
}

std::vector<double> steady_runs(std::span<const Visit> visits) {
  return steady_runs(visits, settling_runs(visits));
}

}  // namespace kerf
