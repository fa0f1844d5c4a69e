#include "models/inlining.hpp"

#include <fmt/format.h>
#include <google/protobuf/unknown_field_set.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/error.hpp"
#include "models/needed_nodes.hpp"

namespace kerf {
namespace {

constexpr int kMostNodes = 100000;  // of a graph with its functions written out

std::set<std::string> defined_in(const onnx::GraphProto& graph) {
  std::set<std::string> names;
  for (const auto& input : graph.input()) names.insert(input.name());
  for (const auto& weight : graph.initializer()) names.insert(weight.name());
  for (const auto& node : graph.node()) names.insert(node.output().begin(), node.output().end());
  return names;
}

void collect_captured(const onnx::GraphProto& graph, std::set<std::string>& captured) {
  const std::set<std::string> own = defined_in(graph);
  std::set<std::string> used;
  for (const auto& node : graph.node()) {
    used.insert(node.input().begin(), node.input().end());
    for (const auto& attribute : node.attribute()) {
      if (attribute.has_g()) collect_captured(attribute.g(), used);
      for (const auto& inner : attribute.graphs()) collect_captured(inner, used);
    }
  }
  for (const auto& output : graph.output()) used.insert(output.name());
  for (const std::string& name : used) {
    if (!name.empty() && !own.contains(name)) captured.insert(name);
  }
}

// Copies the nodes of an inner graph into an outer one: names get what stands for them outside.
class Copier {
 public:
  using Attributes = std::map<std::string, const onnx::AttributeProto*>;

  // `attributes`: what a function's nodes refer to by ref_attr_name; nullptr where nothing can.
  explicit Copier(const Attributes* attributes = nullptr) : attributes_(attributes) {}

  void stands_for(const std::string& inside, const std::string& outside) { names_[inside] = outside; }
  [[nodiscard]] bool knows(const std::string& inside) const { return names_.contains(inside); }
  [[nodiscard]] std::string outside(const std::string& inside) const {
    const auto name = names_.find(inside);
    return name == names_.end() ? inside : name->second;  // captured
  }

  [[nodiscard]] onnx::NodeProto copy(const onnx::NodeProto& node) const {
    onnx::NodeProto result = node;
    for (std::string& input : *result.mutable_input()) input = outside(input);
    for (std::string& output : *result.mutable_output()) output = outside(output);
    result.clear_attribute();
    for (const auto& attribute : node.attribute()) add_attribute(result, attribute);
    return result;
  }

 private:
  void add_attribute(onnx::NodeProto& node, const onnx::AttributeProto& attribute) const {
    if (attribute.ref_attr_name().empty()) {
      onnx::AttributeProto& copied = *node.add_attribute();
      copied = attribute;
      if (copied.has_g()) rename(*copied.mutable_g());
      for (auto& graph : *copied.mutable_graphs()) rename(graph);
      return;
    }
    if (attributes_ == nullptr) return;
    const auto given = attributes_->find(attribute.ref_attr_name());
    if (given == attributes_->end()) return;  // optional, and the caller leaves it out
    onnx::AttributeProto& copied = *node.add_attribute();
    copied = *given->second;
    copied.set_name(attribute.name());
  }

  void rename(onnx::GraphProto& graph) const {
    Copier inner = *this;
    for (const std::string& name : defined_in(graph)) inner.names_.erase(name);
    for (auto& node : *graph.mutable_node()) node = inner.copy(node);
    for (auto& output : *graph.mutable_output()) output.set_name(inner.outside(output.name()));
  }

  std::map<std::string, std::string> names_;
  const Attributes* attributes_;
};

onnx::NodeProto identity(const std::string& from, const std::string& to) {
  onnx::NodeProto node;
  node.set_op_type("Identity");
  node.add_input(from);
  node.add_output(to);
  return node;
}

// Outputs of an inner graph under the names that they have outside. What is made inside takes the outer name;
// what comes from outside, or goes out twice, is copied by an Identity.
class Outputs {
 public:
  void add(const std::string& inside, const std::string& outside, bool made_inside, Copier& copier) {
    if (outside.empty()) return;
    if (made_inside && taken_.insert(inside).second) {
      copier.stands_for(inside, outside);
    } else {
      copies_.emplace_back(inside, outside);
    }
  }
  [[nodiscard]] std::vector<onnx::NodeProto> copies(const Copier& copier) const {
    std::vector<onnx::NodeProto> nodes;
    for (const auto& [inside, outside] : copies_) nodes.push_back(identity(copier.outside(inside), outside));
    return nodes;
  }

 private:
  std::set<std::string> taken_;
  std::vector<std::pair<std::string, std::string>> copies_;
};

// Names that no tensor of the graph has.
class FreshNames {
 public:
  explicit FreshNames(const onnx::GraphProto& graph) : taken_(defined_in(graph)) {}
  std::string make(const std::string& scope, const std::string& name) {
    const std::string plain = fmt::format("{}/{}", scope, name);
    int& uses = uses_[plain];
    while (true) {
      std::string fresh = ++uses == 1 ? plain : fmt::format("{}_{}/{}", scope, uses, name);
      if (taken_.insert(fresh).second) return fresh;
    }
  }

 private:
  std::set<std::string> taken_;
  std::map<std::string, int> uses_;  // of each name, so that the search for the next begins where it ended
};

std::string scope_of(const onnx::NodeProto& node) {
  return node.name().empty() ? node.op_type() : node.name();
}

// --- functions ---

// Attributes with a default (field 11 of FunctionProto) came after the version of ONNX that is linked here.
std::vector<onnx::AttributeProto> defaults_of(const onnx::FunctionProto& function) {
  constexpr int kAttributeProto = 11;
  const auto& unknown = function.unknown_fields();
  std::vector<onnx::AttributeProto> defaults;
  for (int i = 0; i < unknown.field_count(); ++i) {
    const auto& field = unknown.field(i);
    if (field.number() != kAttributeProto ||
        field.type() != google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED)
      continue;
    onnx::AttributeProto attribute;
    if (attribute.ParseFromString(field.length_delimited())) defaults.push_back(std::move(attribute));
  }
  return defaults;
}

class FunctionInliner {
 public:
  FunctionInliner(onnx::ModelProto& model, const std::string& file)
      : model_(model), file_(file), names_(model.graph()) {
    for (const auto& function : model.functions())
      functions_[{function.domain(), function.name()}] = &function;
    for (const auto& set : model.opset_import()) versions_[domain_of(set.domain())] = set.version();
  }

  void run() {
    refuse_recursion();
    std::vector<onnx::NodeProto> open(model_.graph().node().rbegin(), model_.graph().node().rend());
    onnx::GraphProto written;
    int steps = 0;
    while (!open.empty()) {
      onnx::NodeProto node = std::move(open.back());
      open.pop_back();
      const auto function = functions_.find({node.domain(), node.op_type()});
      if (function == functions_.end()) {
        *written.add_node() = std::move(node);
        continue;
      }
      std::vector<onnx::NodeProto> body = body_of(*function->second, node);
      steps += static_cast<int>(body.size()) + 1;
      if (steps > kMostNodes) {
        throw Error(ErrorCode::kUnsupported, where(node),
                    fmt::format("functions that become more than {} nodes", kMostNodes),
                    "functions that nest less deeply");
      }
      open.insert(open.end(), std::make_move_iterator(body.rbegin()), std::make_move_iterator(body.rend()));
    }
    model_.mutable_graph()->mutable_node()->Swap(written.mutable_node());
    for (const auto& [domain, version] : added_) {
      auto* set = model_.add_opset_import();
      set->set_domain(domain);
      set->set_version(version);
    }
  }

 private:
  using Name = std::pair<std::string, std::string>;  // domain and operator

  // The functions that these nodes call, in their branches too.
  template <class Nodes>
  void collect_calls(const Nodes& nodes, std::set<Name>& calls) const {
    for (const onnx::NodeProto& node : nodes) {
      const Name name{node.domain(), node.op_type()};
      if (functions_.contains(name)) calls.insert(name);
      for (const auto& attribute : node.attribute()) {
        if (attribute.has_g()) collect_calls(attribute.g().node(), calls);
        for (const auto& graph : attribute.graphs()) collect_calls(graph.node(), calls);
      }
    }
  }

  // Takes away functions that call none, again and again: what is left calls itself.
  void refuse_recursion() const {
    std::map<Name, std::vector<Name>> callers;
    std::map<Name, std::size_t> open_calls;
    std::vector<Name> done;
    for (const auto& [name, function] : functions_) {
      std::set<Name> calls;
      collect_calls(function->node(), calls);
      open_calls[name] = calls.size();
      if (calls.empty()) done.push_back(name);
      for (const Name& called : calls) callers[called].push_back(name);
    }
    for (std::size_t i = 0; i < done.size(); ++i) {
      for (const Name& caller : callers[done[i]]) {
        if (--open_calls[caller] == 0) done.push_back(caller);
      }
    }
    for (const auto& [name, open] : open_calls) {
      if (open == 0) continue;
      throw Error(ErrorCode::kUnsupported, file_,
                  fmt::format("function {} of domain {} needs itself", name.second, name.first),
                  "functions that do not call themselves");
    }
  }

  static std::string domain_of(const std::string& domain) { return domain == "ai.onnx" ? "" : domain; }

  [[nodiscard]] std::string where(const onnx::NodeProto& node) const {
    return fmt::format("{}: node \"{}\" ({})", file_, scope_of(node), node.op_type());
  }

  void import_versions(const onnx::FunctionProto& function, const onnx::NodeProto& node) {
    for (const auto& set : function.opset_import()) {
      const std::string domain = domain_of(set.domain());
      const auto [known, fresh] = versions_.emplace(domain, set.version());
      if (fresh) added_[domain] = set.version();
      if (known->second == set.version() || !uses(function, domain)) continue;
      throw Error(ErrorCode::kUnsupported, where(node),
                  fmt::format("a function for opset {} of domain \"{}\"", set.version(), domain),
                  fmt::format("opset {}, which the model imports", known->second),
                  "write the functions out first (onnx.inliner.inline_local_functions)");
    }
  }

  static bool uses(const onnx::FunctionProto& function, const std::string& domain) {
    return std::any_of(function.node().begin(), function.node().end(),
                       [&](const auto& node) { return domain_of(node.domain()) == domain; });
  }

  std::vector<onnx::NodeProto> body_of(const onnx::FunctionProto& function, const onnx::NodeProto& node) {
    import_versions(function, node);
    if (node.input_size() > function.input_size() || node.output_size() > function.output_size()) {
      throw Error(
          ErrorCode::kBadInput, where(node),
          fmt::format("{} inputs and {} outputs", node.input_size(), node.output_size()),
          fmt::format("at most the function's {} and {}", function.input_size(), function.output_size()),
          "export the model again");
    }
    const std::vector<onnx::AttributeProto> defaults = defaults_of(function);
    Copier::Attributes attributes;
    for (const auto& attribute : defaults) attributes[attribute.name()] = &attribute;
    for (const auto& attribute : node.attribute()) attributes[attribute.name()] = &attribute;

    Copier copier(&attributes);
    std::set<std::string> made;
    for (const auto& inner : function.node()) made.insert(inner.output().begin(), inner.output().end());
    for (const std::string& name : made) {
      if (!name.empty()) copier.stands_for(name, names_.make(scope_of(node), name));
    }
    for (int i = 0; i < function.input_size(); ++i)
      copier.stands_for(function.input(i), i < node.input_size() ? node.input(i) : "");
    Outputs outputs;
    for (int i = 0; i < node.output_size(); ++i)
      outputs.add(function.output(i), node.output(i), made.contains(function.output(i)), copier);

    std::vector<onnx::NodeProto> body;
    for (const auto& inner : function.node()) {
      body.push_back(copier.copy(inner));
      if (!inner.name().empty()) body.back().set_name(fmt::format("{}/{}", scope_of(node), inner.name()));
    }
    for (onnx::NodeProto& copied : outputs.copies(copier)) body.push_back(std::move(copied));
    return body;
  }

  onnx::ModelProto& model_;
  const std::string& file_;
  FreshNames names_;
  std::map<Name, const onnx::FunctionProto*> functions_;
  std::map<std::string, std::int64_t> versions_;
  std::map<std::string, std::int64_t> added_;
};

}  // namespace

void inline_functions(onnx::ModelProto& model, const std::string& file) {
  if (model.functions_size() > 0) FunctionInliner(model, file).run();
}

void inline_branch(onnx::GraphProto& graph, int index, bool condition, const std::string& file) {
  const onnx::NodeProto node = graph.node(index);
  const std::string wanted = condition ? "then_branch" : "else_branch";
  const auto found = std::find_if(node.attribute().begin(), node.attribute().end(),
                                  [&](const auto& attribute) { return attribute.name() == wanted; });
  if (found == node.attribute().end() || !found->has_g() || found->g().output_size() < node.output_size()) {
    throw Error(ErrorCode::kBadInput, place_of_node(graph, index, file),
                fmt::format("no {} with {} outputs", wanted, node.output_size()),
                "one branch for each outcome", "export the model again");
  }
  const onnx::GraphProto& branch = found->g();

  FreshNames names(graph);
  Copier copier;
  const std::set<std::string> made = defined_in(branch);
  std::set<std::string> weights;
  for (const auto& weight : branch.initializer()) weights.insert(weight.name());
  for (const std::string& name : made) {
    if (!name.empty()) copier.stands_for(name, names.make(scope_of(node), name));
  }
  Outputs outputs;
  for (int i = 0; i < node.output_size(); ++i) {
    const std::string& name = branch.output(i).name();
    outputs.add(name, node.output(i), made.contains(name) && !weights.contains(name), copier);
  }

  for (const auto& weight : branch.initializer()) {
    onnx::TensorProto& copied = *graph.add_initializer();
    copied = weight;
    copied.set_name(copier.outside(weight.name()));
  }
  for (const auto& weight : branch.sparse_initializer()) *graph.add_sparse_initializer() = weight;
  onnx::GraphProto written;
  for (int n = 0; n < graph.node_size(); ++n) {
    if (n != index) {
      written.add_node()->Swap(graph.mutable_node(n));
      continue;
    }
    for (const auto& inner : branch.node()) *written.add_node() = copier.copy(inner);
    for (const auto& copied : outputs.copies(copier)) *written.add_node() = copied;
  }
  graph.mutable_node()->Swap(written.mutable_node());
}

std::vector<std::string> captured_names(const onnx::NodeProto& node) {
  std::set<std::string> captured;
  for (const auto& attribute : node.attribute()) {
    if (attribute.has_g()) collect_captured(attribute.g(), captured);
    for (const auto& graph : attribute.graphs()) collect_captured(graph, captured);
  }
  return {captured.begin(), captured.end()};
}

bool has_graphs(const onnx::NodeProto& node) {
  return std::any_of(node.attribute().begin(), node.attribute().end(),
                     [](const auto& attribute) { return attribute.has_g() || attribute.graphs_size() > 0; });
}

}  // namespace kerf
