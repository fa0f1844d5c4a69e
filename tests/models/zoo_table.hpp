#pragma once
// What the zoo's networks must consist of, written down from their definitions and from published figures,
// not from what our code makes.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace kerf::test {

// The output of the `nth` operator of a kind, in the order of the network's definition: channels and side.
struct Stage {
  std::string op_type;
  int nth = 1;
  std::int64_t channels = 0;
  std::int64_t side = 1;
};

struct ZooRow {
  std::string name;
  std::int64_t parameters = 0;
  double multiply_adds = 0;  // as published: to be met within 1 %, and half a unit of its last digit
  double last_digit = 0;     // the unit of the last digit published
  std::map<std::string, int> operators;
  std::vector<Stage> stages;
};

[[nodiscard]] const std::vector<ZooRow>& zoo_table();

}  // namespace kerf::test
