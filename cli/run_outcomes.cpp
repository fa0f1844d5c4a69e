#include "cli/run_outcomes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/text.hpp"

namespace kerf::cli {
namespace {

constexpr double kTolerance = 1e-4;  // as `kerf model verify` has it

constexpr const char* kError = "error";  // outcome and reason of a request that was finished nowhere

std::string outcome_of(const PlayedRequest& request) {
  return !request.error.empty() ? kError : request.answer.reason.empty() ? "ok" : "local";
}

std::string reason_of(const PlayedRequest& request) {
  return request.error.empty() ? request.answer.reason : kError;
}

Seconds computed(const PlayedRequest& request) {
  Seconds sum;
  for (const StageReport& stage : request.answer.stages) sum += stage.compute;
  return sum;
}

Seconds queued(const PlayedRequest& request) {
  Seconds sum;
  for (const StageReport& stage : request.answer.stages) sum += stage.queued;
  return sum;
}

// What is neither computing nor waiting for a worker.
Seconds transferred(const PlayedRequest& request) {
  return request.latency() - computed(request) - queued(request);
}

Seconds percentile(const std::vector<Seconds>& sorted, double share) {
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

std::string quoted(const std::string& text) {
  return "\"" + text + "\"";
}

}  // namespace

std::string outcomes_csv(const std::vector<PlayedRequest>& played, int device) {
  std::string csv =
      "device,request,arrived_s,started_s,answered_s,latency_s,warmup,plan,outcome,reason,compute_s,queued_s,"
      "transfer_s,bytes_up,bytes_down,difference,stages\n";
  for (const PlayedRequest& request : played) {
    const Answer& answer = request.answer;
    csv += fmt::format(
        "{},{},{},{},{},{},{},{},{},{},{},{},{},{:.0f},{:.0f},{},{}\n", device, request.request,
        format_exact(request.arrived.value()), format_exact(answer.started.value()),
        format_exact(request.answered.value()), format_exact(request.latency().value()),
        request.warmup ? 1 : 0, quoted(answer.plan), outcome_of(request), reason_of(request),
        format_exact(computed(request).value()), format_exact(queued(request).value()),
        format_exact(transferred(request).value()), answer.sent.value(), answer.received.value(),
        request.difference ? format_exact(*request.difference) : "", quoted(to_text(answer.stages)));
  }
  return csv;
}

RunSummary summarize(const std::vector<PlayedRequest>& played) {
  RunSummary summary;
  std::vector<Seconds> latencies;
  Seconds first{1e300};
  Seconds last;
  for (const PlayedRequest& request : played) {
    if (request.difference)
      summary.worst_difference = std::max(summary.worst_difference, *request.difference);
    if (!request.error.empty() && summary.first_error.empty()) summary.first_error = request.error;
    if (request.warmup) continue;
    ++summary.requests;
    ++summary.outcomes[outcome_of(request)];
    if (outcome_of(request) != "ok") ++summary.reasons[reason_of(request)];
    if (request.error.empty()) ++summary.plans[request.answer.plan];
    latencies.push_back(request.latency());
    summary.mean += request.latency();
    summary.compute += computed(request);
    summary.queued += queued(request);
    summary.transfer += transferred(request);
    summary.sent += request.answer.sent;
    summary.received += request.answer.received;
    first = std::min(first, request.arrived);
    last = std::max(last, request.answered);
  }
  summary.memory = process_memory();
  if (summary.requests == 0) return summary;
  const double count = summary.requests;
  summary.mean = summary.mean / count;
  summary.compute = summary.compute / count;
  summary.queued = summary.queued / count;
  summary.transfer = summary.transfer / count;
  summary.sent = summary.sent / count;
  summary.received = summary.received / count;
  if (last > first) summary.throughput = PerSecond(count / (last - first).value());
  std::sort(latencies.begin(), latencies.end());
  summary.p50 = percentile(latencies, 0.50);
  summary.p95 = percentile(latencies, 0.95);
  summary.p99 = percentile(latencies, 0.99);
  summary.max = latencies.back();
  return summary;
}

std::string as_json(const RunSummary& summary) {
  const nlohmann::ordered_json all{{"requests", summary.requests},
                                   {"mean_s", summary.mean.value()},
                                   {"p50_s", summary.p50.value()},
                                   {"p95_s", summary.p95.value()},
                                   {"p99_s", summary.p99.value()},
                                   {"max_s", summary.max.value()},
                                   {"throughput_per_s", summary.throughput.value()},
                                   {"bytes_sent", summary.sent.value()},
                                   {"bytes_received", summary.received.value()},
                                   {"compute_s", summary.compute.value()},
                                   {"queued_s", summary.queued.value()},
                                   {"transfer_s", summary.transfer.value()},
                                   {"outcomes", summary.outcomes},
                                   {"reasons", summary.reasons},
                                   {"plans", summary.plans},
                                   {"switches", summary.switches},
                                   {"worst_difference", summary.worst_difference},
                                   {"memory_bytes", summary.memory.value()}};
  return all.dump(2) + "\n";
}

std::string as_text(const RunSummary& summary) {
  std::string text =
      fmt::format("{} requests: mean {}, p50 {}, p95 {}, p99 {}, max {}; {}\n", summary.requests,
                  format(summary.mean), format(summary.p50), format(summary.p95), format(summary.p99),
                  format(summary.max), format(summary.throughput));
  text += fmt::format("  of the mean: computing {}, waiting for a worker {}, transfers and the rest {}\n",
                      format(summary.compute), format(summary.queued), format(summary.transfer));
  text += fmt::format("  each sends {} and receives {}; this process takes {}\n", format(summary.sent),
                      format(summary.received), format(summary.memory));
  for (const auto& [plan, count] : summary.plans) text += fmt::format("  {:>6} x {}\n", count, plan);
  if (summary.switches > 0) text += fmt::format("  {:>6} changes of plan\n", summary.switches);
  for (const auto& [reason, count] : summary.reasons) {
    text += fmt::format("  {:>6} x finished {}\n", count, reason == kError ? "nowhere" : "here: " + reason);
  }
  return text;
}

void throw_unless_all_well(const RunSummary& summary, bool verified) {
  if (!summary.first_error.empty()) {
    throw Error(ErrorCode::kLimit, "run",
                fmt::format("not every request was answered: {}", summary.first_error));
  }
  if (verified && !(summary.worst_difference <= kTolerance)) {
    throw Error(ErrorCode::kBadInput, "run",
                fmt::format("an answer differs by {:.3g} from the whole model's", summary.worst_difference),
                fmt::format("at most {:g}, relative", kTolerance), "`kerf model verify` says at which cut");
  }
}

}  // namespace kerf::cli
