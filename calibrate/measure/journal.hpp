#pragma once
// What a calibration has measured so far, in a file beside the profile to be: every visit as it is made, so
// that an interrupted calibration, even a killed one, goes on where it was. A text file: a line that says
// what is measured how, then a line a visit.

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/quantity.hpp"
#include "calibrate/measure/steady.hpp"

namespace kerf {

class Journal {
 public:
  struct Visited {
    std::vector<Visit> visits;
    std::vector<int> stretches;  // of each visit
  };
  struct Part {                                     // one attempt at one row of the profile
    Seconds spent;                                  // of its budget
    std::map<std::pair<int, int>, Visited> slices;  // by first and last block
  };

  // Opens `file`, or begins it. `subject` (one line) says what is measured and how. Error(kBadInput) when the
  // file is of another subject; Error(kUsage) when it cannot be written. A last line that was cut off is
  // dropped. An empty path keeps nothing. Whoever has written the profile removes the file.
  Journal(std::filesystem::path file, const std::string& subject);

  [[nodiscard]] const Part& part(int number) const;
  [[nodiscard]] bool resumed() const { return !parts_.empty(); }
  void add(int part, int first_block, int last_block, int stretch, Seconds spent,
           std::span<const Visit> visits);

 private:
  void read(const std::string& subject);

  std::filesystem::path file_;
  std::ofstream out_;
  std::map<int, Part> parts_;  // as found
};

}  // namespace kerf
