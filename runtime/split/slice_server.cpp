#include "runtime/split/slice_server.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/error.hpp"
#include "runtime/executor/echo_model.hpp"
#include "runtime/split/tensors.hpp"

namespace kerf {
namespace {

constexpr Seconds kUntilTheCallerGivesUp{1e6};
constexpr Bytes kLargestEcho{1e6};

// Opening an input keeps a processor busy.
void act_decoding(const Clock& clock, Seconds time) {
  const Seconds end = clock() + time;
  while (clock() < end) {
  }
}

}  // namespace

SliceServer::SliceServer(SliceStore& store, const std::vector<BlockRange>& slices, SliceServerOptions options,
                         Clock clock, Log log)
    : store_(store),
      options_(std::move(options)),
      clock_(std::move(clock)),
      pool_(options_.workers, clock_),
      raw_inputs_(store.graph()) {
  for (const BlockRange blocks : slices) slices_.push_back(store_.load(blocks));
  for (const auto& [name, address] : options_.next) {
    next_.emplace(name, std::make_unique<HostLink>(name, address, options_.link, clock_, log));
  }
}

std::vector<ServedModel> SliceServer::models() {
  std::vector<ServedModel> models;
  for (const auto& slice : slices_) {
    models.push_back(model(slice));
    if (options_.decode && slice->blocks().first == 0) models.push_back(raw_model(slice));
  }
  models.push_back(echo());
  return models;
}

// What devices measure the path with; its replies tell the load as all others do.
ServedModel SliceServer::echo() {
  ServedModel served = echo_model(kLargestEcho);
  served.infer = [this, bare = served.infer](const InferRequest& request, const StopRequested& stop) {
    InferReply reply = bare(request, stop);
    const std::string workload = text_parameter(request.parameters, kWorkloadParameter);
    reply.parameters.emplace(std::string(kLoadParameter),
                             to_text(HostLoads{{options_.name, pool_.load_by_others(workload)}}));
    return reply;
  };
  return served;
}

ServedModel SliceServer::model(const std::shared_ptr<const LoadedSlice>& slice) {
  ServedModel served;
  served.name = served_name(store_.graph(), slice->blocks());
  served.version = store_.graph().hash;
  served.platform = "onnxruntime_onnx";
  served.inputs = slice->takes();
  served.outputs = slice->gives();
  served.infer = [this, slice](const InferRequest& request, const StopRequested& stop) {
    return serve(*slice, request, false, stop);
  };
  return served;
}

ServedModel SliceServer::raw_model(const std::shared_ptr<const LoadedSlice>& slice) {
  ServedModel served = model(slice);
  served.name = raw_name(served.name);
  served.inputs = {raw_signature()};
  served.infer = [this, slice](const InferRequest& request, const StopRequested& stop) {
    return serve(*slice, request, true, stop);
  };
  return served;
}

InferReply SliceServer::serve(const LoadedSlice& slice, const InferRequest& request, bool raw,
                              const StopRequested& stop) {
  const std::vector<HostSlice> rest = rest_of(request, slice.blocks());
  const std::string workload = text_parameter(request.parameters, kWorkloadParameter);
  const LiveTensors inputs =
      raw ? raw_inputs_.tensors(raw_seed(request.inputs.front())) : from_wire(request.inputs);
  StageReport report{{options_.name, slice.blocks().first, slice.blocks().last}, {}, {}};
  LiveTensors results;
  report.queued = pool_.run(workload, [&] {
    if (stop()) throw Error(ErrorCode::kInterrupted, options_.name, "the caller has given up");
    const Seconds begun = clock_();
    if (raw) act_decoding(clock_, *options_.decode);
    results = slice.run(inputs);
    report.compute = clock_() - begun;
  });
  InferReply reply;
  if (rest.empty()) {
    reply.outputs = to_wire(results);
  } else {
    reply = send_on(rest, request, results, stop);
  }
  const std::string later = text_parameter(reply.parameters, kStagesParameter);
  const std::string later_loads = text_parameter(reply.parameters, kLoadParameter);
  const auto joined = [](const std::string& own, const std::string& others) {
    return others.empty() ? own : own + ";" + others;
  };
  reply.parameters.insert_or_assign(std::string(kStagesParameter), joined(to_text({report}), later));
  reply.parameters.insert_or_assign(
      std::string(kLoadParameter),
      joined(to_text(HostLoads{{options_.name, pool_.load_by_others(workload)}}), later_loads));
  return reply;
}

std::vector<HostSlice> SliceServer::rest_of(const InferRequest& request, BlockRange served) const {
  const std::string text = text_parameter(request.parameters, kNextParameter);
  if (text.empty()) return {};
  const std::string where = fmt::format("{}, parameter {}", options_.name, kNextParameter);
  // A plan may come back to the device before its end: the last block is what it says, if the model has it.
  const std::size_t colon = text.rfind(':');
  const BlockRange last =
      parse_block_range(std::string_view(text).substr(colon == std::string::npos ? 0 : colon + 1), where);
  if (last.last > store_.last_block()) {
    throw Error(ErrorCode::kBadInput, where, fmt::format("block {}", last.last),
                fmt::format("at most {}, the last", store_.last_block()));
  }
  std::vector<HostSlice> rest = parse_host_slices(text, served.last + 1, last.last, where);
  if (!next_.contains(rest.front().host)) {
    throw Error(ErrorCode::kBadInput, where,
                fmt::format("{} does not know where {} is", options_.name, rest.front().host),
                "a host that it was told of",
                fmt::format("start it with --next {}=ADDRESS", rest.front().host));
  }
  return rest;
}

InferReply SliceServer::send_on(const std::vector<HostSlice>& rest, const InferRequest& request,
                                const LiveTensors& tensors, const StopRequested& stop) {
  const HostSlice& next = rest.front();
  InferRequest onward;
  onward.model = served_name(store_.graph(), {next.first_block, next.last_block});
  onward.version = options_.link.any_version ? "" : store_.graph().hash;
  onward.id = request.id;
  onward.parameters = request.parameters;
  onward.parameters.erase(std::string(kNextParameter));
  if (rest.size() > 1) {
    onward.parameters.emplace(std::string(kNextParameter), to_text(std::span(rest).subspan(1)));
  }
  onward.inputs = to_wire(tensors);
  try {
    return next_.at(next.host)->infer(std::move(onward), nullptr, kUntilTheCallerGivesUp, stop);
  } catch (const InferenceError& error) {
    if (error.failure() == InferenceFailure::kCancelled && stop()) throw;
    throw InferenceError(InferenceFailure::kBeyond, fmt::format("{} asked {}", options_.name, next.host),
                         error.what());
  }
}

}  // namespace kerf
