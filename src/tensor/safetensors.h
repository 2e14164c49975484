// Tensor files in the safetensors format (huggingface/safetensors README): u64 header length, JSON
// header, raw bytes.
//
// Tensors are written in name order, contiguous, on a header padded to 8 bytes: equal tensors give
// equal files. Reading validates everything before it allocates: sizes, offsets without holes or
// overlap, the file's length.
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <string>

namespace espalier::tensor {

using TensorMap = std::map<std::string, at::Tensor>;

// The bytes of a file; written by core/files.h. `metadata` becomes `__metadata__`.
[[nodiscard]] std::string to_safetensors(const TensorMap& tensors,
                                         const std::map<std::string, std::string>& metadata = {});

// Throws kData, naming the file, for anything that is not a whole safetensors file.
TensorMap read_safetensors(const std::filesystem::path& path);

}  // namespace espalier::tensor
