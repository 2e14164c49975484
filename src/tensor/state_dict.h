// State dicts as torch.save and torch.load of Python have them: .pth files.
#pragma once

#include <filesystem>
#include <string>

#include "tensor/safetensors.h"

namespace espalier::tensor {

// The tensors of a file that Python's torch.save wrote, zip or older, by name. A checkpoint that
// holds numbers and texts beside its weights is read where the weights are one dict among them
// ("model", "state_dict"). kData, naming the file, for anything else; no code of the file is run.
TensorMap read_state_dict(const std::filesystem::path& path);

// The bytes of a file that torch.load(..., weights_only=True) reads as a dict of tensors, in name
// order; equal tensors give equal bytes.
[[nodiscard]] std::string to_state_dict(const TensorMap& tensors);

}  // namespace espalier::tensor
