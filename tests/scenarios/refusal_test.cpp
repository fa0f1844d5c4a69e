// Each thing that can be wrong in a file: its place and the words.

#include "scenarios/scenario.hpp"
#include "tests/scenarios/example.hpp"

namespace kerf {
namespace {

using testing::HasSubstr;

struct Wrong {
  std::string_view before, after;  // in the example
  std::string_view where;          // in scenarios/cameras.toml
  std::string_view found, expected, hint;
};

void PrintTo(const Wrong& wrong, std::ostream* out) {
  *out << wrong.after;
}

class Refusal : public testing::TestWithParam<Wrong> {};

TEST_P(Refusal, NamesPlaceFindingExpectationAndHint) {
  const Wrong& wrong = GetParam();
  const Error error = error_of_change(wrong.before, wrong.after);
  EXPECT_EQ(error.code(), ErrorCode::kBadInput);
  EXPECT_EQ(error.where(), "scenarios/cameras.toml:" + std::string(wrong.where));
  EXPECT_EQ(error.found(), wrong.found);
  EXPECT_THAT(error.expected(), HasSubstr(std::string(wrong.expected)));
  EXPECT_THAT(error.hint(), HasSubstr(std::string(wrong.hint)));
}

INSTANTIATE_TEST_SUITE_P(
    Keys, Refusal,
    testing::Values(Wrong{"[workload]", "[worklod]", "34:2", "unknown section [worklod]", "workload",
                          "did you mean \"workload\"?"},
                    Wrong{"slowdown = 8.0", "slowdwon = 8.0", "14:1",
                          "unknown key \"slowdwon\" in [hosts.camera]", "slowdown",
                          "did you mean \"slowdown\"?"},
                    Wrong{"busy = ", "bussy = ", "16:24", "unknown key \"bussy\" in [hosts.camera.power]",
                          "idle, busy or send", "did you mean \"busy\"?"},
                    Wrong{"bytes = ", "byte = ", "6:16", "unknown key \"byte\" in [model.input_wire]",
                          "bytes or decode", "did you mean \"bytes\"?"},
                    Wrong{"up = \"20Mbps\"", "upp = \"20Mbps\"", "27:15",
                          "unknown key \"upp\" in [network.uplink.bandwidth]", "up or down",
                          "did you mean \"up\"?"},
                    Wrong{"power = {", "power = \"6W\" # {", "16:9", "hosts.camera.power is \"6W\"",
                          "a table with idle, busy or send", ""},
                    Wrong{"[hosts.edge]", "[hosts.\"edge:1\"]", "17:8", "\"edge:1\" as a name in [hosts]",
                          "letters, digits, _ and -", ""},
                    Wrong{"edge = { used", "egde = { used", "45:1",
                          "\"egde\" in [constraints] is no host class and no tier",
                          "camera, edge, cloud or device", "did you mean \"edge\"?"},
                    Wrong{"[objective]\nminimize = \"latency.p95\"", "objective.minimise = \"latency\"",
                          "41:1", "unknown key \"objective\" in [workload]", "", ""}));

INSTANTIATE_TEST_SUITE_P(
    Values, Refusal,
    testing::Values(
        Wrong{"rate = \"4/s\"", "rate = \"4\"", "36:8", "workload.rate is \"4\"",
              "a rate of requests such as \"4/s\"", ""},
        Wrong{"rate = \"4/s\"", "rate = 4", "36:8", "workload.rate is 4",
              "a rate of requests such as \"4/s\"", ""},
        Wrong{"rate = \"4/s\"", "rate = \"0/s\"", "36:8", "workload.rate is \"0/s\"", "a rate above 0",
              "single"},
        Wrong{"rate = \"4/s\"\n", "", "34:2", "[workload] has no rate", "rate = \"4/s\"", ""},
        Wrong{"rtt = \"40ms\"", "rtt = 40", "28:7", "network.uplink.rtt is 40", "a time such as \"40ms\"",
              ""},
        Wrong{"rtt = \"40ms\"", "rtt = \"40Mbps\"", "28:7", "network.uplink.rtt is \"40Mbps\"",
              "a time such as \"40ms\"", ""},
        Wrong{"rtt = \"40ms\"", "rtt = [\"40ms\"]", "28:7", "network.uplink.rtt is an array",
              "a quantity with its unit", ""},
        Wrong{"rtt = \"40ms\"", "rtt = \"40ms\"\ndelay = \"20ms\"", "29:1",
              "[network.uplink] has both delay and rtt", "one of them",
              "rtt is at scenarios/cameras.toml:28:1"},
        Wrong{"up = \"20Mbps\"", "up = \"0Mbps\"", "27:20", "network.uplink.bandwidth.up is \"0Mbps\"",
              "a rate above 0", ""},
        Wrong{"\"1Gbps\"", "\"1Gb\"", "32:13", "network.backhaul.bandwidth is \"1Gb\"",
              "a rate such as \"20Mbps\"", ""},
        Wrong{"\"1Gbps\"", "\"-1Gbps\"", "32:13", "network.backhaul.bandwidth is \"-1Gbps\"",
              "a rate such as", ""},
        Wrong{"memory = \"512MB\"", "memory = \"512\"", "15:10", "hosts.camera.memory is \"512\"",
              "an amount such as \"150kB\"", ""},
        Wrong{"idle = \"2W\"", "idle = \"2J\"", "16:18", "hosts.camera.power.idle is \"2J\"",
              "a power such as \"6W\"", ""},
        Wrong{"count = 12", "count = 0", "11:9", "hosts.camera.count is 0", "a whole number from 1", ""},
        Wrong{"count = 12", "count = 12.5", "11:9", "hosts.camera.count is 12.5", "a whole number from 1",
              ""},
        Wrong{"count = 12", "count = 99999999999", "11:9", "hosts.camera.count is 99999999999",
              "to 2147483647", ""},
        Wrong{"count = 12", "count = \"12\"", "11:9", "hosts.camera.count is \"12\"", "a whole number", ""},
        Wrong{"slowdown = 8.0", "slowdown = 0", "14:12", "hosts.camera.slowdown is 0", "a number above 0",
              ""},
        Wrong{"slowdown = 8.0", "slowdown = nan", "14:12", "hosts.camera.slowdown is nan", "a number above 0",
              ""},
        Wrong{"slowdown = 8.0", "slowdown = inf", "14:12", "hosts.camera.slowdown is inf", "a number above 0",
              ""},
        Wrong{"slowdown = 8.0", "slowdown = -1", "14:12", "hosts.camera.slowdown is -1", "a number above 0",
              ""},
        Wrong{"utilization = 0.25", "utilization = 1.0", "20:15", "hosts.edge.utilization is 1",
              "at least 0 and below 1", ""},
        Wrong{"efficiency = 0.95", "efficiency = 0", "29:14", "network.uplink.efficiency is 0",
              "above 0 and at most 1", ""},
        Wrong{"efficiency = 0.95", "efficiency = 1.05", "29:14", "network.uplink.efficiency is 1.05",
              "above 0 and at most 1", ""},
        Wrong{"requests = 500", "requests = 0", "37:12", "workload.requests is 0", "a whole number from 1",
              ""},
        Wrong{"requests = 500", "requests = 2147483647", "34:2",
              "warmup and requests together exceed what can be counted", "at most 2147483647", ""},
        Wrong{"warmup = 20", "warmup = -1", "38:10", "workload.warmup is -1", "a whole number from 0", ""},
        Wrong{"seed = 7", "seed = -7", "39:8", "workload.seed is -7", "at least 0", ""},
        Wrong{"seed = 7", "in_flight = 0", "39:13", "workload.in_flight is 0", "a whole number from 1", ""},
        Wrong{"return_result = true", "return_result = \"yes\"", "40:17", "workload.return_result is \"yes\"",
              "true or false", ""},
        Wrong{"\"poisson\"", "\"poison\"", "35:12", "workload.arrivals is \"poison\"",
              "single, closed, periodic or poisson", "did you mean \"poisson\"?"},
        Wrong{"\"latency.p95\"", "\"latency.p59\"", "42:12", "objective.minimize is \"latency.p59\"",
              "latency.p95", "did you mean \"latency.p50\"?"},
        Wrong{"seed = 7", "source = \"cameras\"", "39:10", "workload.source is \"cameras\"",
              "camera, edge or cloud", "did you mean \"camera\"?"},
        Wrong{"[0, \"backbone.0\", \"3-5\"]", "\"backbone.0\"", "44:23",
              "constraints.camera.must_run is \"backbone.0\"", "an array of blocks", ""},
        Wrong{"[0, \"backbone.0\", \"3-5\"]", "[0, -3]", "44:27", "constraints.camera.must_run is -3",
              "from 0", ""},
        Wrong{"[\"uplink\", \"wan-*\"]", "[]", "26:9", "network.uplink.links is an array",
              "an array of texts", ""},
        Wrong{"640, 640]", "640, 0]", "5:27", "model.shape.x is 0", "a whole number from 1", ""},
        Wrong{"{ x = [1, 3, 640, 640] }", "[1, 3, 640, 640]", "5:9", "model.shape is an array",
              "a table such as", ""},
        Wrong{"file = \"ppocr-det.onnx\"", "file = \"\"", "4:8", "model.file is \"\"", "not empty", ""},
        Wrong{"file = \"ppocr-det.onnx\"", "file = 5", "4:8", "model.file is 5", "text in quotes", ""},
        Wrong{"name = \"cameras on a shared uplink\"", "name = 1979-05-27", "2:8", "scenario.name is a date",
              "text in quotes", ""}));

INSTANTIATE_TEST_SUITE_P(
    Sections, Refusal,
    testing::Values(Wrong{"file = \"ppocr-det.onnx\"", "file = \"ppocr-det.onnx\"\nzoo = \"vgg16\"", "3:2",
                          "[model] has both file and zoo", "one of them", ""},
                    Wrong{"file = \"../platforms/shared-uplink.xml\"", "", "7:2", "no platform",
                          "file = \"FILE.xml\"", ""},
                    Wrong{"profile = \"edge.json\"", "", "17:8", "[hosts.edge] has no profile",
                          "profile = \"FILE.json\"", "kerf calibrate MODEL --as edge"},
                    Wrong{"tier = \"device\"", "tier = \"end\"", "9:2", "no host class of tier device",
                          "where requests arise", "source = \"camera\""},
                    Wrong{"workers = 2", "tier = \"device\"", "17:8",
                          "camera and edge are both of tier device", "where requests arise",
                          "source = \"camera\""}));

INSTANTIATE_TEST_SUITE_P(
    Sweep, Refusal,
    testing::Values(
        Wrong{"\"network.uplink.rtt\" =", "\"network.uplink.rrt\" =", "49:1",
              "unknown key \"network.uplink.rrt\" in [sweep]", "a key of this scenario",
              "did you mean \"network.uplink.rtt\"?"},
        Wrong{"\"hosts.camera.count\" =", "\"hosts.camrea.count\" =", "50:1",
              "unknown key \"hosts.camrea.count\" in [sweep]", "", "did you mean \"hosts.camera.count\"?"},
        Wrong{"candidates = 4", "candiates = 4", "47:1", "unknown key \"candiates\" in [sweep]", "",
              "did you mean \"candidates\"?"},
        Wrong{"candidates = 4", "candidates = 0", "47:14", "sweep.candidates is 0", "a whole number from 1",
              ""},
        Wrong{"\"hosts.camera.count\" =", "\"network.uplink.links\" =", "50:1",
              "\"network.uplink.links\" in [sweep] is the same for all conditions", "a number, a quantity",
              ""},
        Wrong{"[\"5ms\", \"20ms\", \"80ms\"]", "\"20ms\"", "49:24", "the axis network.uplink.rtt is \"20ms\"",
              "an array of values", "write [\"20ms\"]"},
        Wrong{"[\"5ms\", \"20ms\", \"80ms\"]", "[]", "49:24", "the axis network.uplink.rtt has no points",
              "one or more", ""},
        Wrong{"[\"5ms\", \"20ms\", \"80ms\"]", "[\"5ms\", \"20mss\"]", "49:32",
              "a point of network.uplink.rtt is \"20mss\"", "a time such as \"40ms\"", ""},
        Wrong{"[\"5ms\", \"20ms\", \"80ms\"]", "[\"5ms\", 20]", "49:32",
              "a point of network.uplink.rtt is \"20\"", "a time such as \"40ms\"", ""},
        Wrong{"[\"5ms\", \"20ms\", \"80ms\"]", "[true]", "49:25", "a point of network.uplink.rtt is true",
              "a quantity with its unit", ""},
        Wrong{"[\"5ms\", \"20ms\", \"80ms\"]", "[\"20ms\", \"5ms\"]", "49:33",
              "5ms after 20ms in the axis network.uplink.rtt", "points that rise", ""},
        Wrong{"[\"5ms\", \"20ms\", \"80ms\"]", "[\"5ms\", \"0.005s\"]", "49:32",
              "0.005s after 5ms in the axis network.uplink.rtt", "each once", ""},
        Wrong{"[1, 4]", "[0, 4]", "50:25", "hosts.camera.count is 0", "a whole number from 1", ""},
        Wrong{"[1, 4]", "[1, 4.5]", "50:28", "a point of hosts.camera.count is 4.5", "a whole number", ""},
        Wrong{"[1, 4]", "[\"1\", \"4\"]", "50:25", "a point of hosts.camera.count is \"1\"", "a whole number",
              ""},
        Wrong{"\"hosts.camera.count\" = [1, 4]", "\"hosts.edge.utilization\" = [0.5, 1.5]", "50:34",
              "hosts.edge.utilization is 1.5", "below 1", ""},
        Wrong{"\"hosts.camera.count\" = [1, 4]", "\"network.uplink.delay\" = [\"1ms\"]", "50:27",
              "[network.uplink] has both delay and rtt", "one of them", ""},
        Wrong{"\"hosts.camera.count\"", "\"network.uplink.bandwidth.up\"", "50:34",
              "a point of network.uplink.bandwidth.up is \"1\"", "a rate such as", ""},
        Wrong{"\"hosts.camera.count\" = [1, 4]", "\"network.uplink.bandwidth.up\" = [\"1Mbps\"]", "50:1",
              "\"network.uplink.bandwidth.up\" is swept, and so is \"network.uplink.bandwidth\"",
              "one of them", ""},
        Wrong{"\"hosts.camera.count\" =", "\"network.uplink.rtt\" =", "50:24",
              "a key or a table for the second time", "a TOML file", ""},
        Wrong{"\"hosts.camera.count\" =", "network.uplink.rtt =", "50:16",
              "\"network.uplink.rtt\" is swept twice", "each key once", "49:1"},
        Wrong{"points = 4", "points = 1", "48:71", "points of the axis network.uplink.bandwidth is 1",
              "from 2", ""},
        Wrong{", points = 4", "", "48:30", "points of the axis network.uplink.bandwidth is missing", "from 2",
              ""},
        Wrong{"log = [", "logg = [", "48:32", "unknown key \"logg\" in the axis network.uplink.bandwidth",
              "{ log =", "did you mean \"log\"?"},
        Wrong{"log = [\"0.5Mbps\", \"200Mbps\"], ", "", "48:30",
              "the axis network.uplink.bandwidth has neither log nor linear", "{ log =", ""},
        Wrong{"[\"0.5Mbps\", \"200Mbps\"]", "[\"200Mbps\", \"0.5Mbps\"]", "48:38",
              "log of the axis network.uplink.bandwidth runs from 200Mbps to 0.5Mbps", "the smaller first",
              ""},
        Wrong{"[\"0.5Mbps\", \"200Mbps\"]", "[\"0Mbps\", \"200Mbps\"]", "48:38",
              "log of the axis network.uplink.bandwidth runs from 0Mbps to 200Mbps", "above 0", ""},
        Wrong{"[\"0.5Mbps\", \"200Mbps\"]", "[\"0.5Mbps\"]", "48:38",
              "log of the axis network.uplink.bandwidth is an array", "two values", ""},
        Wrong{"\"hosts.camera.count\" = [1, 4]", "\"hosts.camera.count\" = { linear = [1, 4], points = 9 }",
              "50:52", "9 points of the axis hosts.camera.count do not fit between 1 and 4",
              "points that differ", "whole numbers"},
        Wrong{"[\"../platforms/shared-uplink.xml\", \"/elsewhere/two-edges.xml\"]", "[\"a.xml\", \"a.xml\"]",
              "51:29", "\"a.xml\" twice in the axis platform.file", "each point once", ""},
        Wrong{"[\"../platforms/shared-uplink.xml\", \"/elsewhere/two-edges.xml\"]",
              "{ log = [1, 2], points = 2 }", "51:19",
              "the axis platform.file is a grid, but its values are names", "an array of texts", ""},
        Wrong{"observes = \"network.uplink.rtt\"", "observes = \"network.uplink.rrt\"", "54:27",
              "policy.round_trip observes \"network.uplink.rrt\", which is not swept", "network.uplink.rtt",
              "did you mean \"network.uplink.rtt\"?"},
        Wrong{"observes = \"network.uplink.rtt\"", "observes = \"network.uplink.bandwidth\"", "54:27",
              "policy.round_trip observes \"network.uplink.bandwidth\", as policy.goodput does",
              "one name an axis", ""},
        Wrong{"{ observes = \"network.uplink.rtt\" }", "{}", "54:1", "policy.round_trip observes nothing",
              "a key of [sweep]", ""},
        Wrong{"observes = \"network.uplink.rtt\"", "observe = \"network.uplink.rtt\"", "54:16",
              "unknown key \"observe\" in [policy.round_trip]", "observes", "did you mean \"observes\"?"}));

TEST(RefusalOfSyntax, NamesLineAndColumn) {
  const Error error = error_of_text("[platform\nfile = 1\n");
  EXPECT_EQ(error.code(), ErrorCode::kBadInput);
  EXPECT_THAT(error.where(), testing::StartsWith("scenarios/cameras.toml:1:"));
  EXPECT_EQ(error.expected(), "a TOML file");
}

TEST(RefusalOfSyntax, KeyTwice) {
  const Error error = error_of_change("count = 12", "count = 12\ncount = 13");
  EXPECT_THAT(error.where(), testing::StartsWith("scenarios/cameras.toml:12:"));
}

TEST(RefusalOfSyntax, EmptyFileHasNoPlatform) {
  const Error error = error_of_text("");
  EXPECT_EQ(error.where(), "scenarios/cameras.toml");
  EXPECT_EQ(error.found(), "no platform");
}

TEST(RefusalOfSyntax, NoHosts) {
  EXPECT_EQ(error_of_text("platform.file = \"a\"").found(), "no host class");
}

TEST(RefusalOfSyntax, MissingFileIsNamed) {
  const Error error = error_of([] { const ScenarioFile file(std::filesystem::path("nowhere/at-all.toml")); });
  EXPECT_EQ(error.code(), ErrorCode::kBadInput);
  EXPECT_EQ(error.where(), "nowhere/at-all.toml");
}

TEST(RefusalOfSyntax, EndlessDottedKeyIsNotFollowed) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "a.";
  EXPECT_THAT(error_of_text(text + "a = 1").found(), HasSubstr("dots in one key"));
}

TEST(RefusalOfSyntax, EndlessNestingIsNotFollowed) {
  EXPECT_EQ(error_of_text("a = " + std::string(100'000, '[')).code(), ErrorCode::kBadInput);
}

TEST(RefusalOfSyntax, TooManyConditions) {
  std::string text = example_with("points = 4", "points = 10000");
  text.replace(text.find("[1, 4]"), 6, "{ linear = [1, 100000], points = 10000 }");
  text.replace(text.find("[\"5ms\", \"20ms\", \"80ms\"]"), 23,
               "{ linear = [\"1ms\", \"9s\"], points = 10000 }");
  const Error error = error_of_text(text);
  EXPECT_EQ(error.found(), "the axes up to hosts.camera.count make 1e+12 conditions");
}

}  // namespace
}  // namespace kerf
