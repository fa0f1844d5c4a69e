#pragma once
// Whole files, read and written safely. A write goes to a temporary file beside the target, is flushed to the
// disk and then renamed over it: a reader sees the old file or the new one, never half of one, and a failed
// write (a full disk, a folder that cannot be written) leaves the old file as it was and no temporary behind.
// Errors carry the path and the system's reason: kBadInput for what cannot be read, kLimit for a full disk,
// kUsage for what cannot be written.

#include <filesystem>
#include <string>
#include <string_view>

namespace kerf {

[[nodiscard]] std::string read_file(const std::filesystem::path& path);
void write_file(const std::filesystem::path& path, std::string_view content);

// The same for a content that comes in pieces. Nothing stands at the path before commit(); without it,
// nothing remains.
class FileWriter {
 public:
  explicit FileWriter(std::filesystem::path path);
  ~FileWriter();
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;
  void append(std::string_view piece);
  void commit();  // once, at the end

 private:
  [[noreturn]] void fail(int reason);

  std::filesystem::path path_;
  std::filesystem::path temporary_;  // empty once it is no more
  int file_ = -1;
};

// Creates the folder (and its parents) where missing and proves that a file can be written there.
void ensure_writable_folder(const std::filesystem::path& folder);

}  // namespace kerf
