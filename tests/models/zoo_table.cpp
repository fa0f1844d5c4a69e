// Sources.
// Operators and stages: counted by hand in Keras' definitions, keras_applications/*.py at commit 06fbeb0 of
// github.com/keras-team/keras-applications, as the sums show. Differences of notation: ZeroPadding2D is part
// of the operator that follows, SeparableConv2D is two convolutions, a layer's activation="relu" an operator
// of its own, ReLU(6) is Clip, Dense is Gemm, Dropout and Reshape to the same order of elements are nothing;
// a global pool is followed by Flatten. Parameters: the Scission paper's table of networks (Keras'
// count_params()). Multiply-adds:
//   [timm]  pytorch-image-models, results/benchmark-infer-amp-nhwc-pt113-cu117-rtx3090.csv, column
//           infer_gmacs. Its models of these names are the same networks, the resnets excepted.
//   [vision] torchvision 0.15 and later, torchvision/models/densenet.py, "_ops" of the weights, in G. (timm's
//           figures for densenets also count the normalisations.)
//   [paper] the network's own paper: ResNet table 1 (stride on the first 1x1, as here), MobileNet table 4,
//           MobileNetV2 table 4, NASNet tables 2 and 3.
//   [slim]  github.com/google-research/receptive_field, RECEPTIVE_FIELD_TABLE.md: floating point
//           operations of TF-Slim's resnet_v2_* at 224 up to block4 (6.969, 14.397, 21.826 G), halved,
//           and 2048 x 1000 of the classifier. Keras places strides as TF-Slim does; elsewhere ResNetV2
//           has them earlier.

#include "tests/models/zoo_table.hpp"

namespace kerf::test {
namespace {

using Operators = std::map<std::string, int>;

Operators with_head(Operators operators) {
  for (const char* op : {"GlobalAveragePool", "Flatten", "Gemm", "Softmax"}) operators[op] = 1;
  return operators;
}

// Convolutions: 13 or 16. ReLU behind each and behind two of the three dense layers.
ZooRow vgg(const char* name, int convolutions, std::int64_t parameters, double published) {
  const int third = convolutions == 13 ? 7 : 8;  // convolutions in the first three stages
  const int fourth = convolutions == 13 ? 10 : 12;
  return {name,
          parameters,
          published,
          0.01e9,
          {{"Conv", convolutions},
           {"Relu", convolutions + 2},
           {"MaxPool", 5},
           {"Flatten", 1},
           {"Gemm", 3},
           {"Softmax", 1}},
          {{"Relu", 2, 64, 224},
           {"MaxPool", 1, 64, 112},
           {"Relu", 4, 128, 112},
           {"MaxPool", 2, 128, 56},
           {"Relu", third, 256, 56},
           {"MaxPool", 3, 256, 28},
           {"Relu", fourth, 512, 28},
           {"MaxPool", 4, 512, 14},
           {"Relu", convolutions, 512, 14},
           {"MaxPool", 5, 512, 7}}};
}

// conv2 .. conv5 of b2 .. b5 bottlenecks: three convolutions, normalisations and activations each, and a
// projection with normalisation for the first of every stage.
ZooRow resnet(const char* name, int b2, int b3, int b4, int b5, std::int64_t parameters, double published) {
  const int blocks = b2 + b3 + b4 + b5;
  return {name,
          parameters,
          published,
          0.1e9,
          with_head({{"Conv", 1 + 3 * blocks + 4},
                     {"BatchNormalization", 1 + 3 * blocks + 4},
                     {"Relu", 1 + 3 * blocks},
                     {"Add", blocks},
                     {"MaxPool", 1}}),
          {{"Conv", 1, 64, 112},
           {"MaxPool", 1, 64, 56},
           {"Add", b2, 256, 56},
           {"Add", b2 + b3, 512, 28},
           {"Add", b2 + b3 + b4, 1024, 14},
           {"Add", blocks, 2048, 7},
           {"GlobalAveragePool", 1, 2048, 1}}};
}

// Normalisation first: three a block and one at the end. The last block of the first three stages halves the
// size, its identity by a pool of one pixel.
ZooRow resnet_v2(const char* name, int b2, int b3, int b4, int b5, std::int64_t parameters,
                 double published) {
  const int blocks = b2 + b3 + b4 + b5;
  return {name,
          parameters,
          published,
          0.001e9,
          with_head({{"Conv", 1 + 3 * blocks + 4},
                     {"BatchNormalization", 3 * blocks + 1},
                     {"Relu", 3 * blocks + 1},
                     {"Add", blocks},
                     {"MaxPool", 1 + 3}}),
          {{"Conv", 1, 64, 112},
           {"MaxPool", 1, 64, 56},
           {"Add", b2 - 1, 256, 56},
           {"Add", b2, 256, 28},
           {"Add", b2 + b3 - 1, 512, 28},
           {"Add", b2 + b3, 512, 14},
           {"Add", b2 + b3 + b4 - 1, 1024, 14},
           {"Add", b2 + b3 + b4, 1024, 7},
           {"Add", blocks, 2048, 7},
           {"GlobalAveragePool", 1, 2048, 1}}};
}

// Dense blocks of 6, 12, b4, b5 layers (two convolutions, normalisations and activations each, growth 32);
// three transitions halve channels and size.
ZooRow densenet(const char* name, int b4, int b5, std::int64_t parameters, double published) {
  const int layers = 6 + 12 + b4 + b5;
  const int fourth = 256 + 32 * b4;
  return {name,
          parameters,
          published,
          0.001e9,
          with_head({{"Conv", 1 + 2 * layers + 3},
                     {"BatchNormalization", 1 + 2 * layers + 3 + 1},
                     {"Relu", 1 + 2 * layers + 3 + 1},
                     {"Concat", layers},
                     {"MaxPool", 1},
                     {"AveragePool", 3}}),
          {{"Conv", 1, 64, 112},
           {"MaxPool", 1, 64, 56},
           {"Concat", 6, 64 + 32 * 6, 56},
           {"AveragePool", 1, 128, 28},
           {"Concat", 6 + 12, 128 + 32 * 12, 28},
           {"AveragePool", 2, 256, 14},
           {"Concat", 6 + 12 + b4, fourth, 14},
           {"AveragePool", 3, fourth / 2, 7},
           {"Concat", layers, fourth / 2 + 32 * b5, 7}}};
}

// A stem convolution with its normalisation; four reduction cells (two of them the stem's) and three runs of
// n normal cells. Every cell: five separable blocks (twice activation, depthwise, pointwise, normalisation),
// and activation, 1x1, normalisation for its input. The cell before the last is brought to size by a path of
// two pools and two 1x1s in four cells (the second stem cell, and where each of the three runs begins), by a
// 1x1 in all others but the first; f is the first run's filters.
ZooRow nasnet(const char* name, int n, int f, int stem, std::int64_t input, std::int64_t parameters,
              double published, double last_digit) {
  const int normal = 3 * n;
  const int cells = normal + 4;
  const int projections = cells - 4 - 1;
  const std::int64_t first = (input - 3) / 2 + 1;  // 3x3, stride 2, no padding; then always ceil(half)
  const auto halved = [&](int times) {
    std::int64_t side = first;
    for (int i = 0; i < times; ++i) side = (side + 1) / 2;
    return side;
  };
  // Concat: one a cell, and one for each of the four paths, which comes first in its cell.
  return {name,
          parameters,
          published,
          last_digit,
          with_head({{"Conv", 1 + cells * (5 * 4 + 1) + 4 * 2 + projections},
                     {"BatchNormalization", 1 + cells * (5 * 2 + 1) + 4 + projections},
                     {"Relu", cells * (5 * 2 + 1) + 4 + projections + 1},
                     {"AveragePool", normal * 3 + 4 * 2 + 4 * 2},
                     {"MaxPool", 4 * 2},
                     {"Add", cells * 5},
                     {"Concat", cells + 4},
                     {"Pad", 4},
                     {"Slice", 4}}),
          {{"Conv", 1, stem, first},
           {"Concat", 1, 4 * f / 4, halved(1)},
           {"Concat", 3, 4 * f / 2, halved(2)},
           {"Concat", 5, 6 * f, halved(2)},
           {"Concat", 4 + n, 6 * f, halved(2)},
           {"Concat", 5 + n, 4 * 2 * f, halved(3)},
           {"Concat", 7 + n, 6 * 2 * f, halved(3)},
           {"Concat", 6 + 2 * n, 6 * 2 * f, halved(3)},
           {"Concat", 7 + 2 * n, 4 * 4 * f, halved(4)},
           {"Concat", 8 + 3 * n, 6 * 4 * f, halved(4)},
           {"GlobalAveragePool", 1, 24 * f, 1}}};
}

// Block 1: two convolutions. Blocks 2, 3, 4, 13: two separable ones beside a 1x1, activations before (one in
// block 2, whose input is active already). Blocks 5 to 12: three separable ones. Block 14: two, activated
// after.
ZooRow xception() {
  constexpr int kSeparable = 4 * 2 + 8 * 3 + 2;
  return {"xception",
          22910480,
          8.4e9,  // [timm]
          0.01e9,
          with_head({{"Conv", 2 + 4 + 2 * kSeparable},
                     {"BatchNormalization", 2 + 4 + kSeparable},
                     {"Relu", 2 + 1 + 3 * 2 + 8 * 3 + 2},
                     {"MaxPool", 4},
                     {"Add", 4 + 8}}),
          {{"Conv", 1, 32, 149},
           {"Conv", 2, 64, 147},
           {"Add", 1, 128, 74},
           {"Add", 2, 256, 37},
           {"Add", 3, 728, 19},
           {"Add", 3 + 8, 728, 19},
           {"Add", 3 + 8 + 1, 1024, 10},
           {"Relu", 2 + 1 + 3 * 2 + 8 * 3 + 2, 2048, 10}}};
}

// Units of convolution, normalisation and activation: five in the stem; 1 + 2 + 3 + 1 in each of mixed 0-2;
// 1 + 3 in mixed 3; 1 + 3 + 5 + 1 in mixed 4-7; 2 + 4 in mixed 8; 1 + 3 + 4 + 1 in mixed 9 and 10, which join
// two branches within.
ZooRow inception_v3() {
  constexpr int kUnits = 5 + 3 * 7 + 4 + 4 * 10 + 6 + 2 * 9;
  return {"inception_v3",
          23851784,
          5.73e9,  // [timm]
          0.01e9,
          with_head({{"Conv", kUnits},
                     {"BatchNormalization", kUnits},
                     {"Relu", kUnits},
                     {"MaxPool", 2 + 1 + 1},
                     {"AveragePool", 3 + 4 + 2},
                     {"Concat", 9 + 2 * 3}}),
          {{"Relu", 1, 32, 149},
           {"Relu", 2, 32, 147},
           {"Relu", 3, 64, 147},
           {"MaxPool", 1, 64, 73},
           {"Relu", 4, 80, 73},
           {"Relu", 5, 192, 71},
           {"MaxPool", 2, 192, 35},
           {"Concat", 1, 256, 35},
           {"Concat", 2, 288, 35},
           {"Concat", 3, 288, 35},
           {"Concat", 4, 768, 17},
           {"Concat", 8, 768, 17},
           {"Concat", 9, 1280, 8},
           {"Concat", 12, 2048, 8},
           {"Concat", 15, 2048, 8}}};
}

// Units as in Inception-v3: five in the stem, seven in mixed 5b, 1 + 2 + 3 in each of ten blocks 35, 1 + 3 in
// mixed 6a, 1 + 3 in each of twenty blocks 17, 2 + 2 + 3 in mixed 7a, 1 + 3 in each of ten blocks 8, one at
// the end. Every block ends in a plain 1x1, a scale, a sum and, but for the last, an activation.
ZooRow inception_resnet_v2() {
  constexpr int kUnits = 5 + 7 + 10 * 6 + 4 + 20 * 4 + 7 + 10 * 4 + 1;
  constexpr int kBlocks = 10 + 20 + 10;
  return {"inceptionresnet_v2",
          55873736,
          13.18e9,  // [timm]
          0.01e9,
          with_head({{"Conv", kUnits + kBlocks},
                     {"BatchNormalization", kUnits},
                     {"Relu", kUnits + kBlocks - 1},
                     {"MaxPool", 2 + 1 + 1},
                     {"AveragePool", 1},
                     {"Concat", 1 + 1 + 1 + kBlocks},
                     {"Mul", kBlocks},
                     {"Add", kBlocks}}),
          {{"Relu", 5, 192, 71},
           {"MaxPool", 2, 192, 35},
           {"Concat", 1, 320, 35},
           {"Add", 10, 320, 35},
           {"Concat", 12, 1088, 17},
           {"Add", 30, 1088, 17},
           {"Concat", 33, 2080, 8},
           {"Add", 40, 2080, 8},
           {"Relu", kUnits + kBlocks - 1, 1536, 8}}};
}

// One convolution, thirteen depthwise separable ones, and a 1x1 as classifier.
ZooRow mobilenet() {
  return {"mobilenet",
          4253864,
          569e6,  // [paper]
          1e6,
          {{"Conv", 1 + 13 * 2 + 1},
           {"BatchNormalization", 1 + 13 * 2},
           {"Clip", 1 + 13 * 2},
           {"GlobalAveragePool", 1},
           {"Flatten", 1},
           {"Softmax", 1}},
          {{"Clip", 1, 32, 112},
           {"Clip", 3, 64, 112},
           {"Clip", 5, 128, 56},
           {"Clip", 7, 128, 56},
           {"Clip", 9, 256, 28},
           {"Clip", 11, 256, 28},
           {"Clip", 13, 512, 14},
           {"Clip", 23, 512, 14},
           {"Clip", 25, 1024, 7},
           {"Clip", 27, 1024, 7},
           {"Conv", 28, 1000, 1}}};
}

// One convolution, seventeen bottlenecks (depthwise and projection, all but the first with an expansion
// before) and a last 1x1. Sums where stride and width stay: 1 + 2 + 3 + 2 + 2.
ZooRow mobilenet_v2() {
  return {"mobilenetv2",
          3538984,
          300e6,  // [paper]
          1e6,
          with_head({{"Conv", 1 + 17 * 2 + 16 + 1},
                     {"BatchNormalization", 1 + 17 * 2 + 16 + 1},
                     {"Clip", 1 + 17 + 16 + 1},
                     {"Add", 1 + 2 + 3 + 2 + 2}}),
          {{"Conv", 1, 32, 112},
           {"Conv", 3, 16, 112},
           {"Add", 1, 24, 56},
           {"Add", 3, 32, 28},
           {"Add", 6, 64, 14},
           {"Add", 8, 96, 14},
           {"Add", 10, 160, 7},
           {"Conv", 51, 320, 7},
           {"Conv", 52, 1280, 7}}};
}

constexpr double kClassifier = 2048 * 1000;

}  // namespace

const std::vector<ZooRow>& zoo_table() {
  static const std::vector<ZooRow> rows{
      vgg("vgg16", 13, 138357544, 15.47e9),  // [timm]
      vgg("vgg19", 16, 143667240, 19.63e9),  // [timm]
      xception(),
      resnet("resnet50", 3, 4, 6, 3, 25636712, 3.8e9),                              // [paper]
      resnet("resnet101", 3, 4, 23, 3, 44707176, 7.6e9),                            // [paper]
      resnet("resnet152", 3, 8, 36, 3, 60419944, 11.3e9),                           // [paper]
      resnet_v2("resnet50v2", 3, 4, 6, 3, 25613800, 6.969e9 / 2 + kClassifier),     // [slim]
      resnet_v2("resnet101v2", 3, 4, 23, 3, 44675560, 14.397e9 / 2 + kClassifier),  // [slim]
      resnet_v2("resnet152v2", 3, 8, 36, 3, 60380648, 21.826e9 / 2 + kClassifier),  // [slim]
      inception_v3(),
      inception_resnet_v2(),
      mobilenet(),
      mobilenet_v2(),
      densenet("densenet121", 24, 16, 8062504, 2.834e9),                // [vision]
      densenet("densenet169", 32, 32, 14307880, 3.36e9),                // [vision]
      densenet("densenet201", 48, 32, 20242984, 4.291e9),               // [vision]
      nasnet("nasnetlarge", 6, 168, 96, 331, 88949818, 23.8e9, 0.1e9),  // [paper]
      nasnet("nasnetmobile", 4, 44, 32, 224, 5326716, 564e6, 1e6),      // [paper]
  };
  return rows;
}

}  // namespace kerf::test
