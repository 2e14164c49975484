#include "tensor/state_dict.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <fstream>

#include "core/files.h"
#include "support/error_of.h"
#include "support/temp_dir.h"

namespace espalier::tensor {
namespace {

// What tests/golden/make_state_dicts.py puts into a state dict.
void expect_the_tensors(const TensorMap& read) {
  const torch::Tensor weight = torch::arange(6, torch::kFloat).view({2, 3});
  ASSERT_EQ(read.size(), 6U);
  EXPECT_TRUE(read.at("weight").equal(weight));
  EXPECT_TRUE(read.at("turned").equal(weight.t()));
  EXPECT_TRUE(read.at("turned").is_contiguous());
  EXPECT_TRUE(read.at("half").equal(torch::full({1}, 0.5, torch::kBFloat16)));
  EXPECT_TRUE(read.at("count").equal(torch::tensor(int64_t{7})));
  EXPECT_EQ(read.at("empty").sizes(), (std::vector<int64_t>{0, 4}));
  EXPECT_TRUE(read.at("parameter").equal(torch::ones(2)));
}

std::filesystem::path golden(const std::string& name) {
  return std::filesystem::path(ESPALIER_TEST_DATA) / "golden/state_dicts" / name;
}

TEST(ReadStateDict, GivesWhatPythonSaved) {
  for (const char* name : {"plain.pth", "before_zip.pth", "protocol4.pth"}) {
    SCOPED_TRACE(name);
    expect_the_tensors(read_state_dict(golden(name)));
  }
  const TensorMap module = read_state_dict(golden("module.pth"));
  EXPECT_EQ(module.size(), 5U);
  EXPECT_TRUE(module.at("running_var").equal(torch::ones(2)));
}

TEST(ReadStateDict, FindsTheWeightsInACheckpoint) {
  expect_the_tensors(read_state_dict(golden("checkpoint.pth")));
  const std::string several =
      error_of(Kind::kData, [] { (void)read_state_dict(golden("two.pth")); });
  EXPECT_NE(several.find("model, ema"), std::string::npos) << several;
}

TEST(ReadStateDict, RefusesPythonObjectsByName) {
  const std::string error =
      error_of(Kind::kData, [] { (void)read_state_dict(golden("object.pth")); });
  EXPECT_NE(error.find("argparse Namespace"), std::string::npos) << error;
}

// Whatever is cut off or turned over, the answer is tensors or a data error.
TEST(ReadStateDict, DamageIsADataError) {
  const TempDir folder;
  const auto path = folder.path() / "damaged.pth";
  for (const char* name : {"plain.pth", "before_zip.pth"}) {
    const std::vector<uint8_t> whole = read_bytes(golden(name));
    const auto try_out = [&](const std::vector<uint8_t>& bytes) {
      std::ofstream(path, std::ios::binary)
          .write(reinterpret_cast<const char*>(bytes.data()),
                 static_cast<std::streamsize>(bytes.size()));
      try {
        (void)read_state_dict(path);
        return false;
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), Kind::kData) << error.what();
        return true;
      }
    };
    int refused = 0;
    for (size_t length = 0; length < whole.size(); length += 97)
      refused += try_out({whole.begin(), whole.begin() + static_cast<int64_t>(length)});
    EXPECT_EQ(refused, static_cast<int>((whole.size() + 96) / 97)) << name;
    for (size_t at = 0; at < whole.size(); at += 13) {
      std::vector<uint8_t> turned = whole;
      turned[at] ^= 0x55;
      try_out(turned);
    }
  }
}

TEST(ToStateDict, IsReadBackAndEqualTensorsAreEqualBytes) {
  const TempDir folder;
  const TensorMap tensors = read_state_dict(golden("plain.pth"));
  const std::string bytes = to_state_dict(tensors);
  EXPECT_EQ(bytes, to_state_dict(tensors));
  write_file(folder.path() / "written.pth", bytes);
  expect_the_tensors(read_state_dict(folder.path() / "written.pth"));
}

}  // namespace
}  // namespace espalier::tensor
