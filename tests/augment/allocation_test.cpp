// Views in steady state take no memory: this program counts what operator new gives.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "augment/recipe.h"
#include "augment/views.h"
#include "image/support.h"

namespace {
thread_local int64_t allocations = 0;
}

void* operator new(size_t bytes) {
  ++allocations;
  if (void* memory = std::malloc(bytes)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace espalier::augment {
namespace {

class SteadyState : public ::testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Recipes, SteadyState, ::testing::ValuesIn(Registry<Recipe>::names()),
                         [](const auto& test) { return test.param; });

TEST_P(SteadyState, AllocatesNothingOnceItHasSeenTheLargestImage) {
  const std::vector<Pipeline> pipelines = parse_views({GetParam()}, "here");
  std::vector<image::SlabFormat> formats;
  std::vector<std::vector<std::byte>> slabs;
  std::vector<std::byte*> into;
  for (const Pipeline& pipeline : pipelines) {
    formats.push_back({.shape = pipeline.output({3, 0, 0})});
    slabs.emplace_back(static_cast<size_t>(formats.back().bytes()));
  }
  for (auto& slab : slabs) into.push_back(slab.data());
  const Views views(pipelines, {std::vector{0.5}, std::vector{0.25}}, formats);
  const image::Image image = image::noise(240, 320, 3);
  const image::Encoded raw = {image::Codec::kRaw, {3, 240, 320}, image.pixels};
  // The largest box there is has been drawn, nearly, after some samples.
  uint64_t sample = 0;
  for (; sample < 60; ++sample) views(raw, {.sample = sample}, into);
  int64_t silent = 0;
  for (; sample < 100; ++sample) {
    const int64_t before = allocations;
    views(raw, {.sample = sample}, into);
    silent += allocations == before;
  }
  EXPECT_GE(silent, 38) << "of 40 samples; a box larger than all before may still take memory";
}

}  // namespace
}  // namespace espalier::augment
