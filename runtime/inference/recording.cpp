#include "runtime/inference/recording.hpp"

#include <set>

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
  SessionOptions recording = options;
  recording.channel_blocks = false;
  Session whole(weights, expose(graph, make_slice(graph, chain, 0, blocks - 1), made), recording);

  std::vector<Values> recorded;
  for (const Values& input : inputs) {
    Values values = whole.run(input);
    Values wanted;
    for (const TensorId id : crossing) {
      const std::string& name = graph.tensors[static_cast<std::size_t>(id)].name;
      const auto at = values.find(name);
      wanted.emplace(name, at != values.end() ? std::move(at->second) : input.at(name));
    }
    recorded.push_back(std::move(wanted));
  }
  return recorded;
}

}  // namespace kerf
