#pragma once
// What replies tell about the hosts that they came through. All in request and reply parameters of the Open
// Inference Protocol, so that servers and clients that do not know them just pass them over; all are text:
//
// - kerf_next, of a request: what is left of the plan after this slice, "cloud:41-60";
// - kerf_workload, of a request: whose load this is; what a server tells of its load is that by others;
// - kerf_stages, of a reply: "edge:13-40=0.0341+0.0002;cloud:41-60=...", the seconds of computing and of
//   waiting for a worker;
// - kerf_load, of a reply: "edge=0.31;cloud=0", the share of the workers' time that goes to others.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/quantity.hpp"
#include "runtime/executor/infer_message.hpp"
#include "runtime/split/host_slice.hpp"

namespace kerf {

inline constexpr std::string_view kNextParameter = "kerf_next";
inline constexpr std::string_view kWorkloadParameter = "kerf_workload";
inline constexpr std::string_view kStagesParameter = "kerf_stages";
inline constexpr std::string_view kLoadParameter = "kerf_load";

struct StageReport {
  HostSlice slice;
  Seconds compute, queued;
};

using HostLoads = std::map<std::string, double>;  // 0 to 1, by host

[[nodiscard]] std::string to_text(const std::vector<StageReport>& reports);
[[nodiscard]] std::string to_text(const HostLoads& loads);

// What cannot be read is left out: a report is no reason to lose an answer.
[[nodiscard]] std::vector<StageReport> parse_stage_reports(std::string_view text);
[[nodiscard]] HostLoads parse_host_loads(std::string_view text);

// The parameter's text, or "" where it is not there or no text.
[[nodiscard]] std::string text_parameter(const Parameters& parameters, std::string_view name);

}  // namespace kerf
