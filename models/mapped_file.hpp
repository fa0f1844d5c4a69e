#pragma once
// A file mapped for reading, so that walking through it touches only the pages that are looked at. The view
// is valid as long as the object lives. Error(kBadInput) for what is not a readable, non-empty, regular file.

#include <filesystem>
#include <string_view>

namespace kerf {

class MappedFile {
 public:
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  [[nodiscard]] std::string_view bytes() const { return bytes_; }
  // Takes the pages looked at so far out of this process's memory; they come back when looked at again.
  void forget() const;

 private:
  std::string_view bytes_;
};

}  // namespace kerf
