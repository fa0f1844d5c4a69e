#pragma once
// Operators as opsets after libonnx's last (17) write them, rewritten into what it knows, for shape inference
// only. Where an operator changed in a way that matters to shapes and no older form says the same, it is left
// as it is: libonnx then refuses it. Internal to the import: includes ONNX.

#include <onnx/onnx_pb.h>

#include <string>
#include <vector>

namespace kerf {

// `inputs` are the values of small constant inputs, nullptr where unknown; an input that becomes an attribute
// goes.
void to_older_opset(onnx::NodeProto& node, std::vector<const onnx::TensorProto*>& inputs,
                    const std::string& where);

}  // namespace kerf
