// Packets on links, moments worked out by hand. Packets of 986 bytes are 1,000 with their frame.

#include "testbed/packet_network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace kerf {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::int64_t kMs = 1'000'000;
constexpr BytesPerSecond kUnlimited{std::numeric_limits<double>::infinity()};
const std::string kKilo(986, 'x');

// What arrives where, in milliseconds, in order.
using Arrivals = std::vector<std::pair<std::size_t, double>>;

Arrivals drain(PacketNetwork& network) {
  Arrivals arrivals;
  while (network.next() != kNever) {
    const std::int64_t at = network.next();
    network.advance(at, [&](std::size_t host, const std::string&) {
      arrivals.emplace_back(host, static_cast<double>(at) / kMs);
    });
  }
  return arrivals;
}

// Host 0 to host 1 over one link: 1 MB/s, 20 ms.
PacketNetwork one_link() {
  return PacketNetwork({{.rate = BytesPerSecond(1e6), .delay = Seconds(0.02)}}, {{}, {0}, {}, {}}, 2);
}

TEST(PacketNetwork, APacketTakesItsBytesAndTheDelay) {
  PacketNetwork network = one_link();
  network.send(5 * kMs, 0, 1, kKilo);
  EXPECT_THAT(drain(network), ElementsAre(std::pair{std::size_t{1}, 26.0}));
}

TEST(PacketNetwork, PacketsWaitForThoseBefore) {
  PacketNetwork network = one_link();
  for (int i = 0; i < 3; ++i) network.send(0, 0, 1, kKilo);
  network.send(10 * kMs, 0, 1, kKilo);  // finds the link free again
  EXPECT_THAT(drain(network), ElementsAre(std::pair{std::size_t{1}, 21.0}, std::pair{std::size_t{1}, 22.0},
                                          std::pair{std::size_t{1}, 23.0}, std::pair{std::size_t{1}, 31.0}));
}

// Whether advance() is called in time or late, packets keep their moments.
TEST(PacketNetwork, LatenessDoesNotAddUp) {
  PacketNetwork network({{.rate = BytesPerSecond(1e6), .delay = Seconds(0.02)},
                         {.rate = BytesPerSecond(1e5), .delay = Seconds(0.01)}},
                        {{}, {0, 1}, {}, {}}, 2);
  network.send(0, 0, 1, kKilo);
  EXPECT_EQ(network.next(), 0);
  network.advance(30 * kMs, [](std::size_t, const std::string&) { FAIL(); });
  EXPECT_EQ(network.next(), 41 * kMs);  // 21, then 10 to be sent and 10 of delay
}

// Two senders and one uplink: the second's packet waits for the first's; the answers have the other direction
// for themselves.
TEST(PacketNetwork, SharedLinksAreShared) {
  // Hosts 0 and 1 send to 2 over local links 0 and 1 and uplink 2; back over 3.
  PacketNetwork network({{.rate = kUnlimited, .delay = Seconds(0.001)},
                         {.rate = kUnlimited, .delay = Seconds(0.001)},
                         {.rate = BytesPerSecond(1e6), .delay = Seconds(0)},
                         {.rate = BytesPerSecond(1e6), .delay = Seconds(0)}},
                        {{}, {}, {0, 2}, {}, {}, {1, 2}, {3, 0}, {3, 1}, {}}, 3);
  network.send(0, 0, 2, kKilo);
  network.send(0, 1, 2, kKilo);
  network.send(0, 2, 0, kKilo);
  EXPECT_THAT(drain(network), ElementsAre(std::pair{std::size_t{2}, 2.0}, std::pair{std::size_t{0}, 2.0},
                                          std::pair{std::size_t{2}, 3.0}));
}

TEST(PacketNetwork, ALinkThatIsNotSharedGivesEachPairItsRate) {
  PacketNetwork network({{.rate = BytesPerSecond(1e6), .delay = Seconds(0), .shared = false}},
                        {{}, {}, {0}, {}, {}, {0}, {}, {}, {}}, 3);
  network.send(0, 0, 2, kKilo);
  network.send(0, 1, 2, kKilo);
  network.send(0, 0, 2, kKilo);
  EXPECT_THAT(drain(network), ElementsAre(std::pair{std::size_t{2}, 1.0}, std::pair{std::size_t{2}, 1.0},
                                          std::pair{std::size_t{2}, 2.0}));
}

// A radio channel: one link for both directions.
TEST(PacketNetwork, BothDirectionsCanBeOneLink) {
  PacketNetwork network({{.rate = BytesPerSecond(1e6), .delay = Seconds(0)}}, {{}, {0}, {0}, {}}, 2);
  network.send(0, 0, 1, kKilo);
  network.send(0, 1, 0, kKilo);
  EXPECT_THAT(drain(network), ElementsAre(std::pair{std::size_t{1}, 1.0}, std::pair{std::size_t{0}, 2.0}));
}

TEST(PacketNetwork, ARateHoldsFromWhenItIsSet) {
  PacketNetwork network = one_link();
  network.send(0, 0, 1, kKilo);
  network.advance(0, [](std::size_t, const std::string&) {});
  network.set(0, BytesPerSecond(1e5), Seconds(0.05));
  network.send(0, 0, 1, kKilo);
  EXPECT_THAT(drain(network), ElementsAre(std::pair{std::size_t{1}, 21.0}, std::pair{std::size_t{1}, 61.0}));
}

TEST(PacketNetwork, DropsWhatHasNoRouteOrNoRoom) {
  PacketNetwork network = one_link();
  network.send(0, 1, 0, kKilo);
  network.send(0, 0, 7, kKilo);
  EXPECT_EQ(network.next(), kNever);
  for (int i = 0; i < 10'010; ++i) network.send(0, 0, 1, kKilo);  // 10 MB are waiting before the last few
  EXPECT_EQ(drain(network).size(), 10'001U);
}

// Opportunities of 1,504 bytes at 10, 20, 30 ms, ... A packet of 1,504 bytes, frame included, takes one; two
// of 752 share one; one of 2,000 needs what the next one brings.
TEST(PacketNetwork, ATraceSendsWithItsOpportunities) {
  PacketNetwork network = one_link();
  network.follow(0, std::make_shared<DeliveryTrace>("10\n", "t"), 0);
  network.send(0, 0, 1, std::string(1490, 'x'));
  network.send(0, 0, 1, std::string(738, 'x'));
  network.send(0, 0, 1, std::string(738, 'x'));
  network.send(0, 0, 1, std::string(1986, 'x'));
  EXPECT_THAT(drain(network), ElementsAre(std::pair{std::size_t{1}, 30.0}, std::pair{std::size_t{1}, 40.0},
                                          std::pair{std::size_t{1}, 40.0}, std::pair{std::size_t{1}, 60.0}));
}

TEST(PacketNetwork, OpportunitiesThatNobodyTakesAreLost) {
  PacketNetwork network = one_link();
  network.follow(0, std::make_shared<DeliveryTrace>("10\n", "t"), 100 * kMs);  // begins at 100 ms
  network.send(155 * kMs, 0, 1, kKilo);
  EXPECT_THAT(drain(network), ElementsAre(std::pair{std::size_t{1}, 180.0}));
}

TEST(PacketNetwork, WithoutPacketsThereIsNothingToDo) {
  PacketNetwork network = one_link();
  EXPECT_EQ(network.next(), kNever);
  EXPECT_THAT(drain(network), IsEmpty());
}

}  // namespace
}  // namespace kerf
