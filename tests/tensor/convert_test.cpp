#include "tensor/convert.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <numeric>

namespace espalier::tensor {
namespace {

image::Slab slab_of(int64_t samples) {
  image::Slab slab{{.shape = {2, 3, 4}, .layout = image::Layout::kNchw},
                   std::vector<std::byte>(static_cast<size_t>(samples * 24 * 4))};
  float* values = reinterpret_cast<float*>(slab.bytes.data());
  std::iota(values, values + samples * 24, 0.0F);
  return slab;
}

TEST(ToTensor, HoldsTheSamplesAskedForInOrder) {
  const image::Slab slab = slab_of(5);
  const torch::Tensor all = torch::arange(120, torch::kFloat).view({5, 2, 3, 4});
  for (int64_t first = 0; first < 5; ++first) {
    const torch::Tensor part = to_tensor(slab, first, 5 - first, torch::kFloat, torch::kCPU);
    EXPECT_TRUE(part.equal(all.slice(0, first)));
  }
  const torch::Tensor wide = to_tensor(slab, 1, 2, torch::kDouble, torch::kCPU);
  EXPECT_EQ(wide.scalar_type(), torch::kDouble);
  EXPECT_TRUE(wide.equal(all.slice(0, 1, 3).to(torch::kDouble)));
}

TEST(ToTensor, TakesEveryLayoutAndType) {
  image::Slab slab{{.shape = {2, 3, 4}, .type = image::Type::kBf16}, {}};
  const torch::Tensor values = torch::arange(48, torch::kBFloat16).view({2, 3, 4, 2});
  const auto* bytes = static_cast<const std::byte*>(values.const_data_ptr());
  slab.bytes.assign(bytes, bytes + values.nbytes());
  const torch::Tensor second = to_tensor(slab, 1, 1, torch::kFloat, torch::kCPU);
  EXPECT_TRUE(second.equal(values.slice(0, 1).permute({0, 3, 1, 2}).to(torch::kFloat)));
}

TEST(ToTensor, IsACopyWithAlignedMemoryOfItsOwn) {
  image::Slab slab = slab_of(3);
  const torch::Tensor part = to_tensor(slab, 1, 2, torch::kFloat, torch::kCPU);
  const torch::Tensor before = part.clone();
  std::fill(slab.bytes.begin(), slab.bytes.end(), std::byte{1});
  EXPECT_TRUE(part.equal(before));
  EXPECT_EQ(reinterpret_cast<uintptr_t>(part.const_data_ptr()) % 64, 0U);
}

TEST(ToTensor, LayoutDoesNotDependOnWhereALaneBegins) {
  const image::Slab slab = slab_of(4);
  const auto strides = to_tensor(slab, 0, 2, torch::kFloat, torch::kCPU).strides().vec();
  EXPECT_EQ(to_tensor(slab, 2, 2, torch::kFloat, torch::kCPU).strides().vec(), strides);
}

TEST(ToTensor, LabelsBecomeIntegers) {
  const torch::Tensor labels = to_tensor(std::vector<int64_t>{3, -1, 1LL << 40}, torch::kCPU);
  EXPECT_EQ(labels.scalar_type(), torch::kLong);
  EXPECT_EQ(labels[2].item<int64_t>(), 1LL << 40);
  EXPECT_EQ(to_tensor(std::vector<int64_t>{}, torch::kCPU).numel(), 0);
}

}  // namespace
}  // namespace espalier::tensor
