#include "shards/index.h"

#include <cstring>
#include <type_traits>
#include <utility>

#include "core/error.h"
#include "core/files.h"
#include "shards/shard_writer.h"

namespace espalier::shards {
namespace {

constexpr const char* kIndexFormat = "espalier-index";

// At the start of an index in memory; then come the text and the columns, each at a multiple of 64.
struct Head {
  int64_t samples = 0, key_bytes = 0, text_bytes = 0;
};

int64_t aligned(int64_t bytes) { return (bytes + 63) / 64 * 64; }

// Calls visit(name, column, elements) for every column, in the order in which they lie.
template <typename Columns, typename Visit>
void each_column(Columns& columns, const Head& head, const Visit& visit) {
  visit("offset", columns.offset, head.samples + 1);
  visit("key_offset", columns.key_offset, head.samples + 1);
  visit("label", columns.label, head.samples);
  visit("crc32", columns.crc32, head.samples);
  visit("flags", columns.flags, head.samples);
  visit("height", columns.height, head.samples);
  visit("width", columns.width, head.samples);
  visit("codec", columns.codec, head.samples);
  visit("channels", columns.channels, head.samples);
  visit("key", columns.keys, head.key_bytes);
}

int64_t begin_of_columns(const Head& head) {
  return aligned(static_cast<int64_t>(sizeof(Head)) + head.text_bytes);
}

int64_t bytes_of(const Head& head) {
  int64_t bytes = begin_of_columns(head);
  SampleColumns columns;
  each_column(columns, head, [&]<typename T>(const char*, std::span<T>&, int64_t count) {
    bytes += aligned(count * static_cast<int64_t>(sizeof(T)));
  });
  return bytes;
}

// Points the columns at their places in `memory`.
SampleColumns columns_in(std::span<const std::byte> memory, const Head& head) {
  const std::byte* at = memory.data() + begin_of_columns(head);
  SampleColumns columns;
  each_column(columns, head, [&]<typename T>(const char*, std::span<T>& column, int64_t count) {
    column = {reinterpret_cast<T*>(at), static_cast<size_t>(count)};
    at += aligned(count * static_cast<int64_t>(sizeof(T)));
  });
  return columns;
}

// Facts and shards as texts, each ended by a zero byte: none holds one.
struct TextWriter {
  void add(const std::string& text) { texts.append(text.c_str(), text.size() + 1); }
  void add(int64_t number) { add(std::to_string(number)); }
  std::string texts;
};

class TextReader {
 public:
  explicit TextReader(const char* at) : at_(at) {}
  std::string text() {
    const std::string text = at_;
    at_ += text.size() + 1;
    return text;
  }
  int64_t number() { return std::stoll(text()); }

 private:
  const char* at_;
};

std::string text_of(const SetFacts& facts, const std::vector<ShardFile>& shards) {
  TextWriter writer;
  writer.add(static_cast<int64_t>(facts.kind));
  writer.add(facts.plan_sha256);
  writer.add(facts.converter_config);
  const OrderFacts& order = facts.order;
  for (const int64_t fact : {order.block, order.streams, order.run, order.window}) writer.add(fact);
  writer.add(static_cast<int64_t>(facts.class_names.size()));
  for (const std::string& name : facts.class_names) writer.add(name);
  writer.add(static_cast<int64_t>(shards.size()));
  for (const ShardFile& shard : shards) {
    writer.add(shard.name);
    writer.add(shard.sha256);
    for (const int64_t fact : {shard.size_bytes, shard.num_samples, shard.payload_address}) {
      writer.add(fact);
    }
  }
  return writer.texts;
}

std::vector<ShardFile> read_shards(const h5::File& file, int64_t samples, const std::string& path) {
  const auto names = file.read_texts("shard_name");
  const auto hashes = file.read_texts("shard_sha256");
  const auto sizes = file.read<int64_t>("shard_size_bytes");
  const auto counts = file.read<int64_t>("shard_num_samples");
  const auto addresses = file.read<int64_t>("shard_payload_address");
  const bool fits = hashes.size() == names.size() && sizes.size() == names.size() &&
                    counts.size() == names.size() && addresses.size() == names.size();
  check(fits, Kind::kData, "{}: the list of shards is damaged", path);
  int64_t total = 0;
  std::vector<ShardFile> shards;
  for (size_t k = 0; k < names.size(); ++k) {
    shards.push_back({names[k], hashes[k], sizes[k], counts[k], addresses[k]});
    check(counts[k] > 0 && counts[k] <= samples - total, Kind::kData,
          "{}: {} has {} samples, the table {}", path, names[k], counts[k], samples);
    total += counts[k];
  }
  check(total == samples && total > 0, Kind::kData, "{}: the shards have {} samples, the table {}",
        path, total, samples);
  return shards;
}

std::filesystem::path path_in(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / kIndexName;
  check(!is_missing(path), Kind::kData,
        "{} is not a packed data set, it has no {} (try: espalier pack --source ... --format ... "
        "--out {})",
        folder.string(), kIndexName, folder.string());
  return path;
}

}  // namespace

Shard Index::expected_shard(int64_t shard) const {
  int64_t begin = 0;
  for (int64_t k = 0; k < shard; ++k) begin += shards[k].num_samples;
  return {.facts = facts,
          .shard_index = shard,
          .shard_count = static_cast<int64_t>(shards.size()),
          .global_start = begin,
          .table = table.slice(begin, begin + shards[shard].num_samples)};
}

void write_index(const std::filesystem::path& path, const Index& index) {
  std::vector<std::string> names, hashes;
  std::vector<int64_t> sizes, samples, addresses;
  for (const ShardFile& shard : index.shards) {
    names.push_back(shard.name);
    hashes.push_back(shard.sha256);
    sizes.push_back(shard.size_bytes);
    samples.push_back(shard.num_samples);
    addresses.push_back(shard.payload_address);
  }
  const TemporaryFile temporary(temporary_name(path));
  h5::File file = h5::File::create(temporary.path);
  write_facts(file, kIndexFormat, index.facts);
  file.set_attribute("num_samples", index.table.size());
  file.write_texts("shard_name", names);
  file.write_texts("shard_sha256", hashes);
  file.write("shard_size_bytes", sizes);
  file.write("shard_num_samples", samples);
  file.write("shard_payload_address", addresses);
  index.table.write(file);
  file.set_attribute("complete", 1);
  file.close();
  publish(temporary.path, path);
}

IndexFile::IndexFile(const std::filesystem::path& folder)
    : path_(path_in(folder)), file_(h5::File::open(path_)) {
  const SetFacts facts = read_facts(file_, kIndexFormat, path_.string());
  samples_ = file_.shape("label").at(0);
  key_bytes_ = file_.shape("key").at(0);
  text_ = text_of(facts, read_shards(file_, samples_, path_.string()));
  // A damaged shape must not ask for all the memory there is.
  const auto size = static_cast<int64_t>(std::filesystem::file_size(path_));
  check(samples_ < size && key_bytes_ < size && bytes() < 2 * size, Kind::kData,
        "{}: the sample table is damaged", path_.string());
}

int64_t IndexFile::bytes() const {
  return bytes_of({samples_, key_bytes_, static_cast<int64_t>(text_.size())});
}

void IndexFile::load(std::span<std::byte> into) const {
  const Head head{samples_, key_bytes_, static_cast<int64_t>(text_.size())};
  std::memcpy(into.data(), &head, sizeof head);
  std::memcpy(into.data() + sizeof head, text_.data(), text_.size());
  SampleColumns columns = columns_in(into, head);
  each_column(columns, head, [&]<typename T>(const char* name, std::span<T>& column, int64_t) {
    using Value = std::remove_const_t<T>;
    file_.read(name, std::span<Value>(const_cast<Value*>(column.data()), column.size()));
  });
  columns.require_fit(path_.string());
}

IndexView view_index(std::span<const std::byte> memory) {
  Head head;
  std::memcpy(&head, memory.data(), sizeof head);
  TextReader reader(reinterpret_cast<const char*>(memory.data() + sizeof head));
  IndexView view;
  SetFacts& facts = view.facts;
  facts.kind = static_cast<SetKind>(reader.number());
  facts.plan_sha256 = reader.text();
  facts.converter_config = reader.text();
  OrderFacts& order = facts.order;
  for (int64_t* fact : {&order.block, &order.streams, &order.run, &order.window}) {
    *fact = reader.number();
  }
  facts.class_names.resize(static_cast<size_t>(reader.number()));
  for (std::string& name : facts.class_names) name = reader.text();
  view.shards.resize(static_cast<size_t>(reader.number()));
  for (ShardFile& shard : view.shards) {
    shard.name = reader.text();
    shard.sha256 = reader.text();
    for (int64_t* fact : {&shard.size_bytes, &shard.num_samples, &shard.payload_address}) {
      *fact = reader.number();
    }
  }
  view.table = columns_in(memory, head);
  return view;
}

Index read_index(const std::filesystem::path& folder) {
  const IndexFile file(folder);
  std::vector<std::byte> memory(static_cast<size_t>(file.bytes()));
  file.load(memory);
  IndexView view = view_index(memory);
  return {std::move(view.facts), std::move(view.shards), view.table.slice(0, view.table.size())};
}

}  // namespace espalier::shards
