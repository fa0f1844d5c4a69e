#pragma once
// The vocabulary in which the zoo's networks are written: each call adds an operator with its weights and
// returns what it makes. Padding is TensorFlow's: kSame keeps ceil(size / stride), with the odd pixel at the
// end.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kerf {
struct Skeleton;
}

namespace kerf::zoo {

// What flows between operators: one image's features.
struct Features {
  std::string tensor;
  int channels = 0;
  int height = 0;
  int width = 0;
};

struct Kernel {
  int height = 1;
  int width = 1;
};

enum class Padding { kValid, kSame, kBoth1, kBoth3 };  // kBothN: N pixels on every side

struct ConvOptions {
  int stride = 1;
  Padding padding = Padding::kSame;
  bool bias = false;
  double gain = 2;  // variance of the weights is gain / fan-in: 2 behind a ReLU keeps activations level
};

struct PoolOptions {
  int size = 2;
  int stride = 2;
  Padding padding = Padding::kValid;
  bool count_padding = false;  // whether padded zeros count in an average
};

class NetworkBuilder {
 public:
  explicit NetworkBuilder(std::string_view name);
  ~NetworkBuilder();
  NetworkBuilder(const NetworkBuilder&) = delete;
  NetworkBuilder& operator=(const NetworkBuilder&) = delete;

  Features input(int channels, int size);
  Features conv(const Features& x, int filters, Kernel kernel, const ConvOptions& options = {});
  Features depthwise(const Features& x, Kernel kernel, const ConvOptions& options = {});
  // Depthwise and pointwise, no bias, nothing between.
  Features separable(const Features& x, int filters, Kernel kernel, const ConvOptions& options = {});
  // With moving mean 0 and variance 1; gamma below 1 keeps sums of residuals level. Without scale Keras has
  // no gamma parameter; the unit scale that ONNX asks for is then made by a constant operator and is no
  // weight.
  Features batch_norm(const Features& x, double gamma = 1, bool scale = true);
  Features relu(const Features& x);
  Features relu6(const Features& x);
  Features add(const Features& a, const Features& b);
  Features scaled(const Features& x, double factor);
  Features concat(const std::vector<Features>& parts);
  Features max_pool(const Features& x, const PoolOptions& options = {});
  Features average_pool(const Features& x, const PoolOptions& options = {});
  Features global_average_pool(const Features& x);
  Features shifted(const Features& x);  // by one pixel up and left, zeros moving in
  Features flatten(const Features& x);
  // Gain as in ConvOptions; 1 suits a classifier, whose outputs no activation follows.
  Features dense(const Features& x, int units, double gain = 1);
  void softmax_output(const Features& x);

  // The network without its weights: they are yet to be generated, each from its operator's number. The
  // builder is empty afterwards.
  [[nodiscard]] Skeleton finish();

 private:
  struct Model;
  std::unique_ptr<Model> model_;
};

}  // namespace kerf::zoo
