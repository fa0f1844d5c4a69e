#include "calibrate/measure/journal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/file.hpp"
#include "tests/models/onnx_text.hpp"

namespace kerf {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class JournalTest : public testing::Test {
 protected:
  void fill() const {
    Journal journal(file_, "resnet50 on here");
    journal.add(0, 0, 3, 0, Seconds(1.5), std::vector<Visit>{{0.01, 0.02}});
    journal.add(0, 0, 3, 1, Seconds(2.5), std::vector<Visit>{{0.03}});
    journal.add(2, 1, 1, 0, Seconds(0.5), std::vector<Visit>{{0.04}, {0.05}});  // two sessions
  }

  test::TempFolder folder_;
  std::filesystem::path file_ = folder_.path() / "profile.json.partial";
};

TEST_F(JournalTest, GivesBackWhatWasAdded) {
  fill();
  const Journal journal(file_, "resnet50 on here");
  EXPECT_TRUE(journal.resumed());
  EXPECT_EQ(journal.part(0).spent, Seconds(2.5));
  EXPECT_THAT(journal.part(0).slices.at({0, 3}).visits, ElementsAre(Visit{0.01, 0.02}, Visit{0.03}));
  EXPECT_THAT(journal.part(0).slices.at({0, 3}).stretches, ElementsAre(0, 1));
  EXPECT_TRUE(journal.part(1).slices.empty());
  EXPECT_THAT(journal.part(2).slices.at({1, 1}).visits, ElementsAre(Visit{0.04}, Visit{0.05}));
}

TEST_F(JournalTest, SurvivesASecondInterruption) {
  fill();
  {
    Journal journal(file_, "resnet50 on here");
    journal.add(0, 2, 2, 0, Seconds(3), std::vector<Visit>{{0.06}});
  }
  const Journal journal(file_, "resnet50 on here");
  EXPECT_EQ(journal.part(0).slices.size(), 2U);
  EXPECT_EQ(journal.part(0).spent, Seconds(3));
}

TEST_F(JournalTest, DropsALineThatWasCutOff) {
  fill();
  const std::string text = read_file(file_);
  for (std::size_t length = text.find('\n') + 1; length < text.size(); ++length) {
    write_file(file_, text.substr(0, length));
    Journal journal(file_, "resnet50 on here");
    journal.add(0, 9, 9, 0, Seconds(4), std::vector<Visit>{{0.07}});
    EXPECT_THAT(Journal(file_, "resnet50 on here").part(0).slices.at({9, 9}).visits,
                ElementsAre(Visit{0.07}));
  }
}

TEST_F(JournalTest, OfSomethingElseIsNamed) {
  fill();
  try {
    const Journal journal(file_, "vgg16 on here");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBadInput);
    EXPECT_THAT(error.what(), HasSubstr("resnet50 on here"));
    EXPECT_THAT(error.what(), HasSubstr("vgg16 on here"));
    EXPECT_THAT(error.hint(), HasSubstr("remove the file"));
  }
  EXPECT_TRUE(Journal(file_, "resnet50 on here").resumed());
}

TEST_F(JournalTest, OfSomethingElseButEmptyIsNoHindrance) {
  { const Journal journal(file_, "resnet50 on here"); }
  EXPECT_FALSE(Journal(file_, "vgg16 on here").resumed());
}

TEST_F(JournalTest, WithoutAFileKeepsNothing) {
  Journal journal("", "anything");
  journal.add(0, 0, 0, 0, Seconds(1), std::vector<Visit>{{1}});
  EXPECT_FALSE(journal.resumed());
}

}  // namespace
}  // namespace kerf
