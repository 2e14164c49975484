#include "tensor/safetensors.h"

#include <gmock/gmock.h>
#include <torch/torch.h>

#include "core/error.h"
#include "core/files.h"
#include "support/temp_dir.h"

namespace espalier::tensor {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// A file: length of the header, header, `buffer_bytes` zeros.
std::string file_of(const std::string& header, size_t buffer_bytes) {
  const uint64_t length = header.size();
  return std::string(reinterpret_cast<const char*>(&length), 8) + header +
         std::string(buffer_bytes, '\0');
}

TensorMap read_back(const std::string& bytes) {
  const TempDir folder;
  write_file(folder / "x.safetensors", bytes);
  return read_safetensors(folder / "x.safetensors");
}

// The message of the kData error that reading these bytes ends with.
std::string refusal(const std::string& bytes) {
  try {
    read_back(bytes);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Kind::kData);
    EXPECT_THAT(error.what(), HasSubstr("x.safetensors"));
    return error.what();
  }
  return "accepted";
}

std::string entry(const std::string& name, const std::string& shape, size_t begin, size_t end,
                  const std::string& type = "F32") {
  return fmt::format(R"("{}":{{"dtype":"{}","shape":{},"data_offsets":[{},{}]}})", name, type,
                     shape, begin, end);
}

TEST(Safetensors, EveryTypeAndShapeReadsBackEqual) {
  TensorMap tensors;
  for (const auto type : {at::kBool, at::kByte, at::kChar, at::kShort, at::kInt, at::kLong,
                          at::kHalf, at::kBFloat16, at::kFloat, at::kDouble})
    tensors[c10::toString(type)] = torch::arange(6).view({2, 3}).to(type);
  tensors["scalar"] = torch::full({}, 3.5);
  tensors["empty"] = torch::zeros({0, 4});
  tensors["strided"] = torch::arange(6).view({2, 3}).t();
  tensors["channels_last"] =
      torch::arange(24).view({1, 2, 3, 4}).contiguous(at::MemoryFormat::ChannelsLast);
  const TensorMap back = read_back(to_safetensors(tensors, {{"format", "pt"}}));
  ASSERT_EQ(back.size(), tensors.size());
  for (const auto& [name, tensor] : tensors) {
    EXPECT_EQ(back.at(name).scalar_type(), tensor.scalar_type()) << name;
    EXPECT_TRUE(back.at(name).equal(tensor)) << name;
  }
}

TEST(Safetensors, EqualTensorsGiveEqualBytes) {
  const torch::Tensor x = torch::arange(24).view({1, 2, 3, 4});
  const TensorMap plain = {{"a", x}, {"b", torch::ones(3)}};
  const TensorMap strided = {{"b", torch::ones({3, 2}).select(1, 0)},
                             {"a", x.contiguous(at::MemoryFormat::ChannelsLast)}};
  EXPECT_EQ(to_safetensors(plain), to_safetensors(strided));
}

TEST(Safetensors, DataBeginOnEightBytesInNameOrder) {
  const std::string bytes = to_safetensors({{"b", torch::ones(1)}, {"a", torch::zeros(2)}});
  uint64_t length = 0;
  std::memcpy(&length, bytes.data(), 8);
  EXPECT_EQ(length % 8, 0U);
  const std::string header = bytes.substr(8, length);
  EXPECT_EQ(header.substr(0, header.find_last_not_of(' ') + 1),
            "{" + entry("a", "[2]", 0, 8) + "," + entry("b", "[1]", 8, 12) + "}");
  EXPECT_EQ(bytes.size(), 8 + length + 12);
}

TEST(Safetensors, NoTensorsIsAFileToo) { EXPECT_TRUE(read_back(to_safetensors({})).empty()); }

TEST(Safetensors, HeaderOrderIsFreeAndHolesAreRefused) {
  const std::string backwards = "{" + entry("b", "[1]", 4, 8) + "," + entry("a", "[1]", 0, 4) + "}";
  EXPECT_EQ(read_back(file_of(backwards, 8)).size(), 2U);
  const std::string hole = "{" + entry("a", "[1]", 0, 4) + "," + entry("b", "[1]", 8, 12) + "}";
  EXPECT_THAT(refusal(file_of(hole, 12)), AllOf(HasSubstr("b begins"), HasSubstr("8")));
  EXPECT_THAT(refusal(file_of("{" + entry("a", "[1]", 4, 8) + "}", 8)), HasSubstr("a begins"));
}

TEST(Safetensors, OverlapIsRefused) {
  const std::string overlap = "{" + entry("a", "[2]", 0, 8) + "," + entry("b", "[2]", 4, 12) + "}";
  EXPECT_THAT(refusal(file_of(overlap, 12)), HasSubstr("b begins"));
  const std::string same = "{" + entry("a", "[1]", 0, 4) + "," + entry("b", "[1]", 0, 4) + "}";
  EXPECT_NE(refusal(file_of(same, 4)), "accepted");
}

TEST(Safetensors, EveryTruncationIsRefused) {
  const std::string whole = to_safetensors({{"a", torch::ones(3)}, {"b", torch::ones(1)}});
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_NE(refusal(whole.substr(0, size)), "accepted") << size;
  EXPECT_NE(refusal(whole + "x"), "accepted");
}

TEST(Safetensors, HeadersThatAreNotOnesAreRefused) {
  const std::string good = "{" + entry("a", "[1]", 0, 4) + "}";
  ASSERT_EQ(refusal(file_of(good, 4)), "accepted");
  for (const char* header : {"", "{", "null", "[]", "3", "{\"a\":3}", "{\"a\":{}}", "{\"a\":[]}",
                             "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}",
                             "{\"a\":{\"dtype\":3,\"shape\":[1],\"data_offsets\":[0,4]}}"})
    EXPECT_NE(refusal(file_of(header, 0)), "accepted") << header;
  EXPECT_NE(refusal(file_of("[]", 4)), "accepted");
  EXPECT_THAT(refusal(file_of("{" + entry("a", "[1]", 0, 4, "F31") + "}", 4)), HasSubstr("F31"));
  EXPECT_NE(refusal(file_of("{" + entry("a", "[2]", 0, 4) + "}", 4)), "accepted");
  EXPECT_NE(refusal(file_of("{" + entry("a", "[-1]", 0, 4) + "}", 4)), "accepted");
  EXPECT_NE(refusal(file_of("{" + entry("a", "[1.5]", 0, 4) + "}", 4)), "accepted");
  EXPECT_NE(refusal(file_of("{" + entry("a", "[\"1\"]", 0, 4) + "}", 4)), "accepted");
}

TEST(Safetensors, ImpossibleSizesAreRefusedBeforeMemoryIsAsked) {
  const std::string huge_header = std::string("\xff\xff\xff\xff\xff\xff\xff\x7f") + "{}";
  EXPECT_THAT(refusal(huge_header), HasSubstr("header"));
  const size_t terabyte = size_t{1} << 40;
  EXPECT_NE(refusal(file_of("{" + entry("a", "[274877906944]", 0, terabyte) + "}", 8)), "accepted");
  const std::string overflow = "[4611686018427387904,4]";  // 2^66 bytes, 0 in 64 bits
  EXPECT_NE(refusal(file_of("{" + entry("a", overflow, 0, 0) + "}", 0)), "accepted");
  const std::string nothing_of_much = "[0,4611686018427387904,4]";
  EXPECT_NE(refusal(file_of("{" + entry("a", nothing_of_much, 0, 0) + "}", 0)), "accepted");
  EXPECT_NE(refusal(file_of("{" + entry("a", "[1]", 8, 4) + "}", 4)), "accepted");
}

TEST(Safetensors, AMissingFileIsNamed) {
  EXPECT_THROW(read_safetensors("/nowhere/x.safetensors"), Error);
}

}  // namespace
}  // namespace espalier::tensor
