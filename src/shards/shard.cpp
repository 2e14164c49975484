#include "shards/shard.h"

#include "core/error.h"

namespace espalier::shards {
namespace {

constexpr const char* kShardFormat = "espalier-shard";

const char* payload_name(const SetFacts& facts) {
  return facts.kind == SetKind::kRaw ? "images" : "data";
}

std::vector<int64_t> payload_shape(const Shard& shard) {
  const SampleTable& table = shard.table;
  if (shard.facts.kind == SetKind::kEncoded) return {table.offset.back()};
  return {table.size(), table.height[0], table.width[0], table.channels[0]};
}

}  // namespace

std::string shard_name(int64_t shard) { return fmt::format("shard-{:05d}.h5", shard); }

bool is_shard_name(const std::string& name) {
  return name.starts_with("shard-") && name.ends_with(".h5");
}

bool is_missing(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::status(path, error).type() == std::filesystem::file_type::not_found;
}

void write_facts(h5::File& file, const std::string& format, const SetFacts& facts) {
  file.set_attribute("format", format);
  file.set_attribute("version_major", kVersionMajor);
  file.set_attribute("version_minor", kVersionMinor);
  file.set_attribute("kind", name_of(facts.kind));
  file.set_attribute("plan_sha256", facts.plan_sha256);
  file.set_attribute("converter_config", facts.converter_config);
  file.set_attribute("order_block", facts.order.block);
  file.set_attribute("order_streams", facts.order.streams);
  file.set_attribute("order_run", facts.order.run);
  file.set_attribute("order_window", facts.order.window);
  if (!facts.class_names.empty()) file.write_texts("class_names", facts.class_names);
}

SetFacts read_facts(const h5::File& file, const std::string& format, const std::string& path) {
  const std::string found = file.text_attribute("format");
  check(found == format, Kind::kData, "{} is of format '{}', not '{}'", path, found, format);
  const int64_t major = file.integer_attribute("version_major");
  check(major == kVersionMajor, Kind::kData,
        "{} is of version {}.{}, this program reads version {} (try: pack again, or a newer "
        "Espalier)",
        path, major, file.integer_attribute("version_minor"), kVersionMajor);
  const std::string kind = file.text_attribute("kind");
  SetFacts facts{.plan_sha256 = file.text_attribute("plan_sha256"),
                 .converter_config = file.text_attribute("converter_config"),
                 .class_names = {}};
  if (file.integer_attribute("version_minor") >= 1) {
    facts.order = {.block = file.integer_attribute("order_block"),
                   .streams = file.integer_attribute("order_streams"),
                   .run = file.integer_attribute("order_run"),
                   .window = file.integer_attribute("order_window")};
    facts.order.require_sound(path);
  }
  const auto known = value_named<SetKind>(kind);
  check(known.has_value(), Kind::kData, "{}: kind is '{}', it must be raw or encoded", path, kind);
  facts.kind = *known;
  if (file.has("class_names")) facts.class_names = file.read_texts("class_names");
  return facts;
}

int64_t create_shard(const std::filesystem::path& path, const Shard& shard) {
  h5::File file = h5::File::create(path);
  write_facts(file, kShardFormat, shard.facts);
  file.set_attribute("num_samples", shard.table.size());
  file.set_attribute("shard_index", shard.shard_index);
  file.set_attribute("shard_count", shard.shard_count);
  file.set_attribute("global_start", shard.global_start);
  shard.table.write(file);
  const int64_t address = file.allocate(payload_name(shard.facts), payload_shape(shard));
  file.close();
  return address;
}

void mark_complete(const std::filesystem::path& path) {
  h5::File file = h5::File::open(path, true);
  file.set_attribute("complete", 1);
  file.close();
}

StoredShard read_shard(const std::filesystem::path& path) {
  const h5::File file = h5::File::open(path);
  StoredShard stored;
  Shard& shard = stored.shard;
  shard.facts = read_facts(file, kShardFormat, path.string());
  check(file.integer_attribute("complete") == 1, Kind::kData, "{} was not completed",
        path.string());
  shard.shard_index = file.integer_attribute("shard_index");
  shard.shard_count = file.integer_attribute("shard_count");
  shard.global_start = file.integer_attribute("global_start");
  shard.table = SampleTable::read(file, path.string());
  check(shard.table.size() > 0 && file.integer_attribute("num_samples") == shard.table.size() &&
            file.shape(payload_name(shard.facts)) == payload_shape(shard),
        Kind::kData, "{}: the sample table does not fit the payload", path.string());
  stored.payload_address = file.address(payload_name(shard.facts));
  return stored;
}

}  // namespace espalier::shards
