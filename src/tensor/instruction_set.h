// The vector instructions that ATen, oneDNN and MKL may use. They decide bits, so all ranks of a
// run use the lowest set that any of them has, and an exact resume under another set is refused.
#pragma once

#include <string>
#include <vector>

namespace espalier::tensor {

// "baseline", "avx2", "avx512" or "avx512_bf16": the highest that this machine has and that
// ATEN_CPU_CAPABILITY (default, avx2 or avx512) allows, where that is set; kUsage when it holds
// anything else.
std::string local_instruction_set();

// The lowest of several. Ignores names that this program does not know.
[[nodiscard]] std::string lowest_instruction_set(const std::vector<std::string>& names);

// Caps the three libraries in this process. Call it before anything else of LibTorch: they read the
// cap only once.
void cap_instruction_set(const std::string& name);

// Whether results are the same under both: bf16 units change nothing in f32 and f64.
[[nodiscard]] bool equal_bits(const std::string& one, const std::string& other, bool bf16);

// What cap_instruction_set() was last given.
const std::string& instruction_set();

}  // namespace espalier::tensor
