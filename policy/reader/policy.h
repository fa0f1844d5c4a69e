#ifndef KERF_POLICY_H
#define KERF_POLICY_H
/* Policy tables for C: condition -> plan, looked up at run time. The same as policy_reader.hpp, which
 * explains axes, cells and the fallback. A handle is immutable: any number of threads may query it. Installed
 * as <kerf/policy.h>.
 *
 *   kerf_policy_status status;
 *   kerf_policy* policy = kerf_policy_open(bytes, size, &status);
 *   if (policy == NULL) { puts(kerf_policy_status_text(status)); return 1; }
 *   const double at[] = {2.5e6, 0.040, 0.3};
 *   const kerf_policy_answer answer = kerf_policy_query(policy, at, 3);
 *   puts(kerf_policy_plan_text(policy, (size_t)answer.plan));
 *   kerf_policy_close(policy);
 */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#define KERF_POLICY_NOEXCEPT noexcept
#else
#include <stdbool.h>
#define KERF_POLICY_NOEXCEPT
#endif

typedef struct kerf_policy kerf_policy;

typedef enum kerf_policy_status {
  KERF_POLICY_OK = 0,
  KERF_POLICY_TRUNCATED = 1,
  KERF_POLICY_NOT_A_POLICY = 2,
  KERF_POLICY_WRONG_VERSION = 3,
  KERF_POLICY_DAMAGED = 4,
  KERF_POLICY_MALFORMED = 5,
  KERF_POLICY_OUT_OF_MEMORY = 6
} kerf_policy_status;

typedef enum kerf_policy_reason {
  KERF_POLICY_FROM_TABLE = 0,
  KERF_POLICY_BELOW_RANGE = 1,
  KERF_POLICY_ABOVE_RANGE = 2,
  KERF_POLICY_NOT_A_NUMBER = 3,
  KERF_POLICY_UNKNOWN_LABEL = 4,
  KERF_POLICY_NO_FEASIBLE_PLAN = 5,
  KERF_POLICY_WRONG_AXIS_COUNT = 6,
  KERF_POLICY_NOT_OPEN = 7
} kerf_policy_reason;

typedef struct kerf_policy_answer {
  int32_t plan;  /* number of the plan; -1 only for a handle of NULL */
  float latency; /* seconds; NaN for a fallback */
  float margin;  /* how much more the runner-up costs, relative; infinite where there is none; NaN for a
                    fallback */
  bool fallback;
  kerf_policy_reason reason;
  int32_t axis; /* the first axis whose value was refused, or -1 */
  int64_t cell; /* number of the cell, or -1 */
} kerf_policy_answer;

typedef struct kerf_policy_axis {
  const char* name; /* "goodput"; NULL where there is no such axis */
  const char* key;  /* "network.uplink.bandwidth" */
  const char* unit; /* base unit: "B/s", "s", "" */
  bool numeric;
  bool logarithmic;
  size_t size;   /* points or labels */
  double lowest; /* numeric: the range that is answered from the table */
  double highest;
} kerf_policy_axis;

/* Copies and checks every byte. NULL on failure; `status`, which may be NULL, says why. */
kerf_policy* kerf_policy_open(const void* bytes, size_t size,
                              kerf_policy_status* status) KERF_POLICY_NOEXCEPT;
/* NULL is allowed. */
void kerf_policy_close(kerf_policy* policy) KERF_POLICY_NOEXCEPT;

/* values[i] is in axis i's base unit, or a label's index for a named axis. */
kerf_policy_answer kerf_policy_query(const kerf_policy* policy, const double* values,
                                     size_t count) KERF_POLICY_NOEXCEPT;

/* Text lives as long as the handle; NULL for what does not exist. */
size_t kerf_policy_axes(const kerf_policy* policy) KERF_POLICY_NOEXCEPT;
kerf_policy_axis kerf_policy_axis_at(const kerf_policy* policy, size_t axis) KERF_POLICY_NOEXCEPT;
double kerf_policy_axis_point(const kerf_policy* policy, size_t axis, size_t point) KERF_POLICY_NOEXCEPT;
const char* kerf_policy_axis_label(const kerf_policy* policy, size_t axis, size_t point) KERF_POLICY_NOEXCEPT;
size_t kerf_policy_plans(const kerf_policy* policy) KERF_POLICY_NOEXCEPT;
const char* kerf_policy_plan_text(const kerf_policy* policy, size_t plan) KERF_POLICY_NOEXCEPT;
int32_t kerf_policy_fallback_plan(const kerf_policy* policy) KERF_POLICY_NOEXCEPT;
const char* kerf_policy_model_hash(const kerf_policy* policy) KERF_POLICY_NOEXCEPT;

const char* kerf_policy_status_text(kerf_policy_status status) KERF_POLICY_NOEXCEPT;
const char* kerf_policy_reason_text(kerf_policy_reason reason) KERF_POLICY_NOEXCEPT;

#ifdef __cplusplus
}
#endif
#undef KERF_POLICY_NOEXCEPT

#endif
