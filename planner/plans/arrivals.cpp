#include "planner/plans/arrivals.hpp"

#include <cmath>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
#include "planner/plans/draws.hpp"

namespace kerf {

ArrivalProcess::ArrivalProcess(Workload workload, int devices)
    : workload_(std::move(workload)), devices_(devices) {
  const auto refuse = [](const char* key, const std::string& found, const char* expected, const char* hint) {
    throw Error(ErrorCode::kBadInput, key, found, expected, hint);
  };
  if (devices_ < 1) refuse("workload.source", "a class without hosts", "at least one device", "");
  if (workload_.requests < 1) {
    refuse("workload.requests", std::to_string(workload_.requests), "at least 1", "write requests = 200");
  }
  if (workload_.warmup < 0) refuse("workload.warmup", std::to_string(workload_.warmup), "0 or more", "");
  if (workload_.arrivals == Arrivals::kClosed && workload_.in_flight < 1) {
    refuse("workload.in_flight", std::to_string(workload_.in_flight), "at least 1", "write in_flight = 1");
  }
  if (open() && !(workload_.rate > PerSecond(0) && std::isfinite(workload_.rate.value()))) {
    refuse("workload.rate", format(workload_.rate), "more than none", "write rate = \"4/s\"");
  }
}

bool ArrivalProcess::open() const {
  return workload_.arrivals == Arrivals::kPeriodic || workload_.arrivals == Arrivals::kPoisson;
}

int ArrivalProcess::devices() const {
  return workload_.arrivals == Arrivals::kSingle ? 1 : devices_;
}

int ArrivalProcess::in_flight() const {
  return workload_.arrivals == Arrivals::kClosed ? workload_.in_flight : 1;
}

int ArrivalProcess::requests() const {
  return workload_.warmup + workload_.requests;
}

Seconds ArrivalProcess::gap(int device, int request) const {
  const Seconds mean(1 / workload_.rate.value());
  if (workload_.arrivals == Arrivals::kPoisson) {
    return exponential(draw_key(workload_.seed, Chance::kArrival, device, request), mean);
  }
  return request > 0 ? mean : uniform(draw_key(workload_.seed, Chance::kPhase, device, 0)) * mean;
}

}  // namespace kerf
