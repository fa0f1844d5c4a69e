#include "models/mapped_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "base/error.hpp"

namespace kerf {

MappedFile::MappedFile(const std::filesystem::path& path) {
  const auto refuse = [&](const std::string& found) {
    return Error(ErrorCode::kBadInput, path.string(), found, "an ONNX file");
  };
  const auto reason = [](int code) { return std::generic_category().message(code); };
  // Without O_NONBLOCK a named pipe would wait for a writer for ever.
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) throw refuse(fmt::format("cannot be read ({})", reason(errno)));
  struct stat status {};
  const int failed = ::fstat(file, &status) != 0 ? errno : 0;
  const auto size = static_cast<std::size_t>(status.st_size);
  if (failed != 0 || !S_ISREG(status.st_mode) || size == 0) {
    ::close(file);
    if (failed != 0) throw refuse(fmt::format("cannot be read ({})", reason(failed)));
    if (S_ISDIR(status.st_mode)) throw refuse("is a folder");
    throw refuse(S_ISREG(status.st_mode) ? "is empty" : "is not a regular file");
  }
  void* const start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
  const int mapping_failed = start == MAP_FAILED ? errno : 0;
  ::close(file);
  if (mapping_failed != 0) throw refuse(fmt::format("cannot be mapped ({})", reason(mapping_failed)));
  bytes_ = {static_cast<const char*>(start), size};
}

MappedFile::~MappedFile() {
  // munmap takes the address as mmap gave it: not const.
  ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

void MappedFile::forget() const {
  ::madvise(const_cast<char*>(bytes_.data()), bytes_.size(), MADV_DONTNEED);
}

}  // namespace kerf
