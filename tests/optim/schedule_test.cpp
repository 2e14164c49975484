#include "optim/course.h"

#include <gtest/gtest.h>

#include <cmath>

#include "config/document.h"
#include "optim/optim_options.h"
#include "support/tolerance.h"

namespace espalier::optim {
namespace {

std::shared_ptr<Schedule> make(const std::string& name, const std::string& options = "") {
  auto schedule = Registry<Schedule>::create(name);
  config::Document::parse("schedule: {" + options + "}", "test")
      .bind("schedule", schedule->fields());
  return schedule;
}

TEST(Cosine, FallsFromOneThroughTheMiddleToItsEnd) {
  const auto cosine = make("cosine", "end: 0.2");
  EXPECT_EQ(cosine->factor(0, 100), 1);
  EXPECT_NEAR(cosine->factor(50, 100), 0.6, tolerance::kRounding64);
  EXPECT_NEAR(cosine->factor(100, 100), 0.2, tolerance::kRounding64);
  for (int64_t step = 1; step < 100; ++step)
    EXPECT_LT(cosine->factor(step, 100), cosine->factor(step - 1, 100));
}

TEST(Step, DropsAtEachMilestoneAndNotBefore) {
  const auto step = make("step", "milestones: [0.5, 0.75], gamma: 0.1");
  EXPECT_EQ(step->factor(0, 100), 1);
  EXPECT_EQ(step->factor(49, 100), 1);
  EXPECT_DOUBLE_EQ(step->factor(50, 100), 0.1);
  EXPECT_DOUBLE_EQ(step->factor(74, 100), 0.1);
  EXPECT_DOUBLE_EQ(step->factor(75, 100), 0.01);
  EXPECT_DOUBLE_EQ(step->factor(99, 100), 0.01);
}

TEST(Step, WithoutMilestonesIsConstant) {
  const auto step = make("step");
  for (int64_t at : {0, 1, 99}) EXPECT_EQ(step->factor(at, 100), 1);
}

TEST(Constant, IsOneAtEveryStep) {
  const auto constant = make("constant");
  for (int64_t at : {0, 1, 99}) EXPECT_EQ(constant->factor(at, 100), 1);
}

TEST(Wsd, IsConstantAndThenFallsToZero) {
  const auto root = make("wsd", "cooldown: 0.2");
  const auto linear = make("wsd", "cooldown: 0.2, cooldown_shape: linear");
  for (int64_t step = 0; step <= 80; ++step) {
    EXPECT_EQ(root->factor(step, 100), 1);
    EXPECT_EQ(linear->factor(step, 100), 1);
  }
  EXPECT_NEAR(root->factor(85, 100), 0.5, tolerance::kRounding64);
  EXPECT_NEAR(linear->factor(85, 100), 0.75, tolerance::kRounding64);
  EXPECT_EQ(root->factor(100, 100), 0);
  EXPECT_EQ(make("wsd", "cooldown: 0")->factor(99, 100), 1);
}

TEST(Schedule, EveryOneWarmsUpLinearlyAndStaysInZeroToOneOnRunsOfAnyLength) {
  for (const std::string& name : Registry<Schedule>::names())
    for (const int64_t total : {1, 2, 3, 1000})
      for (const double warmup : {0.0, 0.5, 1.0}) {
        const Course course{.lr = 1, .warmup = warmup, .schedule = make(name), .steps = total};
        const auto rise = static_cast<int64_t>(warmup * static_cast<double>(total));
        for (int64_t step = 0; step < total; ++step) {
          const double lr = course.at(step).lr;
          EXPECT_TRUE(lr >= 0 && lr <= 1) << name << " " << step << " of " << total;
          if (step < rise)
            EXPECT_DOUBLE_EQ(lr, static_cast<double>(step + 1) / static_cast<double>(rise));
        }
        if (rise < total) EXPECT_EQ(course.at(rise).lr, 1) << name;
      }
}

Course course_of(const std::string& options, int64_t batch = 64) {
  auto document = config::Document::parse("optim: {" + options + "}", "test");
  OptimOptions optim;
  optim.bind(document);
  return optim.make_course(document, *optim.make_optimizer(document), batch, 100);
}

TEST(Course, RateFollowsTheBatchFromItsBase) {
  EXPECT_EQ(course_of("lr: 0.3").at(0).lr, 0.3);
  EXPECT_EQ(course_of("lr: 0.5, lr_base_batch: 256", 64).at(0).lr, 0.125);
  EXPECT_EQ(course_of("lr: 0.5, lr_base_batch: 256", 1024).at(0).lr, 2);
}

TEST(Course, WeightDecayGoesToItsEndAlongACosine) {
  const Course course = course_of("name: adamw, weight_decay: 0.04, weight_decay_end: 0.4");
  EXPECT_DOUBLE_EQ(*course.at(0).weight_decay, 0.04);
  EXPECT_DOUBLE_EQ(*course.at(50).weight_decay, 0.22);
  EXPECT_DOUBLE_EQ(*course.at(100).weight_decay, 0.4);
  EXPECT_EQ(course_of("name: adamw, weight_decay: 0.04").at(70).weight_decay, 0.04);
}

TEST(OptimOptions, RefusesAnEndOfWeightDecayWhereThereIsNone) {
  EXPECT_THROW(course_of("name: adam, weight_decay_end: 0.4"), Error);
  EXPECT_THROW(course_of("name: adamw, weight_decay_end: -0.5"), Error);
}

}  // namespace
}  // namespace espalier::optim
