#include "models/zoo/zoo.hpp"

#include <algorithm>
#include <functional>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "models/zoo/networks.hpp"

namespace kerf {
namespace {

using zoo::NetworkBuilder;

struct Network {
  ZooEntry entry;
  std::function<void(NetworkBuilder&)> build;
};

// Parameters: table 1 of the Scission paper, which are Keras' own counts.
const std::vector<Network>& networks() {
  static const std::vector<Network> all{
      {{"vgg16", 224, 138357544}, [](NetworkBuilder& b) { zoo::vgg(b, 16); }},
      {{"vgg19", 224, 143667240}, [](NetworkBuilder& b) { zoo::vgg(b, 19); }},
      {{"xception", 299, 22910480}, [](NetworkBuilder& b) { zoo::xception(b); }},
      {{"resnet50", 224, 25636712}, [](NetworkBuilder& b) { zoo::resnet(b, 50); }},
      {{"resnet101", 224, 44707176}, [](NetworkBuilder& b) { zoo::resnet(b, 101); }},
      {{"resnet152", 224, 60419944}, [](NetworkBuilder& b) { zoo::resnet(b, 152); }},
      {{"resnet50v2", 224, 25613800}, [](NetworkBuilder& b) { zoo::resnet_v2(b, 50); }},
      {{"resnet101v2", 224, 44675560}, [](NetworkBuilder& b) { zoo::resnet_v2(b, 101); }},
      {{"resnet152v2", 224, 60380648}, [](NetworkBuilder& b) { zoo::resnet_v2(b, 152); }},
      {{"inception_v3", 299, 23851784}, [](NetworkBuilder& b) { zoo::inception_v3(b); }},
      {{"inceptionresnet_v2", 299, 55873736}, [](NetworkBuilder& b) { zoo::inception_resnet_v2(b); }},
      {{"mobilenet", 224, 4253864}, [](NetworkBuilder& b) { zoo::mobilenet(b); }},
      {{"mobilenetv2", 224, 3538984}, [](NetworkBuilder& b) { zoo::mobilenet_v2(b); }},
      {{"densenet121", 224, 8062504}, [](NetworkBuilder& b) { zoo::densenet(b, 121); }},
      {{"densenet169", 224, 14307880}, [](NetworkBuilder& b) { zoo::densenet(b, 169); }},
      {{"densenet201", 224, 20242984}, [](NetworkBuilder& b) { zoo::densenet(b, 201); }},
      {{"nasnetlarge", 331, 88949818}, [](NetworkBuilder& b) { zoo::nasnet(b, true); }},
      {{"nasnetmobile", 224, 5326716}, [](NetworkBuilder& b) { zoo::nasnet(b, false); }},
  };
  return all;
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

void write_zoo_model(std::string_view name, const std::filesystem::path& file, int batch) {
  for (const Network& network : networks()) {
    if (network.entry.name != name) continue;
    NetworkBuilder builder(name, batch);
    network.build(builder);
    write_file(file, builder.serialize());
    return;
  }
  std::vector<std::string> names;
  for (const ZooEntry& entry : zoo_list()) names.push_back(entry.name);
  const std::string close = nearest(name, names);
  throw Error(ErrorCode::kUsage, std::string(name), "is not in the zoo", "a name that kerf model list shows",
              close.empty() ? "" : "did you mean " + close + "?");
}

}  // namespace kerf
