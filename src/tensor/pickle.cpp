#include "tensor/pickle.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstring>

#include "core/error.h"

namespace espalier::tensor {
namespace {

const std::map<std::string, at::ScalarType>& storage_types() {
  static const std::map<std::string, at::ScalarType> types = {
      {"torch FloatStorage", at::kFloat}, {"torch DoubleStorage", at::kDouble},
      {"torch HalfStorage", at::kHalf},   {"torch BFloat16Storage", at::kBFloat16},
      {"torch LongStorage", at::kLong},   {"torch IntStorage", at::kInt},
      {"torch ShortStorage", at::kShort}, {"torch CharStorage", at::kChar},
      {"torch ByteStorage", at::kByte},   {"torch BoolStorage", at::kBool}};
  return types;
}

const std::string kOrderedDict = "collections OrderedDict";
const std::string kTensorMaker = "torch._utils _rebuild_tensor_v2";
const std::string kParameterMaker = "torch._utils _rebuild_parameter";

bool is_known(const std::string& global) {
  return global == kOrderedDict || global == kTensorMaker || global == kParameterMaker ||
         storage_types().contains(global);
}

void require(bool condition) { check(condition, Kind::kData, "the pickle is damaged"); }

std::vector<int64_t> numbers(const PickledValue& value) {
  require(value.type == PickledValue::Type::kSequence);
  std::vector<int64_t> numbers;
  for (const PickledValue& item : *value.items) {
    require(item.type == PickledValue::Type::kNumber && item.integer >= 0);
    numbers.push_back(item.integer);
  }
  return numbers;
}

}  // namespace

at::Tensor PickledTensor::of(const at::Tensor& stored) const {
  int64_t last = offset, extent = 1;
  bool fits = sizes.size() == strides.size();
  for (size_t i = 0; fits && i < sizes.size(); ++i) {
    int64_t step = 0;
    fits = !__builtin_mul_overflow(std::max<int64_t>(sizes[i] - 1, 0), strides[i], &step) &&
           !__builtin_add_overflow(last, step, &last) &&
           !__builtin_mul_overflow(extent, std::max<int64_t>(sizes[i], 1), &extent);
  }
  const bool empty = std::ranges::count(sizes, 0) > 0;
  // As many numbers as are stored: strides of 0 could ask for any amount of memory.
  check(fits && (empty || (last < count && extent <= count)), Kind::kData,
        "a tensor reaches beyond the {} numbers that are stored for it", count);
  return empty ? at::empty(sizes, stored.options())
               : stored.as_strided(sizes, strides, offset).clone(at::MemoryFormat::Contiguous);
}

std::span<const uint8_t> Unpickler::take(size_t count) {
  require(count <= bytes_.size() - at_);
  at_ += count;
  return bytes_.subspan(at_ - count, count);
}

uint64_t Unpickler::unsigned_number(size_t bytes) {
  uint64_t number = 0;
  std::memcpy(&number, take(bytes).data(), bytes);
  return number;
}

std::string Unpickler::line() {
  const auto rest = bytes_.subspan(at_);
  const auto end = std::ranges::find(rest, '\n');
  require(end != rest.end());
  const auto text = take(static_cast<size_t>(end - rest.begin()) + 1);
  return {text.begin(), text.end() - 1};
}

PickledValue Unpickler::pop() {
  require(!stack_.empty() && stack_.back().type != Type::kMark);
  PickledValue value = std::move(stack_.back());
  stack_.pop_back();
  return value;
}

std::vector<PickledValue> Unpickler::pop_some(size_t count) {
  std::vector<PickledValue> values(count);
  while (count > 0) values[--count] = pop();
  return values;
}

std::vector<PickledValue> Unpickler::pop_to_mark() {
  const auto mark = std::find_if(stack_.rbegin(), stack_.rend(),
                                 [](const auto& value) { return value.type == Type::kMark; });
  require(mark != stack_.rend());
  std::vector<PickledValue> values(std::make_move_iterator(mark.base()),
                                   std::make_move_iterator(stack_.end()));
  stack_.erase(mark.base() - 1, stack_.end());
  return values;
}

void Unpickler::push_container(Type type, std::vector<PickledValue> items) {
  containers_.push_back(std::move(items));
  stack_.push_back({.type = type, .items = &containers_.back()});
}

void Unpickler::extend(std::vector<PickledValue> items) {
  require(!stack_.empty() && stack_.back().items != nullptr);
  require(stack_.back().type == Type::kSequence || items.size() % 2 == 0);
  for (PickledValue& item : items) stack_.back().items->push_back(std::move(item));
}

void Unpickler::push_text(size_t bytes) {
  const auto text = take(bytes);
  stack_.push_back({.type = Type::kText, .text = {text.begin(), text.end()}});
}

void Unpickler::push_number(int64_t number) {
  stack_.push_back({.type = Type::kNumber, .integer = number});
}

// A fraction: nothing here needs its value.
void Unpickler::push_fraction() {
  take(8);
  push_number(0);
}

// Of two's complement; a longer one than 64 bits keeps its low ones.
void Unpickler::push_long() {
  const auto bytes = take(unsigned_number(1));
  uint64_t number = !bytes.empty() && bytes.back() >= 0x80 ? ~uint64_t{0} : 0;
  std::memcpy(&number, bytes.data(), std::min(bytes.size(), sizeof(number)));
  push_number(static_cast<int64_t>(number));
}

// ('storage', type, key, device, count): numbers that stand elsewhere.
void Unpickler::persistent() {
  const PickledValue id = pop();
  require(id.type == Type::kSequence && id.items->size() >= 5);
  const auto& items = *id.items;
  const auto type = storage_types().find(items[1].text);
  require(items[0].text == "storage" && type != storage_types().end());
  require(items[2].type == Type::kText && items[4].type == Type::kNumber && items[4].integer >= 0);
  PickledValue value{.type = Type::kTensor};
  value.tensor = {.key = items[2].text, .type = type->second, .count = items[4].integer};
  stack_.push_back(std::move(value));
}

void Unpickler::reduce() {
  const PickledValue arguments = pop();
  const PickledValue function = pop();
  require(function.type == Type::kGlobal && arguments.type == Type::kSequence);
  const auto& given = *arguments.items;
  if (function.text == kOrderedDict) {
    require(given.empty());
    push_container(Type::kDict, {});
    return;
  }
  require(!given.empty() && given[0].type == Type::kTensor);
  PickledValue value = given[0];
  if (function.text == kTensorMaker) {
    require(given.size() >= 4 && given[1].type == Type::kNumber && given[1].integer >= 0);
    value.tensor.offset = given[1].integer;
    value.tensor.sizes = numbers(given[2]);
    value.tensor.strides = numbers(given[3]);
  } else {
    require(function.text == kParameterMaker);
  }
  stack_.push_back(std::move(value));
}

void Unpickler::push_global(const std::string& name) {
  check(is_known(name), Kind::kData,
        "it holds a Python object, {}: only tensors, dicts, lists, numbers and strings are read "
        "(try: in Python, save the state dict alone)",
        name);
  stack_.push_back({.type = Type::kGlobal, .text = name});
}

void Unpickler::push_global() {
  const std::string module = line();
  push_global(module + " " + line());
}

void Unpickler::push_global_on_stack() {
  const std::string name = pop().text;
  push_global(pop().text + " " + name);
}

void Unpickler::put(uint64_t key) {
  require(!stack_.empty());
  memo_[key] = stack_.back();
}

void Unpickler::get(uint64_t key) {
  require(memo_.contains(key));
  stack_.push_back(memo_[key]);
}

const std::map<uint8_t, Unpickler::Instruction>& Unpickler::instructions() {
  static const std::map<uint8_t, Instruction> table = {
      {0x80, [](Unpickler& u) { u.take(1); }},  // the protocol
      {0x95, [](Unpickler& u) { u.take(8); }},  // the length of a frame
      {'K', [](Unpickler& u) { u.push_number(static_cast<int64_t>(u.unsigned_number(1))); }},
      {'M', [](Unpickler& u) { u.push_number(static_cast<int64_t>(u.unsigned_number(2))); }},
      {'J', [](Unpickler& u) { u.push_number(static_cast<int32_t>(u.unsigned_number(4))); }},
      {'G', [](Unpickler& u) { u.push_fraction(); }},
      {0x8a, [](Unpickler& u) { u.push_long(); }},
      {0x88, [](Unpickler& u) { u.push_number(1); }},
      {0x89, [](Unpickler& u) { u.push_number(0); }},
      {'N', [](Unpickler& u) { u.stack_.emplace_back(); }},
      {'X', [](Unpickler& u) { u.push_text(u.unsigned_number(4)); }},
      {'T', [](Unpickler& u) { u.push_text(u.unsigned_number(4)); }},
      {'U', [](Unpickler& u) { u.push_text(u.unsigned_number(1)); }},
      {0x8c, [](Unpickler& u) { u.push_text(u.unsigned_number(1)); }},
      {'(', [](Unpickler& u) { u.stack_.push_back({.type = Type::kMark}); }},
      {'}', [](Unpickler& u) { u.push_container(Type::kDict, {}); }},
      {']', [](Unpickler& u) { u.push_container(Type::kSequence, {}); }},
      {')', [](Unpickler& u) { u.push_container(Type::kSequence, {}); }},
      {'l', [](Unpickler& u) { u.push_container(Type::kSequence, u.pop_to_mark()); }},
      {'t', [](Unpickler& u) { u.push_container(Type::kSequence, u.pop_to_mark()); }},
      {0x85, [](Unpickler& u) { u.push_container(Type::kSequence, u.pop_some(1)); }},
      {0x86, [](Unpickler& u) { u.push_container(Type::kSequence, u.pop_some(2)); }},
      {0x87, [](Unpickler& u) { u.push_container(Type::kSequence, u.pop_some(3)); }},
      {'e', [](Unpickler& u) { u.extend(u.pop_to_mark()); }},
      {'u', [](Unpickler& u) { u.extend(u.pop_to_mark()); }},
      {'a', [](Unpickler& u) { u.extend(u.pop_some(1)); }},
      {'s', [](Unpickler& u) { u.extend(u.pop_some(2)); }},
      {'q', [](Unpickler& u) { u.put(u.unsigned_number(1)); }},
      {'r', [](Unpickler& u) { u.put(u.unsigned_number(4)); }},
      {0x94, [](Unpickler& u) { u.put(u.memo_.size()); }},
      {'h', [](Unpickler& u) { u.get(u.unsigned_number(1)); }},
      {'j', [](Unpickler& u) { u.get(u.unsigned_number(4)); }},
      {'c', [](Unpickler& u) { u.push_global(); }},
      {0x93, [](Unpickler& u) { u.push_global_on_stack(); }},
      {'Q', [](Unpickler& u) { u.persistent(); }},
      {'R', [](Unpickler& u) { u.reduce(); }},
      {'b', [](Unpickler& u) { u.pop(); }},  // attributes, as the _metadata of a state dict
  };
  return table;
}

PickledValue Unpickler::next() {
  stack_.clear();
  memo_.clear();
  for (uint8_t code = take(1)[0]; code != '.'; code = take(1)[0]) {
    const auto instruction = instructions().find(code);
    check(instruction != instructions().end(), Kind::kData,
          "pickle instruction {:#04x} is not read", code);
    instruction->second(*this);
  }
  return pop();
}

}  // namespace espalier::tensor
