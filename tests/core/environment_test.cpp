#include "core/environment.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace espalier {
namespace {

// What this program, started again with `variables`, prints of `name` and of what it ignored.
std::string started_with(const std::string& variables) {
  const std::string command = "ESPALIER_TEST_PRINT=1 " + variables + " /proc/" +
                              std::to_string(getpid()) +
                              "/exe --gtest_filter=Environment.Print 2>&1";
  FILE* output = popen(command.c_str(), "r");
  std::string text;
  char line[4096];
  while (std::fgets(line, sizeof line, output) != nullptr) text += line;
  pclose(output);
  return text;
}

TEST(Environment, Print) {
  if (std::getenv("ESPALIER_TEST_PRINT") == nullptr) return;  // only as a child of the next test
  for (char** variable = environ; *variable != nullptr; ++variable) std::puts(*variable);
  for (const std::string& ignored : ignored_environment())
    std::printf("ignored %s\n", ignored.c_str());
}

TEST(Environment, HidesWhatDecidesBits) {
  const std::string text = started_with(
      "OMP_NUM_THREADS=3 OMPI_COMM_WORLD_NAME=x MKL_CBWR=COMPATIBLE MKL_VERBOSE=0 HOME=/h");
  EXPECT_THAT(text, testing::HasSubstr("\nignored OMP_NUM_THREADS=3\n"));
  EXPECT_THAT(text, testing::HasSubstr("\nignored MKL_CBWR=COMPATIBLE\n"));
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("\nOMP_NUM_THREADS")));
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("\nMKL_CBWR")));
  for (const char* kept : {"\nOMPI_COMM_WORLD_NAME=x\n", "\nMKL_VERBOSE=0\n", "\nHOME=/h\n"})
    EXPECT_THAT(text, testing::HasSubstr(kept));
}

}  // namespace
}  // namespace espalier
