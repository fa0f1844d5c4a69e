#include "planner/plans/plan.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <optional>

#include "base/error.hpp"
#include "base/text.hpp"

namespace kerf {
namespace {

constexpr std::string_view kFormat = "HOST:FIRST-LAST, as in \"camera:0-12,edge:13-40\"";

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::optional<int> parse_block(std::string_view text) {
  int block = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), block);
  if (failure != std::errc{} || end != text.data() + text.size() || block < 0) return std::nullopt;
  return block;
}

// Takes a plan's text apart, one stage after the other; `expect` is the block that the next stage must start
// with.
class PlanReader {
 public:
  PlanReader(std::string_view text, std::span<const std::string> hosts, int blocks)
      : where_(fmt::format("plan \"{}\"", text)), hosts_(hosts), blocks_(blocks) {}

  void add(std::string_view item) {
    const std::size_t colon = item.rfind(':');
    if (colon == std::string_view::npos)
      refuse(fmt::format("\"{}\" has no \":\"", item), std::string(kFormat));
    const Stage stage = read_blocks(item.substr(colon + 1), find_host(trim(item.substr(0, colon))));
    check_place(stage);
    plan_.stages.push_back(stage);
  }

  [[nodiscard]] Plan finish() {
    if (next_block() != blocks_) {
      refuse(fmt::format("it ends with block {}", next_block() - 1),
             fmt::format("block {}, the model's last", blocks_ - 1));
    }
    return std::move(plan_);
  }

 private:
  [[noreturn]] void refuse(std::string found, std::string expected, std::string hint = {}) const {
    throw Error(ErrorCode::kUsage, where_, std::move(found), std::move(expected), std::move(hint));
  }

  [[nodiscard]] int next_block() const {
    return plan_.stages.empty() ? 0 : plan_.stages.back().last_block + 1;
  }

  [[nodiscard]] int find_host(std::string_view name) const {
    for (std::size_t host = 0; host < hosts_.size(); ++host) {
      if (hosts_[host] == name) return static_cast<int>(host);
    }
    const std::string known = nearest(name, hosts_);
    refuse(fmt::format("unknown host \"{}\"", name), fmt::format("one of {}", fmt::join(hosts_, ", ")),
           known.empty() ? "" : fmt::format("did you mean \"{}\"?", known));
  }

  [[nodiscard]] Stage read_blocks(std::string_view range, int host) const {
    const std::size_t dash = range.find('-');
    const auto first = parse_block(trim(range.substr(0, dash)));
    const auto last = dash == std::string_view::npos ? first : parse_block(trim(range.substr(dash + 1)));
    if (!first || !last) refuse(fmt::format("blocks \"{}\"", trim(range)), "two numbers, as in \"0-12\"");
    if (*last < *first) refuse(fmt::format("blocks {}-{}", *first, *last), "the lower number first");
    return {host, *first, *last};
  }

  void check_place(const Stage& stage) const {
    const int next = next_block();
    if (stage.first_block > next) {
      refuse(stage.first_block == next + 1
                 ? fmt::format("block {} is missing", next)
                 : fmt::format("blocks {}-{} are missing", next, stage.first_block - 1),
             "every block once, in order");
    }
    if (stage.first_block < next) {
      refuse(fmt::format("block {} twice", stage.first_block), "every block once, in order");
    }
    if (stage.last_block >= blocks_) {
      refuse(fmt::format("block {}", stage.last_block),
             fmt::format("at most {}, the model's last block", blocks_ - 1));
    }
    if (!plan_.stages.empty() && plan_.stages.back().host == stage.host) {
      const std::string& name = hosts_[static_cast<std::size_t>(stage.host)];
      refuse(fmt::format("host \"{}\" twice in a row", name),
             fmt::format("one stage, \"{}:{}-{}\"", name, plan_.stages.back().first_block, stage.last_block));
    }
  }

  std::string where_;
  std::span<const std::string> hosts_;
  int blocks_;
  Plan plan_;
};

}  // namespace

std::string to_text(const Plan& plan, std::span<const std::string> hosts) {
  std::string text;
  for (const Stage& stage : plan.stages) {
    if (!text.empty()) text += ',';
    text += fmt::format("{}:{}-{}", hosts[static_cast<std::size_t>(stage.host)], stage.first_block,
                        stage.last_block);
  }
  return text;
}

Plan parse_plan(std::string_view text, std::span<const std::string> hosts, int blocks) {
  PlanReader reader(text, hosts, blocks);
  std::string_view rest = text;
  while (true) {
    const std::size_t comma = rest.find(',');
    reader.add(trim(rest.substr(0, comma)));
    if (comma == std::string_view::npos) return reader.finish();
    rest.remove_prefix(comma + 1);
  }
}

}  // namespace kerf
