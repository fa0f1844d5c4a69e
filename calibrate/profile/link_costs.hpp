#pragma once
// What calibration measured of one link: the time of messages of many sizes in each direction on a warm
// connection, and the model
//
//     time(bytes) = delay + overhead + bytes / goodput
//
// fitted to them, for each direction. Stored as JSON (docs/links.md); a scenario names the file. Plain data.

#include <filesystem>
#include <string>
#include <vector>

#include "base/quantity.hpp"

namespace kerf {

inline constexpr int kLinkSchema = 1;

// One exchange: a request of `up` bytes, a reply of `down` bytes. The figure is the median of what it takes
// from the first byte's leaving to the last byte's arrival, without the time that the peer held the request,
// with the median's 95 % confidence interval (distribution-free, from order statistics). An interval that few
// samples leave open has low = 0.
struct LadderPoint {
  Bytes up;
  Bytes down;
  Seconds median;
  Seconds low;
  Seconds high;
  int samples = 0;
};

// A message's way: up leads from the machine that measured to the peer, down back.
struct LinkDirection {
  Seconds delay;           // the network's own, one way
  Seconds overhead;        // of each message, on top
  BytesPerSecond goodput;  // of the message's bytes: headers of all kinds are in it
};

// What a machine that measured is, and when.
struct LinkProvenance {
  std::string tool;       // "kerf calibrate-link"
  std::string version;    // of Kerf
  std::string measured;   // UTC, "2026-11-22T10:00:00Z"
  std::string machine;    // processor and cores, as the system names them
  std::string system;     // operating system and kernel
  std::string transport;  // "gRPC 1.51.1 over TCP (cubic)"
  std::string peer;       // the address, and what answered there
  std::string note;       // budget asked and reached, spread, and what the kernel is set to
};

struct LinkCosts {
  std::string link;  // the name given with --as
  LinkDirection up;
  LinkDirection down;
  // What the link is sold as, where calibrate-link was told; 0 where not. goodput / nominal is its
  // efficiency.
  BytesPerSecond nominal_up;
  BytesPerSecond nominal_down;
  Seconds round_trip;               // the network's own, without our software: the kernel's, of small packets
  std::vector<LadderPoint> ladder;  // ordered by (up, down), each once, at least three
  double median_error = 0;          // of the fit, relative, over the ladder
  double worst_error = 0;
  LinkProvenance provenance;
};

[[nodiscard]] std::string to_json(const LinkCosts& costs);
// Checks everything: schema version, counts, order, finite and non-negative numbers. `where` names the
// source.
[[nodiscard]] LinkCosts link_costs_from_json(const std::string& json, const std::string& where);
[[nodiscard]] LinkCosts read_link_costs(const std::filesystem::path& file);
void write_link_costs(const LinkCosts& costs, const std::filesystem::path& file);

// What the model says of one exchange.
[[nodiscard]] Seconds exchange_time(const LinkCosts& costs, Bytes up, Bytes down);

// Fills up, down and the errors from `ladder` and `round_trip`: weighted least squares on relative errors.
//
// An exchange takes  c + up / goodput_up + down / goodput_down,  whichever of the two is the large one. A
// round trip says nothing on how c divides between the two ways, so each has half of it; of that, half the
// network's round trip is delay (at most all), the rest overhead. Error(kLimit) where long messages take no
// longer than short ones: then there is nothing to fit.
void fit(LinkCosts& costs);

}  // namespace kerf
