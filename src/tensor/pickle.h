// The part of Python's pickle format (PEP 307, 3154) that torch.save needs for a state dict, read
// without Python: dicts, lists, tuples, strings, numbers and tensors. Nothing is executed, and
// whatever else a pickle asks for is refused by name.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace espalier::tensor {

// A tensor as a pickle describes it; its numbers are elsewhere in the file, under `key`.
struct PickledTensor {
  std::string key;
  at::ScalarType type = at::kFloat;
  int64_t count = 0;  // numbers that are stored under `key`
  int64_t offset = 0;
  std::vector<int64_t> sizes, strides;

  // `stored` is [count]. kData when the tensor reaches beyond it.
  at::Tensor of(const at::Tensor& stored) const;
};

struct PickledValue {
  enum class Type { kNone, kNumber, kText, kSequence, kDict, kGlobal, kTensor, kMark };
  Type type = Type::kNone;
  int64_t integer = 0;    // of a number; 0 for a fraction
  std::string text = {};  // also the name of a global: "torch FloatStorage"
  PickledTensor tensor = {};
  // Of a sequence, or of a dict: key, value, key, value. Owned by the Unpickler.
  std::vector<PickledValue>* items = nullptr;
};

// Values live as long as it does.
class Unpickler {
 public:
  explicit Unpickler(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  // The next pickle. kData for one that is damaged or holds what is none of the above.
  PickledValue next();
  // Bytes that were read.
  size_t position() const { return at_; }

 private:
  using Type = PickledValue::Type;

  using Instruction = void (*)(Unpickler&);
  static const std::map<uint8_t, Instruction>& instructions();

  std::span<const uint8_t> take(size_t count);
  uint64_t unsigned_number(size_t bytes);
  std::string line();
  PickledValue pop();
  std::vector<PickledValue> pop_some(size_t count);
  std::vector<PickledValue> pop_to_mark();
  void push_container(Type type, std::vector<PickledValue> items);
  void push_text(size_t bytes);
  void push_number(int64_t number);
  void push_fraction();
  void push_long();
  void push_global();
  void push_global_on_stack();
  void push_global(const std::string& name);
  void extend(std::vector<PickledValue> items);
  void put(uint64_t key);
  void get(uint64_t key);
  void persistent();
  void reduce();

  std::span<const uint8_t> bytes_;
  size_t at_ = 0;
  std::vector<PickledValue> stack_;
  std::map<uint64_t, PickledValue> memo_;
  std::deque<std::vector<PickledValue>> containers_;
};

}  // namespace espalier::tensor
