// The ways in which a file can hold a tensor's data.

#include "models/weight_place.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <functional>

#include "base/error.hpp"
#include "models/slicer.hpp"
#include "tests/models/onnx_text.hpp"

namespace kerf {
namespace {

using testing::HasSubstr;

template <class Element>
std::string bytes_of_list(const std::vector<Element>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Element)};
}

class WeightPlaces : public testing::Test {
 protected:
  using Fill = std::function<void(onnx::TensorProto&)>;

  // A model whose weight `w` is filled by the test, beside a node that uses it.
  [[nodiscard]] Graph with_weight(onnx::TensorProto::DataType type, std::int64_t elements,
                                  const Fill& fill) const {
    onnx::ModelProto model;
    model.ParseFromString(test::onnx_model("input x 4\n y = Relu(x)\n output y"));
    onnx::TensorProto& weight = *model.mutable_graph()->add_initializer();
    weight.set_name("w");
    weight.set_data_type(type);
    weight.add_dims(elements);
    fill(weight);
    return import_onnx(folder_.write("model.onnx", model.SerializeAsString()));
  }
  [[nodiscard]] std::string data(onnx::TensorProto::DataType type, std::int64_t elements,
                                 const Fill& fill) const {
    const Graph graph = with_weight(type, elements, fill);
    return read_weight(graph, graph.find_tensor("w"));
  }
  void expect_refused(onnx::TensorProto::DataType type, std::int64_t elements, const Fill& fill,
                      ErrorCode code, const std::string& words) const {
    try {
      (void)with_weight(type, elements, fill);
      ADD_FAILURE() << "the import succeeds";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code);
      EXPECT_THAT(std::string(error.what()), HasSubstr(words));
    }
  }
  static void external(onnx::TensorProto& weight, const std::map<std::string, std::string>& entries) {
    weight.set_data_location(onnx::TensorProto::EXTERNAL);
    for (const auto& [key, value] : entries) {
      auto* entry = weight.add_external_data();
      entry->set_key(key);
      entry->set_value(value);
    }
  }
  test::TempFolder folder_;
};

TEST_F(WeightPlaces, RawDataStayWhereTheyAre) {
  const std::string raw(4000, 'r');
  const Graph graph = with_weight(onnx::TensorProto::FLOAT, 1000, [&](auto& w) { w.set_raw_data(raw); });
  EXPECT_EQ(graph.weights[0].file, folder_.path() / "model.onnx");
  EXPECT_EQ(read_weight(graph, graph.find_tensor("w")), raw);
}

TEST_F(WeightPlaces, SmallRawDataAreTakenIn) {
  const Graph graph = with_weight(onnx::TensorProto::FLOAT, 2, [&](auto& w) { w.set_raw_data("abcdefgh"); });
  EXPECT_TRUE(graph.weights[0].file.empty());
  EXPECT_EQ(graph.weights[0].inlined, "abcdefgh");
}

TEST_F(WeightPlaces, PackedFloatsAreRawDataByAnotherName) {
  const Graph graph = with_weight(onnx::TensorProto::FLOAT, 1000, [&](auto& w) {
    for (int i = 0; i < 1000; ++i) w.add_float_data(static_cast<float>(i));
  });
  EXPECT_FALSE(graph.weights[0].file.empty());
  const std::string bytes = read_weight(graph, graph.find_tensor("w"));
  EXPECT_EQ(bytes.substr(4 * 999), bytes_of_list<float>({999}));
}

TEST_F(WeightPlaces, Int64sAreDecoded) {
  EXPECT_EQ(data(onnx::TensorProto::INT64, 3,
                 [](auto& w) {
                   w.add_int64_data(1);
                   w.add_int64_data(-1);
                   w.add_int64_data(1LL << 40);
                 }),
            bytes_of_list<std::int64_t>({1, -1, 1LL << 40}));
}

TEST_F(WeightPlaces, ManyInt64sAreDecoded) {
  std::vector<std::int64_t> values(1000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::int64_t>(i) * 77 - 5000;
  EXPECT_EQ(data(onnx::TensorProto::INT64, 1000,
                 [&](auto& w) {
                   for (const std::int64_t value : values) w.add_int64_data(value);
                 }),
            bytes_of_list(values));
}

TEST_F(WeightPlaces, SmallIntegersTravelAsInt32s) {
  EXPECT_EQ(data(onnx::TensorProto::INT8, 3,
                 [](auto& w) {
                   w.add_int32_data(1);
                   w.add_int32_data(-1);
                   w.add_int32_data(-128);
                 }),
            bytes_of_list<std::int8_t>({1, -1, -128}));
}

TEST_F(WeightPlaces, HalfFloatsTravelAsTheirBits) {
  EXPECT_EQ(data(onnx::TensorProto::FLOAT16, 2,
                 [](auto& w) {
                   w.add_int32_data(0x3c00);
                   w.add_int32_data(0xbc00);
                 }),
            bytes_of_list<std::uint16_t>({0x3c00, 0xbc00}));
}

TEST_F(WeightPlaces, DoublesAndUnsigned) {
  EXPECT_EQ(data(onnx::TensorProto::DOUBLE, 1, [](auto& w) { w.add_double_data(0.1); }),
            bytes_of_list<double>({0.1}));
  EXPECT_EQ(data(onnx::TensorProto::UINT32, 1, [](auto& w) { w.add_uint64_data(7); }),
            bytes_of_list<std::uint32_t>({7}));
}

TEST_F(WeightPlaces, NoElementsNeedNoData) {
  EXPECT_EQ(data(onnx::TensorProto::FLOAT, 0, [](auto&) {}), "");
}

TEST_F(WeightPlaces, ExternalDataAreARangeOfAnotherFile) {
  (void)folder_.write("weights.bin", std::string(100, 'a') + std::string(4000, 'b') + "c");
  const Graph graph = with_weight(onnx::TensorProto::FLOAT, 1000, [&](auto& w) {
    external(w, {{"location", "weights.bin"}, {"offset", "100"}, {"length", "4000"}});
  });
  EXPECT_EQ(read_weight(graph, graph.find_tensor("w")), std::string(4000, 'b'));
}

TEST_F(WeightPlaces, TheHashCoversExternalData) {
  const auto hash = [&](char fill) {
    (void)folder_.write("weights.bin", std::string(8, fill));
    return with_weight(onnx::TensorProto::FLOAT, 2,
                       [&](auto& w) {
                         external(w, {{"location", "weights.bin"}});
                       })
        .hash;
  };
  EXPECT_NE(hash('a'), hash('b'));
}

TEST_F(WeightPlaces, ExternalDataOutsideTheFolderAreRefused) {
  (void)folder_.write("sub/model.onnx", "");
  for (const char* location : {"../secret.bin", "/etc/passwd", "a/../../secret.bin", "."}) {
    expect_refused(
        onnx::TensorProto::FLOAT, 1,
        [&](auto& w) {
          external(w, {{"location", location}});
        },
        ErrorCode::kBadInput, "a file in the model's own folder");
  }
}

TEST_F(WeightPlaces, ALinkOutOfTheFolderIsRefused) {
  std::filesystem::create_symlink("/etc/passwd", folder_.path() / "link.bin");
  expect_refused(
      onnx::TensorProto::FLOAT, 1,
      [&](auto& w) {
        external(w, {{"location", "link.bin"}});
      },
      ErrorCode::kBadInput, "a file in the model's own folder");
}

TEST_F(WeightPlaces, AMissingExternalFileIsNamed) {
  expect_refused(
      onnx::TensorProto::FLOAT, 1,
      [&](auto& w) {
        external(w, {{"location", "none.bin"}});
      },
      ErrorCode::kBadInput, "\"none.bin\" is missing");
}

TEST_F(WeightPlaces, AnExternalRangeBeyondTheFileIsRefused) {
  (void)folder_.write("weights.bin", std::string(100, 'a'));
  for (const auto& [offset, length] : std::map<std::string, std::string>{
           {"97", "4"}, {"101", "4"}, {"18446744073709551615", "4"}, {"0", "18446744073709551615"}}) {
    expect_refused(
        onnx::TensorProto::FLOAT, 1,
        [&](auto& w) {
          external(w, {{"location", "weights.bin"}, {"offset", offset}, {"length", length}});
        },
        ErrorCode::kBadInput, "a range inside the file's 100 bytes");
  }
}

TEST_F(WeightPlaces, AnOffsetThatIsNoNumberIsRefused) {
  (void)folder_.write("weights.bin", std::string(100, 'a'));
  expect_refused(
      onnx::TensorProto::FLOAT, 1,
      [&](auto& w) {
        external(w, {{"location", "weights.bin"}, {"offset", "0x10"}});
      },
      ErrorCode::kBadInput, "external offset \"0x10\"");
}

TEST_F(WeightPlaces, DataOfTheWrongLengthAreRefused) {
  expect_refused(
      onnx::TensorProto::FLOAT, 3, [](auto& w) { w.set_raw_data("abcd"); }, ErrorCode::kBadInput,
      "4 bytes of data; expected 12");
}

TEST_F(WeightPlaces, MissingDataAreRefused) {
  expect_refused(
      onnx::TensorProto::FLOAT, 3, [](auto&) {}, ErrorCode::kBadInput, "0 bytes of data");
}

TEST_F(WeightPlaces, DataInTwoPlacesAreRefused) {
  expect_refused(
      onnx::TensorProto::FLOAT, 1,
      [](auto& w) {
        w.set_raw_data("abcd");
        w.add_float_data(1);
      },
      ErrorCode::kBadInput, "stored twice");
}

TEST_F(WeightPlaces, DataInAnotherTypesFieldAreRefused) {
  expect_refused(
      onnx::TensorProto::FLOAT, 1, [](auto& w) { w.add_int64_data(1); }, ErrorCode::kBadInput,
      "elements of type float32 in field 7");
}

TEST_F(WeightPlaces, NegativeDimensionsAreRefused) {
  expect_refused(
      onnx::TensorProto::FLOAT, -1, [](auto&) {}, ErrorCode::kBadInput, "a dimension of -1");
}

TEST_F(WeightPlaces, UnknownElementTypesAreUnsupported) {
  expect_refused(
      onnx::TensorProto::COMPLEX64, 1, [](auto& w) { w.set_raw_data("abcdefgh"); }, ErrorCode::kUnsupported,
      "element type 14");
}

TEST_F(WeightPlaces, AWeightWhoseFileShrankIsAnError) {
  const Graph graph =
      with_weight(onnx::TensorProto::FLOAT, 1000, [&](auto& w) { w.set_raw_data(std::string(4000, 'r')); });
  std::filesystem::resize_file(folder_.path() / "model.onnx", 100);
  EXPECT_THROW((void)read_weight(graph, graph.find_tensor("w")), Error);
  std::filesystem::remove(folder_.path() / "model.onnx");
  EXPECT_THROW((void)read_weight(graph, graph.find_tensor("w")), Error);
}

}  // namespace
}  // namespace kerf
