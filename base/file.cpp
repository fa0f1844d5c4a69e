#include "base/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/error.hpp"

namespace kerf {
namespace {

[[noreturn]] void cannot_write(const std::filesystem::path& path, int reason) {
  const bool full = reason == ENOSPC || reason == EFBIG || reason == EDQUOT;
  throw Error(full ? ErrorCode::kLimit : ErrorCode::kUsage, path.string(),
              fmt::format("cannot be written ({})", std::generic_category().message(reason)), "",
              full ? "free some space, or name another folder; what stood there before is untouched"
                   : "name a folder that you may write to");
}

class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  [[nodiscard]] int get() const { return descriptor_; }

 private:
  int descriptor_;
};

}  // namespace

std::string read_file(const std::filesystem::path& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) {
    throw Error(ErrorCode::kBadInput, path.string(),
                fmt::format("cannot be read ({})", std::generic_category().message(errno)), "",
                "check the path");
  }
  if (S_ISDIR(status.st_mode)) {
    throw Error(ErrorCode::kBadInput, path.string(), "is a folder", "a file", "");
  }
  std::string content(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t have = 0;
  for (;;) {
    if (have == content.size())
      content.resize(content.size() + 4096);  // also what has no size, such as a pipe
    const ssize_t got = ::read(file.get(), content.data() + have, content.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      throw Error(ErrorCode::kBadInput, path.string(),
                  fmt::format("cannot be read ({})", std::generic_category().message(errno)));
    }
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  content.resize(have);
  return content;
}

void write_file(const std::filesystem::path& path, std::string_view content) {
  FileWriter writer(path);
  writer.append(content);
  writer.commit();
}

// The temporary's name is unique to this process: two processes never write the same one.
FileWriter::FileWriter(std::filesystem::path path) : path_(std::move(path)), temporary_(path_) {
  temporary_ += fmt::format(".{}.partial", ::getpid());
  file_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file_ < 0) fail(errno);
}

FileWriter::~FileWriter() {
  if (file_ >= 0) ::close(file_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void FileWriter::append(std::string_view piece) {
  while (!piece.empty()) {
    const ssize_t written = ::write(file_, piece.data(), piece.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(errno);
    piece.remove_prefix(static_cast<std::size_t>(written));
  }
}

void FileWriter::commit() {
  if (::fsync(file_) != 0 && errno != EINVAL) fail(errno);
  if (::close(std::exchange(file_, -1)) != 0) fail(errno);
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail(errno);
  temporary_.clear();
}

// Also from the constructor, after which no destructor runs.
void FileWriter::fail(int reason) {
  if (file_ >= 0) ::close(std::exchange(file_, -1));
  ::unlink(temporary_.c_str());
  temporary_.clear();
  cannot_write(path_, reason);
}

void ensure_writable_folder(const std::filesystem::path& folder) {
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure) cannot_write(folder, failure.value());
  const std::filesystem::path probe = folder / fmt::format(".kerf-{}.partial", ::getpid());
  const Descriptor file(::open(probe.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
  if (file.get() < 0) cannot_write(folder, errno);
  ::unlink(probe.c_str());
}

}  // namespace kerf
