#include "tensor/state_dict.h"

#include <ATen/ATen.h>
#include <caffe2/serialize/inline_container.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "core/error.h"
#include "core/files.h"
#include "tensor/pickle.h"

namespace espalier::tensor {
namespace {

namespace serialize = caffe2::serialize;
using Type = PickledValue::Type;
using Bytes = std::span<const uint8_t>;

static_assert(std::endian::native == std::endian::little, "the numbers are little-endian");

// How a file of torch.save began before PyTorch 1.6: a pickle of a magic number.
constexpr uint8_t kMagic[] = {0x80, 2,    0x8a, 10,   0x6c, 0xfc, 0x9c, 0x46,
                              0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, '.'};

using PickledTensors = std::map<std::string, PickledTensor>;

PickledTensors tensors_of(const PickledValue& dict) {
  PickledTensors tensors;
  for (size_t i = 0; i + 1 < dict.items->size(); i += 2) {
    const PickledValue &key = (*dict.items)[i], &value = (*dict.items)[i + 1];
    if (key.type == Type::kText && value.type == Type::kTensor) tensors[key.text] = value.tensor;
  }
  return tensors;
}

// The dict itself, or the one dict in it that has tensors.
PickledTensors find_tensors(const PickledValue& root) {
  check(root.type == Type::kDict, Kind::kData,
        "it holds no state dict (try: in Python, torch.save(model.state_dict(), path))");
  PickledTensors found = tensors_of(root);
  if (!found.empty()) return found;
  std::string names;
  for (size_t i = 0; i + 1 < root.items->size(); i += 2) {
    const PickledValue& value = (*root.items)[i + 1];
    if (value.type != Type::kDict || tensors_of(value).empty()) continue;
    names += (names.empty() ? "" : ", ") + (*root.items)[i].text;
    check(found.empty(), Kind::kData,
          "it holds several state dicts, {} (try: in Python, save the one that is wanted)", names);
    found = tensors_of(value);
  }
  check(!found.empty(), Kind::kData, "it holds no tensors by name");
  return found;
}

// Room for the numbers of a storage, which fill `bytes`.
at::Tensor storage_of(const PickledTensor& tensor, size_t bytes) {
  const auto size = static_cast<size_t>(c10::elementSize(tensor.type));
  check(bytes % size == 0 && bytes / size == static_cast<size_t>(tensor.count), Kind::kData,
        "{} numbers are said to be stored under {}, {} bytes are", tensor.count, tensor.key, bytes);
  return at::empty({tensor.count}, tensor.type);
}

TensorMap read_zip(Bytes file) {
  std::istringstream stream(std::string(file.begin(), file.end()));
  serialize::PyTorchStreamReader zip(&stream);
  check(!zip.hasRecord("constants.pkl"), Kind::kData,
        "it is a TorchScript archive (try: in Python, save its state dict)");
  const auto [pickle, size] = zip.getRecord("data.pkl");
  Unpickler unpickler({static_cast<const uint8_t*>(pickle.get()), size});
  TensorMap tensors;
  for (const auto& [name, tensor] : find_tensors(unpickler.next())) {
    const std::string record = "data/" + tensor.key;
    const at::Tensor stored = storage_of(tensor, zip.getRecordSize(record));
    zip.getRecord(record, stored.data_ptr(), stored.nbytes());
    tensors[name] = tensor.of(stored);
  }
  return tensors;
}

// Five pickles (magic, version, system, the object, the keys), then for each key its count and its
// numbers.
TensorMap read_before_zip(Bytes file) {
  Unpickler unpickler(file);
  for (int i = 0; i < 3; ++i) unpickler.next();
  const PickledTensors wanted = find_tensors(unpickler.next());
  const PickledValue keys = unpickler.next();
  check(keys.type == Type::kSequence, Kind::kData, "the list of storages is missing");
  std::map<std::string, const PickledTensor*> by_key;
  for (const auto& [name, tensor] : wanted) by_key[tensor.key] = &tensor;
  std::map<std::string, at::Tensor> storages;
  size_t at = unpickler.position();
  for (const PickledValue& key : *keys.items) {
    const auto found = by_key.find(key.text);
    check(found != by_key.end(), Kind::kData, "storage {} belongs to no weight", key.text);
    const size_t bytes = static_cast<size_t>(found->second->count) *
                         static_cast<size_t>(c10::elementSize(found->second->type));
    check(file.size() - at >= 8 && file.size() - at - 8 >= bytes, Kind::kData, "the file is cut");
    const at::Tensor stored = storage_of(*found->second, bytes);
    if (bytes > 0) std::memcpy(stored.data_ptr(), file.data() + at + 8, bytes);
    storages[key.text] = stored;
    at += 8 + bytes;
  }
  TensorMap tensors;
  for (const auto& [name, tensor] : wanted) {
    check(storages.contains(tensor.key), Kind::kData, "storage {} is missing", tensor.key);
    tensors[name] = tensor.of(storages[tensor.key]);
  }
  return tensors;
}

// A pickle of protocol 2, written by its instructions.
class PickleText {
 public:
  void put(std::string_view instructions) { text_ += instructions; }
  void put_text(const std::string& text) { put('X', text.size(), 4), text_ += text; }
  void put_number(int64_t number) { put("\x8a\x08"), put_bytes(static_cast<uint64_t>(number), 8); }
  void put_numbers(at::IntArrayRef numbers) {
    put("(");
    for (const int64_t number : numbers) put_number(number);
    put("t");
  }
  const std::string& text() const { return text_; }

 private:
  void put(char code, uint64_t number, size_t bytes) { text_ += code, put_bytes(number, bytes); }
  void put_bytes(uint64_t number, size_t bytes) {
    text_.append(reinterpret_cast<const char*>(&number), bytes);
  }

  std::string text_;
};

const char* storage_name(at::ScalarType type) {
  switch (type) {
    case at::kFloat:
      return "FloatStorage";
    case at::kDouble:
      return "DoubleStorage";
    case at::kBFloat16:
      return "BFloat16Storage";
    case at::kHalf:
      return "HalfStorage";
    case at::kLong:
      return "LongStorage";
    default:
      throw Error(Kind::kBug, "no storage is known for weights of type {}", c10::toString(type));
  }
}

// name -> _rebuild_tensor_v2(storage, 0, sizes, strides, False, OrderedDict())
void put_entry(PickleText& pickle, const std::string& name, const at::Tensor& tensor,
               const std::string& key) {
  pickle.put_text(name);
  pickle.put("ctorch._utils\n_rebuild_tensor_v2\n((");
  pickle.put_text("storage");
  pickle.put(std::string("ctorch\n") + storage_name(tensor.scalar_type()) + "\n");
  pickle.put_text(key);
  pickle.put_text("cpu");
  pickle.put_number(tensor.numel());
  pickle.put("tQK");
  pickle.put(std::string_view("\0", 1));
  pickle.put_numbers(tensor.sizes());
  pickle.put_numbers(tensor.strides());
  pickle.put(
      "\x89"
      "ccollections\nOrderedDict\n)RtR");
}

}  // namespace

TensorMap read_state_dict(const std::filesystem::path& path) {
  const std::vector<uint8_t> bytes = read_bytes(path);
  try {
    return bytes.size() > sizeof(kMagic) && std::equal(kMagic, std::end(kMagic), bytes.begin())
               ? read_before_zip(bytes)
               : read_zip(bytes);
  } catch (const c10::Error& error) {
    throw Error(Kind::kData, "{} is no file of torch.save: {}", path.string(),
                error.what_without_backtrace());
  } catch (const Error& error) {
    throw Error(error.kind(), "{}: {}", path.string(), error.what());
  }
}

std::string to_state_dict(const TensorMap& tensors) {
  std::string file;
  serialize::PyTorchStreamWriter zip([&](const void* bytes, size_t count) {
    file.append(static_cast<const char*>(bytes), count);
    return count;
  });
  PickleText pickle;
  pickle.put("\x80\x02}(");
  std::vector<at::Tensor> plain;
  for (const auto& [name, tensor] : tensors) {
    plain.push_back(tensor.detach().cpu().contiguous());
    put_entry(pickle, name, plain.back(), std::to_string(plain.size() - 1));
  }
  pickle.put("u.");
  zip.writeRecord("data.pkl", pickle.text().data(), pickle.text().size());
  zip.writeRecord("byteorder", "little", 6);
  for (size_t i = 0; i < plain.size(); ++i)
    zip.writeRecord("data/" + std::to_string(i), plain[i].const_data_ptr(), plain[i].nbytes());
  zip.writeEndOfFile();
  return file;
}

}  // namespace espalier::tensor
