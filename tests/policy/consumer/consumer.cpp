// Asks the sample table for a plan; 0 when it is the right one.

#include <kerf/policy_reader.hpp>

#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  std::ifstream file(argv[1], std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  kerf::Policy policy;
  const kerf::PolicyStatus status = policy.open(bytes.data(), bytes.size());
  if (status != kerf::PolicyStatus::kOk) {
    std::cerr << kerf::to_string(status) << '\n';
    return 1;
  }
  const double at[] = {500e3, 0.02, 1};
  const kerf::PolicyAnswer answer = policy.query(at, 3);
  std::cout << policy.plan_text(static_cast<std::size_t>(answer.plan)) << '\n';
  return answer.plan == 1 && !answer.fallback ? 0 : 1;
}
