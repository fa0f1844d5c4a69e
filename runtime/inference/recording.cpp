#include "runtime/inference/recording.hpp"

#include <set>

#include "base/error.hpp"
#include "runtime/inference/exposed.hpp"

namespace kerf {

std::vector<CutRange> groups_of_cuts(const Graph& graph, const Chain& chain, Bytes most) {
  std::vector<CutRange> groups;
  std::set<TensorId> held;
  Bytes bytes;
  for (const Cut& cut : chain.cuts) {
    Bytes more;
    for (const TensorId tensor : cut.tensors) {
      if (!held.contains(tensor)) more += graph.tensors[static_cast<std::size_t>(tensor)].bytes();
    }
    if (groups.empty() || bytes + more > most) {
      groups.push_back({cut.index, cut.index});
      held.clear();
      bytes = cut.bytes;
    } else {
      groups.back().last = cut.index;
      bytes += more;
    }
    held.insert(cut.tensors.begin(), cut.tensors.end());
  }
  return groups;
}

namespace {

std::vector<Values> run_whole(WeightStore& weights, const Slice& whole, std::span<const Values> inputs,
                              const SessionOptions& options) {
  Session session(weights, whole, options);
  std::vector<Values> values;
  for (const Values& input : inputs) values.push_back(session.run(input));
  return values;
}

}  // namespace

std::vector<Values> record(WeightStore& weights, const Graph& graph, const Chain& chain, CutRange cuts,
                           std::span<const Values> inputs, const SessionOptions& options) {
  std::set<TensorId> crossing;
  for (int cut = cuts.first; cut <= cuts.last; ++cut) {
    const Cut& here = chain.cuts[static_cast<std::size_t>(cut)];
    crossing.insert(here.tensors.begin(), here.tensors.end());
  }
  std::vector<TensorId> made;  // crossing tensors that are no inputs of the model
  for (const TensorId id : crossing) {
    if (graph.tensors[static_cast<std::size_t>(id)].producer >= 0) made.push_back(id);
  }
  const int blocks = static_cast<int>(chain.blocks.size());
  const Slice whole = expose(graph, make_slice(graph, chain, 0, blocks - 1), made);
  std::vector<Values> values;
  try {
    values = run_whole(weights, whole, inputs, options);
  } catch (const Error& error) {
    // An output may be lost that way (see SessionOptions). Otherwise the same error comes again.
    if (error.code() != ErrorCode::kBadInput || !options.channel_blocks) throw;
    SessionOptions plainer = options;
    plainer.channel_blocks = false;
    values = run_whole(weights, whole, inputs, plainer);
  }

  std::vector<Values> recorded;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    Values wanted;
    for (const TensorId id : crossing) {
      const std::string& name = graph.tensors[static_cast<std::size_t>(id)].name;
      const auto at = values[i].find(name);
      wanted.emplace(name, at != values[i].end() ? std::move(at->second) : inputs[i].at(name));
    }
    recorded.push_back(std::move(wanted));
  }
  return recorded;
}

}  // namespace kerf
