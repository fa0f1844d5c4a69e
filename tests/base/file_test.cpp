#include "base/file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "base/error.hpp"

namespace kerf::test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

// A folder of its own for each test, removed at its end.
class File : public testing::Test {
 protected:
  File()
      : folder_(fs::path(testing::TempDir()) /
                ("kerf-file-" + std::to_string(::getpid()) + "-" +
                 testing::UnitTest::GetInstance()->current_test_info()->name())) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~File() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_))
      names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  }

  fs::path folder_;
};

// While it lives, no file can grow beyond `bytes`: what a full disk looks like.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int) = nullptr;
};

template <class Call>
void expect_error(const Call& call, ErrorCode code, const std::string& words) {
  try {
    call();
    ADD_FAILURE() << "no error; expected " << words;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code);
    EXPECT_THAT(error.what(), HasSubstr(words));
  }
}

TEST_F(File, IsReadAsItWasWritten) {
  const std::string content("bytes \0 of\r\nany \xff kind", 21);
  write_file(folder_ / "a", content);
  EXPECT_EQ(read_file(folder_ / "a"), content);
}

TEST_F(File, MayBeEmpty) {
  write_file(folder_ / "a", "");
  EXPECT_EQ(read_file(folder_ / "a"), "");
}

TEST_F(File, MayBeLarge) {
  std::string content;
  for (int k = 0; k < 300000; ++k) content += std::to_string(k);
  write_file(folder_ / "a", content);
  EXPECT_TRUE(read_file(folder_ / "a") == content);
}

TEST_F(File, InPiecesAppearsWhenItIsWhole) {
  write_file(folder_ / "a", "old");
  FileWriter writer(folder_ / "a");
  writer.append("one ");
  writer.append("two");
  EXPECT_EQ(read_file(folder_ / "a"), "old");
  writer.commit();
  EXPECT_EQ(read_file(folder_ / "a"), "one two");
  EXPECT_THAT(names(), ElementsAre("a"));
}

TEST_F(File, InPiecesThatIsAbandonedLeavesNothing) {
  { FileWriter(folder_ / "a").append("half"); }
  EXPECT_THAT(names(), testing::IsEmpty());
}

TEST_F(File, IsReplacedAsAWhole) {
  write_file(folder_ / "a", "a longer text from before");
  write_file(folder_ / "a", "new");
  EXPECT_EQ(read_file(folder_ / "a"), "new");
  EXPECT_THAT(names(), ElementsAre("a"));
}

TEST_F(File, OnAFullDiskLeavesTheOldOneAndNoTemporary) {
  write_file(folder_ / "a", "old");
  std::string message;
  int code = 0;
  {
    const FullDisk full(4096);
    try {
      write_file(folder_ / "a", std::string(100000, 'x'));
    } catch (const Error& error) {
      message = error.what();
      code = error.exit_code();
    }
  }
  EXPECT_EQ(code, static_cast<int>(ErrorCode::kLimit));
  EXPECT_THAT(message, HasSubstr((folder_ / "a").string() + ": cannot be written (File too large)"));
  EXPECT_THAT(message, HasSubstr("free some space"));
  EXPECT_EQ(read_file(folder_ / "a"), "old");
  EXPECT_THAT(names(), ElementsAre("a"));
}

TEST_F(File, CannotBeWrittenBelowAFile) {
  write_file(folder_ / "a", "old");
  expect_error([&] { write_file(folder_ / "a" / "b", "new"); }, ErrorCode::kUsage,
               "a/b: cannot be written (Not a directory); name a folder that you may write to");
  EXPECT_EQ(read_file(folder_ / "a"), "old");
}

TEST_F(File, CannotBeWrittenIntoAMissingFolder) {
  expect_error([&] { write_file(folder_ / "no" / "b", "new"); }, ErrorCode::kUsage,
               "cannot be written (No such file or directory)");
}

TEST_F(File, CannotReplaceAFolder) {
  fs::create_directory(folder_ / "a");
  expect_error([&] { write_file(folder_ / "a", "new"); }, ErrorCode::kUsage,
               "cannot be written (Is a directory)");
  EXPECT_THAT(names(), ElementsAre("a"));
}

TEST_F(File, CannotBeWrittenWhereTheUserMayNot) {
  fs::create_directory(folder_ / "locked");
  fs::permissions(folder_ / "locked", fs::perms::owner_read | fs::perms::owner_exec);
  if (::access((folder_ / "locked").c_str(), W_OK) == 0) GTEST_SKIP() << "this user may write anywhere";
  expect_error([&] { write_file(folder_ / "locked" / "a", "new"); }, ErrorCode::kUsage, "Permission denied");
  fs::permissions(folder_ / "locked", fs::perms::owner_all);
}

TEST_F(File, ThatIsMissingIsNamed) {
  expect_error([&] { static_cast<void>(read_file(folder_ / "none")); }, ErrorCode::kBadInput,
               (folder_ / "none").string() + ": cannot be read (No such file or directory)");
}

TEST_F(File, IsNoFolder) {
  expect_error([&] { static_cast<void>(read_file(folder_)); }, ErrorCode::kBadInput,
               "is a folder; expected a file");
}

TEST_F(File, MayHaveNoSizeOfItsOwn) {
  EXPECT_THAT(read_file("/proc/self/status"), HasSubstr("Pid:"));
}

TEST_F(File, WritableFolderIsMadeWithItsParents) {
  ensure_writable_folder(folder_ / "a" / "b");
  EXPECT_TRUE(fs::is_directory(folder_ / "a" / "b"));
  EXPECT_TRUE(fs::is_empty(folder_ / "a" / "b"));
  ensure_writable_folder(folder_ / "a" / "b");
}

TEST_F(File, WritableFolderCannotBeBelowAFile) {
  write_file(folder_ / "a", "old");
  expect_error([&] { ensure_writable_folder(folder_ / "a" / "b"); }, ErrorCode::kUsage, "cannot be written");
  expect_error([&] { ensure_writable_folder(folder_ / "a"); }, ErrorCode::kUsage, "cannot be written");
}

}  // namespace
}  // namespace kerf::test
