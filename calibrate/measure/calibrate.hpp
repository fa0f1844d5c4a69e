#pragma once
// Times a model's slices on this machine and makes a profile of it.
//
// Measured are heads, tails, blocks, pairs of blocks and scattered slices (slice_set.hpp),
// visited in shuffled rounds until every slice's interval is narrow enough or the budget ends (sampler.hpp).
// Inputs are the tensors recorded from one run of the whole model. Memory is bounded: sessions are held as
// long as the process stays below three times the model plus 1 GB, the recorded tensors included;
// then they give way to the next group.
//
// Each way of running the model (batch, threads, concurrent sessions) is measured by itself and becomes a row
// of the profile.

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/progress.hpp"
#include "calibrate/profile/profile.hpp"
#include "models/cuts.hpp"

namespace kerf {

struct CalibrateOptions {
  std::string host;                // --as
  std::vector<RunMode> modes{{}};  // the rows; at least one
  Seconds budget{90};              // wall time for each row, loading included; held-out slices come on top
  // Rest before each run: none is how a busy host runs, some how one runs that is asked now and then, with
  // caches gone cold and the processor asleep. Rows of one session only.
  Seconds pause;
  double width = 0.02;            // relative half width of p20's interval at which a slice is done
  std::uint64_t seed = 1;         // of the order, the input and the slices held out
  int validate = 0;               // slices to hold out and compare with what the fit predicts of them
  std::filesystem::path journal;  // keeps what was measured until the profile is there; empty: nowhere
};

// A row whose held-out slices differ between two halves of their visits by more than this (median, relative)
// says nothing about the fit: it is void and measured again, twice at most. So is one during which the whole
// model's time moved by more than kMostDrift, changes between stretches being taken out already.
inline constexpr double kMostNoise = 0.04;
inline constexpr double kMostDrift = 0.08;

struct CutModel {
  Graph graph;
  Chain chain;
};
// The model with every input's first dimension that many times what it is at 1; all have the same cuts.
using ModelAtBatch = std::function<CutModel(int batch)>;

// One held-out slice: what the fit says and what was measured.
struct HeldOut {
  RunMode mode;
  int first_block = 0;
  int last_block = 0;
  Seconds predicted;
  Seconds measured;
  double noise = 0;  // relative difference between the halves of its visits
};

struct Calibration {
  Profile profile;
  std::vector<HeldOut> held_out;  // by mode and slice
  bool resumed = false;
  // Of the slices measured, and of them those whose interval is within the width.
  int measured = 0;
  int narrow = 0;
  // Share of the time since this process began with it in which its main thread stood ready while others had
  // the processors. Threads beside it, of rows with several sessions or threads, are not seen: they end, and
  // their counters with them, before anybody could ask.
  double waited = 0;
};

// Error(kInterrupted) when asked to stop, Error(kLimit) when the budget does not reach one visit of every
// slice that the fit needs (says how much would), Error(kBadInput) when the journal is of something else.
[[nodiscard]] Calibration calibrate(const ModelAtBatch& model, const CalibrateOptions& options,
                                    const ProgressReport& progress, const StopRequested& stop);

}  // namespace kerf
