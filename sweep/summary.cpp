#include "sweep/summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <utility>

#include "base/text.hpp"

namespace kerf {
namespace {

constexpr std::size_t kPlansShown = 4;  // a group; the rest are counted

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

std::string percent(double share) {
  return fmt::format("{:.0f} %", 100 * share);
}

// 1234567 -> "1,234,567"
std::string grouped(std::size_t number) {
  std::string text = fmt::format("{}", number);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3) {
    text.insert(static_cast<std::size_t>(at), ",");
  }
  return text;
}

bool on_one_host(const Plan& plan) {
  return plan.stages.size() == 1;
}

std::string short_key(const Axis& axis, std::span<const PolicyAxisName> names) {
  const auto named = std::ranges::find(names, axis.key, &PolicyAxisName::observes);
  return named == names.end() ? axis.key : named->name;
}

}  // namespace

std::string Summary::group_of(const Condition& condition) const {
  std::string group;
  for (std::size_t i = 0; i < condition.settings.size(); ++i) {
    if (scenario_.sweep.axes[i].numeric) continue;
    if (!group.empty()) group += ", ";
    group += std::filesystem::path(condition.settings[i].text).stem().string();
  }
  return group;
}

void Summary::add(const Condition& condition, std::span<const SweepRow> rows) {
  ++conditions_;
  for (const SweepRow& row : rows) {
    switch (row.status) {
      case RowStatus::kClosedForm:
        ++closed_form_;
        break;
      case RowStatus::kSimulated:
        ++simulated_;
        requests_ += static_cast<std::size_t>(row.outcome.requests);
        break;
      case RowStatus::kRuledOut:
        ++ruled_out_;
        break;
    }
  }
  const int best = winner(rows, scenario_.objective);
  if (best < 0) return;
  ++feasible_;
  const SweepRow& won = rows[static_cast<std::size_t>(best)];
  const Seconds value = won.value(scenario_.objective);

  Region& region = regions_[group_of(condition)][won.plan];
  ++region.wins;
  std::size_t rest = condition.index;
  std::vector<std::size_t> place(scenario_.sweep.axes.size());
  for (std::size_t i = place.size(); i-- > 0;) {
    const std::size_t points = scenario_.sweep.axes[i].points.size();
    place[i] = rest % points;
    rest /= points;
  }
  if (region.low.empty()) region.low = region.high = place;
  for (std::size_t i = 0; i < place.size(); ++i) {
    region.low[i] = std::min(region.low[i], place[i]);
    region.high[i] = std::max(region.high[i], place[i]);
  }

  Seconds best_uncut(std::numeric_limits<double>::infinity());
  for (const SweepRow& row : rows) {
    if (!on_one_host(row.plan)) continue;
    const Seconds other = row.value(scenario_.objective);
    best_uncut = std::min(best_uncut, other);
    Saving& saving = over_one_host_[row.plan.stages[0].host];
    saving.shares.push_back(other > Seconds(0) ? (other - value) / other : 0);
    saving.at_least |= row.status == RowStatus::kRuledOut;
  }
  if (on_one_host(won.plan)) {
    ++uncut_;
  } else if (best_uncut < Seconds(std::numeric_limits<double>::infinity())) {
    cut_gains_.push_back((best_uncut - value) / best_uncut);
  }
}

std::string Summary::text() const {
  std::vector<std::string> hosts;
  for (const HostClass& host : scenario_.hosts) hosts.push_back(host.name);
  std::string text = fmt::format("\n{}: {} conditions\n", scenario_.name, grouped(conditions_));
  if (closed_form_ > 0)
    text += fmt::format("  {} plans costed in closed form: nothing queues\n", grouped(closed_form_));
  if (simulated_ > 0) {
    text += fmt::format("  {} plans simulated ({} requests), {} ruled out by an exact lower bound\n",
                        grouped(simulated_), grouped(requests_), grouped(ruled_out_));
  }
  if (feasible_ < conditions_) {
    text += fmt::format("  {} conditions have no feasible plan\n", grouped(conditions_ - feasible_));
  }
  if (feasible_ == 0) return text;

  text += "\nWhich plan wins where\n";
  for (const auto& [group, plans] : regions_) {
    std::size_t total = 0;
    std::vector<std::pair<const Plan*, const Region*>> order;
    for (const auto& [plan, region] : plans) {
      order.emplace_back(&plan, &region);
      total += region.wins;
    }
    std::ranges::stable_sort(order,
                             [](const auto& a, const auto& b) { return a.second->wins > b.second->wins; });
    if (!group.empty()) text += fmt::format("  {}\n", group);
    for (std::size_t i = 0; i < std::min(order.size(), kPlansShown); ++i) {
      const auto& [plan, region] = order[i];
      std::string where;
      for (std::size_t a = 0; a < scenario_.sweep.axes.size(); ++a) {
        const Axis& axis = scenario_.sweep.axes[a];
        const bool everywhere = region->low[a] == 0 && region->high[a] + 1 == axis.points.size();
        if (!axis.numeric || everywhere) continue;
        where += fmt::format("{}{} {}", where.empty() ? "" : ", ", short_key(axis, scenario_.sweep.policy),
                             axis.points[region->low[a]].text);
        if (region->low[a] != region->high[a]) where += " to " + axis.points[region->high[a]].text;
      }
      text += fmt::format("    {:>5}  {:<34} {}\n",
                          percent(static_cast<double>(region->wins) / static_cast<double>(total)),
                          to_text(*plan, hosts), where);
    }
    if (order.size() > kPlansShown) {
      std::size_t rest = 0;
      for (std::size_t i = kPlansShown; i < order.size(); ++i) rest += order[i].second->wins;
      text += fmt::format("    {:>5}  {} other plans\n",
                          percent(static_cast<double>(rest) / static_cast<double>(total)),
                          order.size() - kPlansShown);
    }
  }

  text += "\nWhat the table saves over one plan for all conditions (median and most over the conditions)\n";
  for (const auto& [host, saving] : over_one_host_) {
    text += fmt::format("    all on {:<10} {}{:>5}, up to {}\n", hosts[static_cast<std::size_t>(host)],
                        saving.at_least ? "at least " : "         ", percent(median(saving.shares)),
                        percent(*std::ranges::max_element(saving.shares)));
  }

  const double uncut_share = static_cast<double>(uncut_) / static_cast<double>(feasible_);
  text += "\nDoes cutting pay?\n";
  if (uncut_ == feasible_) {
    text += "    Never here: a plan on one host is best in every condition.\n";
  } else {
    text += fmt::format("    In {} of the conditions no: one host alone is best.\n", percent(uncut_share));
    text += fmt::format("    In {} a cut wins, by {} over the best single host (median), at most {}.\n",
                        percent(1 - uncut_share), percent(median(cut_gains_)),
                        percent(cut_gains_.empty() ? 0 : *std::ranges::max_element(cut_gains_)));
  }
  return text;
}

}  // namespace kerf
