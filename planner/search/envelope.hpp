#pragma once
// Lower envelopes of line segments over t in [0, 1]. A segment is what something costs at both ends; between
// them its cost is linear. The envelope, the least cost at every t, is concave: it goes from segment to
// segment at corners, and their slopes fall.

#include <vector>

namespace kerf {

struct Segment {
  double start = 0;  // cost at t = 0
  double end = 0;    // cost at t = 1
  int label = 0;     // the caller's
};

// Keeps the segments that come within `tolerance` of the envelope somewhere: those that may be cheapest at
// some t, rounding errors below the tolerance included. Sorted by start, then end, then label.
// O(n log n).
void keep_near_envelope(std::vector<Segment>& segments, double tolerance);

}  // namespace kerf
