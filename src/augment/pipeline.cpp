#include "augment/pipeline.h"

#include <algorithm>

#include "augment/call.h"
#include "augment/fields.h"
#include "core/error.h"
#include "image/codec.h"
#include "image/geometry.h"

namespace espalier::augment {
namespace {

// A few bytes of text may not ask for all the memory there is.
void check_size(const std::string& step, image::ViewShape shape) {
  constexpr int64_t kMost = image::DecodeLimits{}.max_pixels, kSide = kMaxPixels;
  check(shape.height <= kSide && shape.width <= kSide && shape.height * shape.width <= kMost,
        Kind::kUsage,
        "op {} makes {} x {} px, the limit is {} pixels, {} along a side (try: a smaller size)",
        step, shape.height, shape.width, kMost, kSide);
}

int largest_shrink(const image::Box& region, image::ViewShape to) {
  if (to.height == 0 || to.width == 0) return 1;
  int shrink = 8;
  while (shrink > 1 && (region.height < shrink * to.height || region.width < shrink * to.width)) {
    shrink /= 2;
  }
  return shrink;
}

}  // namespace

Pipeline Pipeline::parse(const std::string& text, const std::string& where) {
  Pipeline pipeline;
  pipeline.where_ = where;
  placed(where, [&] {
    for (const Call& call : parse_calls(text)) {
      const std::shared_ptr<Op> op = create<Op>(call);
      op->validate();
      pipeline.text_ += (pipeline.text_.empty() ? "" : " | ") + text_of(call.name, op->fields());
      pipeline.steps_.push_back({fmt::format("{}.{}", pipeline.steps_.size(), call.name), op});
    }
  });
  return pipeline;
}

image::ViewShape Pipeline::output(image::ViewShape shape) const {
  placed(where_, [&] {
    for (const auto& [name, op] : steps_) {
      const std::vector<int64_t> legal = op->channels();
      check(legal.empty() || std::ranges::find(legal, shape.channels) != legal.end(), Kind::kUsage,
            "op {} does not take images of {} channels (it takes: {})", name, shape.channels,
            fmt::join(legal, ", "));
      shape = op->output(shape);
      check_size(name, shape);
    }
  });
  return shape;
}

void Pipeline::draw(image::ViewShape in, const image::SampleKey& key, ViewPlan& plan) const {
  plan.count_ = 0;
  plan.shrink_ = 1;
  plan.is_random_ = false;
  plan.region_ = {0, 0, in.height, in.width};
  placed(where_, [&] {
    for (const auto& [name, op] : steps_) {
      if (plan.count_ == plan.steps_.size()) plan.steps_.emplace_back();
      ViewPlan::Step& step = plan.steps_[plan.count_];
      Draw draw(key.seed, name, {key.epoch, key.sample, key.view});
      step.parameters.clear();
      const bool applies = op->draw(draw, in, step.parameters);
      plan.is_random_ |= draw.is_random();
      if (!applies) continue;
      step.op = op.get();
      step.in = in;
      if (plan.count_ == 0) {
        plan.region_ = op->region(in, step.parameters);
        plan.shrink_ = largest_shrink(plan.region_, op->resized(in, step.parameters));
      }
      ++plan.count_;
      in = op->output(in);
      check_size(name, in);
    }
  });
}

bool Pipeline::is_random(image::ViewShape in) const {
  ViewPlan plan;
  draw(in, {}, plan);
  return plan.is_random();
}

image::Image Pipeline::apply(const image::Pixels& image, const image::SampleKey& key) const {
  const image::ViewShape shape = {image.channels, image.height, image.width};
  output(shape);  // refuses what cannot pass
  ViewPlan plan;
  draw(shape, key, plan);
  std::array<image::Image, 2> memory;
  image::Image view;
  image::copy(plan.make(image.part(plan.region()), memory), view);
  return view;
}

image::Pixels ViewPlan::make(image::Pixels pixels, std::array<image::Image, 2>& memory) const {
  for (size_t i = 0; i < count_; ++i) {
    const auto& [op, in, parameters] = steps_[i];
    if (i > 0) pixels = pixels.part(op->region(in, parameters));
    op->apply(pixels, parameters, memory[i % 2]);
    pixels = memory[i % 2];
  }
  return pixels;
}

std::string ViewPlan::spelled() const {
  std::string text;
  for (size_t i = 0; i < count_; ++i) {
    text += (i == 0 ? "" : " | ") + steps_[i].op->spelled(steps_[i].parameters);
  }
  return text;
}

}  // namespace espalier::augment
