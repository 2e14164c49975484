#include "tensor/safetensors.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/error.h"
#include "core/files.h"

namespace espalier::tensor {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors is little-endian");

constexpr uint64_t kMaxHeaderBytes = 100'000'000;  // of the format

const std::map<at::ScalarType, std::string>& type_names() {
  static const std::map<at::ScalarType, std::string> names = {
      {at::kBool, "BOOL"}, {at::kByte, "U8"},   {at::kChar, "I8"},  {at::kShort, "I16"},
      {at::kInt, "I32"},   {at::kLong, "I64"},  {at::kHalf, "F16"}, {at::kBFloat16, "BF16"},
      {at::kFloat, "F32"}, {at::kDouble, "F64"}};
  return names;
}

at::ScalarType type_of(const std::string& name) {
  for (const auto& [type, known] : type_names())
    if (known == name) return type;
  throw Error(Kind::kData, "tensor type {} is not known", name);
}

struct Entry {
  std::string name;
  at::ScalarType type;
  std::vector<int64_t> shape;
  uint64_t begin, end;
};

std::vector<int64_t> parse_shape(const std::string& name, const nlohmann::json& json) {
  for (const auto& size : json)
    check(size.is_number_unsigned(), Kind::kData, "tensor {} has an impossible shape", name);
  return json.get<std::vector<int64_t>>();
}

Entry parse_entry(const std::string& name, const nlohmann::json& json) {
  Entry entry{name, type_of(json.at("dtype").get<std::string>()),
              parse_shape(name, json.at("shape")), json.at("data_offsets").at(0),
              json.at("data_offsets").at(1)};
  // Sizes of 0 take no bytes, but LibTorch multiplies the others into strides all the same.
  int64_t extent = static_cast<int64_t>(c10::elementSize(entry.type));
  bool empty = false;
  for (int64_t size : entry.shape) {
    check(size >= 0 && !__builtin_mul_overflow(extent, std::max<int64_t>(size, 1), &extent),
          Kind::kData, "tensor {} has an impossible shape", name);
    empty |= size == 0;
  }
  const uint64_t bytes = empty ? 0 : static_cast<uint64_t>(extent);
  check(entry.end >= entry.begin && entry.end - entry.begin == bytes, Kind::kData,
        "tensor {} has {} bytes in its header's offsets, its shape needs {}", name,
        entry.end - entry.begin, bytes);
  return entry;
}

// Entries in file order, checked to fill the buffer without holes or overlap.
std::vector<Entry> parse_header(const std::string& text, uint64_t buffer_bytes) {
  const nlohmann::json header = nlohmann::json::parse(text);
  check(header.is_object(), Kind::kData, "the header is no JSON object");
  std::vector<Entry> entries;
  for (const auto& [name, json] : header.items())
    if (name != "__metadata__") entries.push_back(parse_entry(name, json));
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
  });
  uint64_t at = 0;
  for (const Entry& entry : entries) {
    check(entry.begin == at, Kind::kData, "tensor {} begins at byte {}, expected {}", entry.name,
          entry.begin, at);
    at = entry.end;
  }
  check(at == buffer_bytes, Kind::kData, "the tensors fill {} bytes, the file holds {}", at,
        buffer_bytes);
  return entries;
}

TensorMap read_checked(const ReadOnlyFile& file) {
  const uint64_t file_bytes = static_cast<uint64_t>(file.size_bytes());
  uint64_t header_bytes = 0;
  check(file_bytes >= 8, Kind::kData, "the file has {} bytes", file_bytes);
  file.read(0, {reinterpret_cast<uint8_t*>(&header_bytes), 8});
  check(header_bytes <= kMaxHeaderBytes && header_bytes <= file_bytes - 8, Kind::kData,
        "the header claims {} bytes", header_bytes);
  std::string header(header_bytes, '\0');
  file.read(8, {reinterpret_cast<uint8_t*>(header.data()), header.size()});
  TensorMap tensors;
  for (const Entry& entry : parse_header(header, file_bytes - 8 - header_bytes)) {
    at::Tensor tensor = at::empty(entry.shape, entry.type);
    file.read(static_cast<int64_t>(8 + header_bytes + entry.begin),
              {static_cast<uint8_t*>(tensor.data_ptr()), entry.end - entry.begin});
    tensors[entry.name] = tensor;
  }
  return tensors;
}

}  // namespace

std::string to_safetensors(const TensorMap& tensors,
                           const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::string buffer;
  for (const auto& [name, tensor] : tensors) {
    const at::Tensor plain = tensor.detach().cpu().contiguous();
    const uint64_t begin = buffer.size();
    buffer.append(static_cast<const char*>(plain.const_data_ptr()), plain.nbytes());
    header[name] = {{"dtype", type_names().at(plain.scalar_type())},
                    {"shape", plain.sizes().vec()},
                    {"data_offsets", {begin, buffer.size()}}};
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  const uint64_t length = text.size();
  std::string bytes(reinterpret_cast<const char*>(&length), 8);
  return bytes + text + buffer;
}

TensorMap read_safetensors(const std::filesystem::path& path) {
  const ReadOnlyFile file(path);
  try {
    return read_checked(file);
  } catch (const nlohmann::json::exception& error) {
    throw Error(Kind::kData, "{} is not a safetensors file: {}", path.string(), error.what());
  } catch (const Error& error) {
    throw Error(error.kind(), "{}: {}", path.string(), error.what());
  }
}

}  // namespace espalier::tensor
