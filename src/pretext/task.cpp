#include "pretext/task.h"

#include <ATen/CPUGeneratorImpl.h>

namespace espalier::pretext {

Draw LaneInput::draw(std::string_view name, int64_t i, int64_t view) const {
  const auto at = static_cast<size_t>(i);
  return Draw(step.seed, name,
              {epochs[at], static_cast<uint64_t>(samples[at]), static_cast<uint64_t>(view)});
}

at::Generator LaneInput::generator(std::string_view name) const {
  Draw key(step.seed, name, {static_cast<uint64_t>(step.number), static_cast<uint64_t>(lane)});
  return at::make_generator<at::CPUGeneratorImpl>(key.u64());
}

model::Features LaneInput::features(at::Tensor images, int64_t pass) const {
  Draw key(step.seed, "drop_path",
           {static_cast<uint64_t>(step.number), static_cast<uint64_t>(lane),
            static_cast<uint64_t>(pass)});
  return {std::move(images), key.u64()};
}

int64_t Site::width() const {
  const std::vector<int64_t> shape = model::stage_shapes(backbone, input()).back();
  return shape.size() == 2 ? shape[1] : shape[0];  // of tokens, or of a map or vector
}

Compared Task::compare(const Gathered&, const Part&) {
  throw Error(Kind::kBug, "a task that compares has no compare()");
}

at::Tensor& Task::register_state(const std::string& name, at::Tensor initial) {
  return register_buffer(name, std::move(initial));
}

}  // namespace espalier::pretext
