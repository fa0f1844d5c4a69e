/* Asks the sample table for a plan; 0 when it is the right one. */

#include <kerf/policy.h>

#include <stdio.h>

int main(int argc, char** argv) {
  static char bytes[65536];
  const double at[] = {500e3, 0.02, 1};
  kerf_policy_status status;
  kerf_policy* policy;
  kerf_policy_answer answer;
  size_t size;
  FILE* file;

  if (argc != 2 || (file = fopen(argv[1], "rb")) == NULL) return 2;
  size = fread(bytes, 1, sizeof bytes, file);
  fclose(file);
  policy = kerf_policy_open(bytes, size, &status);
  if (policy == NULL) {
    puts(kerf_policy_status_text(status));
    return 1;
  }
  answer = kerf_policy_query(policy, at, 3);
  puts(kerf_policy_plan_text(policy, (size_t)answer.plan));
  kerf_policy_close(policy);
  return answer.plan == 1 && !answer.fallback ? 0 : 1;
}
