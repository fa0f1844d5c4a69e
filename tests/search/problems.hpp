#pragma once
// Problems built by hand for the search's tests: a chain of blocks, hosts with times, paths between them.
//
//   Problem p = chain({100, 50, 10});  // bytes at cut 0, 1, 2: two blocks
//   add_host(p, "camera", 0, {4, 2});  // rank 0; seconds of each block; the first host is the source
//   add_host(p, "edge", 1, {1, 1});
//   connect(p, "camera", "edge", Seconds(0.5), BytesPerSecond(10));  // both ways

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/problem.hpp"

namespace kerf::testing {

[[nodiscard]] Problem chain(const std::vector<double>& cut_bytes);

// Blocks of 1 byte of weights and 1 of activations each, so that blocks i..j need j - i + 2 bytes.
ProblemHost& add_host(Problem& problem, const std::string& name, int rank,
                      const std::vector<double>& seconds);
// Times that need not add up: time(first, last).
ProblemHost& add_host(Problem& problem, const std::string& name, int rank,
                      const std::function<double(int, int)>& time, const std::vector<ProfileBlock>& blocks);

// A tier without constraints yet: the hosts of that rank.
ProblemTier& add_tier(Problem& problem, const std::string& name, int rank);

// "b", 3 -> "b3".
[[nodiscard]] std::string numbered(std::string_view prefix, std::size_t number);

[[nodiscard]] int index_of(const Problem& problem, std::string_view host);
[[nodiscard]] ProblemHost& host(Problem& problem, std::string_view name);
void connect_one_way(Problem& problem, std::string_view from, std::string_view to, Seconds delay,
                     BytesPerSecond bandwidth, Seconds overhead = Seconds{});
void connect(Problem& problem, std::string_view a, std::string_view b, Seconds delay,
             BytesPerSecond bandwidth);

// A mask that marks the given blocks.
[[nodiscard]] std::vector<bool> blocks(const Problem& problem, const std::vector<int>& marked);

[[nodiscard]] std::string text(const Problem& problem, const Plan& plan);
[[nodiscard]] Plan plan(const Problem& problem, std::string_view text);

// "h0", "h1", ... linked by one platform link "wire" that every route shares; `instances` of each class.
void put_on_shared_link(Problem& problem, const std::vector<int>& instances, BytesPerSecond bandwidth);

}  // namespace kerf::testing
