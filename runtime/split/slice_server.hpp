#pragma once
// What `kerf serve` serves: slices as models of the Open Inference Protocol, "ppocr-det.13-40" in the version
// that is the graph's hash. Any client of the protocol may call them. A request that names what is left of
// its plan (stage_report.hpp) is sent on to the next host when its slice is computed, over a connection that
// stays; that host's reply is the reply. A host further on that fails is InferenceFailure::kBeyond to the
// caller, and is left alone until it is back.
//
//   SliceServer slices(store, {{13, 40}}, {.name = "edge"}, steady_clock(), log);
//   InferenceServer server(slices.models(), {.listen = "0.0.0.0:8470", .tls = identity});

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/executor/inference_server.hpp"
#include "runtime/split/compute_pool.hpp"
#include "runtime/split/host_link.hpp"
#include "runtime/split/raw_input.hpp"
#include "runtime/split/slice_store.hpp"
#include "runtime/split/stage_report.hpp"

namespace kerf {

struct SliceServerOptions {
  std::string name;                              // this host's, in plans
  int workers = 1;                               // slices computed at once
  std::map<std::string, std::string> next = {};  // addresses of later hosts
  std::optional<Seconds> decode = {};            // takes raw inputs, and holds a worker so long for each
  HostLinkOptions link = {};                     // to later hosts
};

class SliceServer {
 public:
  // Loads the slices. The store must outlive the server, and the server the InferenceServer that runs its
  // models.
  SliceServer(SliceStore& store, const std::vector<BlockRange>& slices, SliceServerOptions options,
              Clock clock, Log log);

  // The slices, and an echo of at most 1 MB for measuring the path.
  [[nodiscard]] std::vector<ServedModel> models();

 private:
  [[nodiscard]] ServedModel model(const std::shared_ptr<const LoadedSlice>& slice);
  [[nodiscard]] ServedModel raw_model(const std::shared_ptr<const LoadedSlice>& slice);
  [[nodiscard]] ServedModel echo();
  [[nodiscard]] InferReply serve(const LoadedSlice& slice, const InferRequest& request, bool raw,
                                 const StopRequested& stop);
  [[nodiscard]] InferReply send_on(const std::vector<HostSlice>& rest, const InferRequest& request,
                                   const LiveTensors& tensors, const StopRequested& stop);
  [[nodiscard]] std::vector<HostSlice> rest_of(const InferRequest& request, BlockRange served) const;

  SliceStore& store_;
  const SliceServerOptions options_;
  const Clock clock_;
  std::vector<std::shared_ptr<const LoadedSlice>> slices_;
  std::map<std::string, std::unique_ptr<HostLink>> next_;
  ComputePool pool_;
  RawInputs raw_inputs_;
};

}  // namespace kerf
