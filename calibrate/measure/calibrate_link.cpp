#include "calibrate/measure/calibrate_link.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "calibrate/measure/echo_peer.hpp"
#include "calibrate/measure/machine.hpp"
#include "calibrate/measure/percentile.hpp"
#include "calibrate/measure/steady_clock.hpp"
#include "calibrate/measure/tcp_round_trip.hpp"

namespace kerf {
namespace {

std::vector<LadderPoint> ladder_of(const LinkSamples& samples) {
  std::vector<LadderPoint> ladder;
  for (const LinkSamples::Point& point : samples.ladder) {
    const MedianEstimate estimate = estimate_median(point.seconds);
    ladder.push_back({point.up, point.down, estimate.median, estimate.low, estimate.high,
                      static_cast<int>(point.seconds.size())});
  }
  return ladder;
}

std::string note_of(const LinkSamples& samples, const CalibrateLinkOptions& options, Seconds used) {
  const auto narrow =
      std::count_if(samples.ladder.begin(), samples.ladder.end(), [&](const LinkSamples::Point& point) {
        return estimate_median(point.seconds).half_width() <= options.width;
      });
  const std::string rest = options.pause > Seconds(0)
                               ? fmt::format("; {} of rest before each message", format(options.pause))
                               : "";
  return fmt::format(
      "budget {}, used {}; seed {}; {} of {} sizes within +-{:g} %; round trip of {} handshakes{}",
      format(options.budget), format(used), options.seed, narrow, samples.ladder.size(), 100 * options.width,
      samples.round_trips.size(), rest);
}

}  // namespace

LinkCosts calibrate_link(const std::string& address, const CalibrateLinkOptions& options,
                         const ProgressReport& progress, const StopRequested& stop) {
  LinkSamplerOptions sampling;
  sampling.start = steady_now();
  sampling.deadline = sampling.start + options.budget;
  sampling.pause = options.pause;
  sampling.width = options.width;
  sampling.seed = options.seed;
  LinkCosts costs;
  costs.link = options.link;
  costs.nominal_up = options.nominal_up;
  costs.nominal_down = options.nominal_down;
  costs.provenance.measured = utc_now();

  EchoPeer peer(address, options.pause, stop);
  const LinkSamples samples = sample_link(peer, steady_now, sampling, progress, stop);
  costs.round_trip = estimate_median(samples.round_trips).median;
  costs.ladder = ladder_of(samples);
  fit(costs);

  costs.provenance.tool = "kerf calibrate-link";
  costs.provenance.version = KERF_VERSION;
  costs.provenance.machine = machine_name();
  costs.provenance.system = system_name();
  costs.provenance.transport = fmt::format("{} over TCP ({})", transport_version(), tcp_settings());
  costs.provenance.peer = peer.description();
  costs.provenance.note = note_of(samples, options, steady_now() - sampling.start);
  return costs;
}

}  // namespace kerf
