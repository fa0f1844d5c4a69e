#pragma once
// Small ONNX models written as text, for tests. One statement a line; # begins a comment:
//
//   opset 13                         # 13 unless said
//   input x 1,3,8,8                  # float32; "input ids 1,16 int64"; a name as a dimension leaves it open
//   weight w 8,3,3,3                 # initializer with reproducible values; "weight q 8,8 int8"
//   scalar zero 128 uint8            # initializer without dimensions; float32 unless said
//   constant b 8                     # the same in a Constant node
//   ints shape 1,-1                  # int64 initializer of one dimension
//   y = Conv(x, w, b) pads=1,1,1,1   # attributes: one whole number, a list ("1," of one), 0.5, 'text'
//   a, b = Split(y) @halves axis=1   # @ names the node; an input left out is written _
//   z = com.example.Op(y)
//   output z
//   branch positive                  # a graph for an attribute: v = If(c) then_branch=&positive ...
//     b = Relu(z)
//     output b
//   end
//   function com.example.Op x y a    # inputs, outputs, attributes; needs "domain com.example"
//     y = LeakyRelu(x) alpha=$a      # the caller's attribute
//   end
//
// import_text() writes such a model to a temporary file, imports it and gives the graph; its weights, if
// larger than 1 KiB, stay in that file, which lives as long as the TempFolder.

#include <filesystem>
#include <string>
#include <string_view>

#include "models/graph.hpp"
#include "models/onnx_import.hpp"

namespace kerf::test {

// A folder that goes with the object.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  // Writes a file into it and gives its path.
  std::filesystem::path write(const std::string& name, std::string_view content) const;

 private:
  std::filesystem::path path_;
};

// The bytes of a serialized onnx.ModelProto. Throws std::invalid_argument for text that it does not
// understand.
[[nodiscard]] std::string onnx_model(std::string_view text);

[[nodiscard]] Graph import_text(const TempFolder& folder, std::string_view text,
                                const InputShapes& shapes = {});

}  // namespace kerf::test
