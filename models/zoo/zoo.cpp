#include "models/zoo/zoo.hpp"

#include <algorithm>
#include <functional>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "models/onnx_skeleton.hpp"
#include "models/skeleton_import.hpp"
#include "models/zoo/networks.hpp"

namespace kerf {
namespace {

using zoo::NetworkBuilder;

struct Network {
  ZooEntry entry;
  std::uint64_t content = 0;  // hash of the file; who changes a network is told the new one by zoo_test
  std::function<void(NetworkBuilder&)> build;
};

// Parameters: table 1 of the Scission paper, which are Keras' own counts.
const std::vector<Network>& networks() {
  static const std::vector<Network> all{
      {{"vgg16", 224, 138357544}, 0xe76e284f2ca9e7ae, [](NetworkBuilder& b) { zoo::vgg(b, 16); }},
      {{"vgg19", 224, 143667240}, 0x13ba987971389f21, [](NetworkBuilder& b) { zoo::vgg(b, 19); }},
      {{"xception", 299, 22910480}, 0xa6a410562dc80c43, [](NetworkBuilder& b) { zoo::xception(b); }},
      {{"resnet50", 224, 25636712}, 0xc794d3c11e46decd, [](NetworkBuilder& b) { zoo::resnet(b, 50); }},
      {{"resnet101", 224, 44707176}, 0xd039ef95beb81d78, [](NetworkBuilder& b) { zoo::resnet(b, 101); }},
      {{"resnet152", 224, 60419944}, 0x066fe7a5037baf8c, [](NetworkBuilder& b) { zoo::resnet(b, 152); }},
      {{"resnet50v2", 224, 25613800}, 0x9e0160a80d577afe, [](NetworkBuilder& b) { zoo::resnet_v2(b, 50); }},
      {{"resnet101v2", 224, 44675560}, 0x0d750c4359b936d0, [](NetworkBuilder& b) { zoo::resnet_v2(b, 101); }},
      {{"resnet152v2", 224, 60380648}, 0x23d3ced96bdd4cf5, [](NetworkBuilder& b) { zoo::resnet_v2(b, 152); }},
      {{"inception_v3", 299, 23851784}, 0xf0d9e879b135ec11, [](NetworkBuilder& b) { zoo::inception_v3(b); }},
      {{"inceptionresnet_v2", 299, 55873736},
       0xe6c416bf766de4ea,
       [](NetworkBuilder& b) { zoo::inception_resnet_v2(b); }},
      {{"mobilenet", 224, 4253864}, 0x3d99da3f0ec0703a, [](NetworkBuilder& b) { zoo::mobilenet(b); }},
      {{"mobilenetv2", 224, 3538984}, 0x032612d662ba94bb, [](NetworkBuilder& b) { zoo::mobilenet_v2(b); }},
      {{"densenet121", 224, 8062504}, 0x1f1a4356f57a4759, [](NetworkBuilder& b) { zoo::densenet(b, 121); }},
      {{"densenet169", 224, 14307880}, 0x03587035511ab5b7, [](NetworkBuilder& b) { zoo::densenet(b, 169); }},
      {{"densenet201", 224, 20242984}, 0x8f506ca0fa8b0845, [](NetworkBuilder& b) { zoo::densenet(b, 201); }},
      {{"nasnetlarge", 331, 88949818}, 0x9a54dd36a837b2e7, [](NetworkBuilder& b) { zoo::nasnet(b, true); }},
      {{"nasnetmobile", 224, 5326716}, 0x6b77ad8915223b2f, [](NetworkBuilder& b) { zoo::nasnet(b, false); }},
  };
  return all;
}

const Network& network_of(std::string_view name) {
  std::vector<std::string> names;
  for (const Network& network : networks()) {
    if (network.entry.name == name) return network;
    names.push_back(network.entry.name);
  }
  const std::string close = nearest(name, names);
  throw Error(ErrorCode::kUsage, std::string(name), "is not in the zoo", "a name that kerf model list shows",
              close.empty() ? "" : "did you mean " + close + "?");
}

Skeleton skeleton_of(const Network& network) {
  NetworkBuilder builder(network.entry.name);
  network.build(builder);
  return builder.finish();
}

}  // namespace

const std::vector<ZooEntry>& zoo_list() {
  static const std::vector<ZooEntry> entries = [] {
    std::vector<ZooEntry> list;
    for (const Network& network : networks()) list.push_back(network.entry);
    return list;
  }();
  return entries;
}

bool in_zoo(std::string_view name) {
  return std::ranges::any_of(zoo_list(), [&](const ZooEntry& entry) { return entry.name == name; });
}

Graph zoo_graph(std::string_view name, const InputShapes& shapes) {
  const Network& network = network_of(name);
  Skeleton skeleton = skeleton_of(network);
  Graph graph = import_skeleton(skeleton, shapes, network.entry.name);
  graph.name = network.entry.name;
  graph.hash = graph_hash(network.content, graph);
  return graph;
}

void write_zoo_model(std::string_view name, const std::filesystem::path& file) {
  const Skeleton skeleton = skeleton_of(network_of(name));
  FileWriter writer(file);
  write_skeleton(skeleton, [&](std::string_view piece) { writer.append(piece); });
  writer.commit();
}

std::uint64_t zoo_content_hash(std::string_view name) {
  ContentHash hash;
  write_skeleton(skeleton_of(network_of(name)), [&](std::string_view piece) { hash.add(piece); });
  return hash.value();
}

}  // namespace kerf
