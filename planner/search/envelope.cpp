#include "planner/search/envelope.hpp"

#include <algorithm>
#include <cstddef>
#include <tuple>

namespace kerf {
namespace {

double at(const Segment& segment, double t) {
  return segment.start + t * (segment.end - segment.start);
}

// Where b, which starts no lower and ends lower, gets cheaper than a.
double crossing(const Segment& a, const Segment& b) {
  const double behind = b.start - a.start;
  return behind / (behind + (a.end - b.end));
}

// The segments of the envelope, from t = 0 to t = 1, out of segments sorted by start.
std::vector<Segment> envelope_of(const std::vector<Segment>& sorted) {
  std::vector<Segment> envelope;
  for (const Segment& segment : sorted) {
    if (!envelope.empty() && segment.end >= envelope.back().end) continue;
    while (envelope.size() >= 2) {
      const Segment& before = envelope[envelope.size() - 2];
      if (crossing(before, segment) > crossing(before, envelope.back())) break;
      envelope.pop_back();
    }
    envelope.push_back(segment);
  }
  return envelope;
}

// Most segments lie above one of these three everywhere, and need not be sorted.
void drop_hopeless(std::vector<Segment>& segments, double tolerance) {
  Segment by_start = segments.front();
  Segment by_end = by_start;
  Segment by_middle = by_start;
  for (const Segment& segment : segments) {
    if (segment.start < by_start.start) by_start = segment;
    if (segment.end < by_end.end) by_end = segment;
    if (segment.start + segment.end < by_middle.start + by_middle.end) by_middle = segment;
  }
  std::erase_if(segments, [&](const Segment& segment) {
    const auto is_above = [&](const Segment& other) {
      return (segment.start - other.start > tolerance) & (segment.end - other.end > tolerance);
    };
    return is_above(by_start) | is_above(by_end) | is_above(by_middle);
  });
}

}  // namespace

void keep_near_envelope(std::vector<Segment>& segments, double tolerance) {
  if (segments.size() < 2) return;
  drop_hopeless(segments, tolerance);
  std::sort(segments.begin(), segments.end(), [](const Segment& a, const Segment& b) {
    return std::tie(a.start, a.end, a.label) < std::tie(b.start, b.end, b.label);
  });
  const std::vector<Segment> envelope = envelope_of(segments);
  // A segment less the concave envelope is convex: nearest at the corner where the envelope's slope falls
  // below the segment's.
  const auto is_near = [&](const Segment& segment) {
    const double slope = segment.end - segment.start;
    const auto next = std::partition_point(envelope.begin(), envelope.end(),
                                           [&](const Segment& e) { return e.end - e.start > slope; });
    if (next == envelope.begin()) return segment.start - envelope.front().start <= tolerance;
    if (next == envelope.end()) return segment.end - envelope.back().end <= tolerance;
    const double corner = crossing(*(next - 1), *next);
    return at(segment, corner) - at(*next, corner) <= tolerance;
  };
  segments.erase(
      std::remove_if(segments.begin(), segments.end(), [&](const Segment& s) { return !is_near(s); }),
      segments.end());
}

}  // namespace kerf
