#include "transfer/leak_check.h"

#include <nlohmann/json.hpp>
#include <set>

#include "config/document.h"
#include "core/cores.h"
#include "core/files.h"
#include "core/log.h"
#include "engine/run_folder.h"
#include "image/codec.h"
#include "leaks/leaks.h"
#include "transfer/leak_features.h"

namespace espalier::transfer {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMostDrawn = 60;  // pairs of a sheet

// A set that networks learned from, or why it cannot be read.
struct Learned {
  std::string name, path, why;
  std::optional<data::Dataset> set;
  const engine::BackboneFile* backbone = nullptr;  // whose features tell its images apart
};

// The set that a backbone was pretrained on: config.yaml of its run names a folder, and its .json
// says which contents that folder had.
Learned pretraining_of(const std::string& backbone) {
  Learned learned{.name = "pretraining"};
  const engine::RunFolder run{fs::is_directory(backbone) ? fs::path(backbone)
                                                         : fs::path(backbone).parent_path()};
  fs::path facts = fs::is_directory(backbone) ? run.backbone_facts() : fs::path(backbone);
  facts.replace_extension(".json");
  try {
    const std::string hash = Json::parse(read_file(facts)).value("data_hash", "");
    if (!fs::exists(run.config())) {
      learned.why = "there is no " + run.config().string() + ", which names its images";
      return learned;
    }
    learned.path = config::Document::load(run.config()).peek("data", "shards", "");
    if (!fs::exists(learned.path)) {
      learned.why = fmt::format("there is no {} here", learned.path);
      return learned;
    }
    learned.set = data::Dataset::open(learned.path);
    if (learned.set->hash() == hash) return learned;
    learned.set.reset();
    learned.why = learned.path + " holds another set now than the backbone was pretrained on";
  } catch (const std::exception& error) {
    learned.set.reset();
    learned.why = error.what();
  }
  return learned;
}

// Each set once.
std::vector<Learned> learned_by(const Setting& setting) {
  std::vector<Learned> all = {{.name = "training",
                               .path = setting.config.data.train,
                               .why = {},
                               .set = setting.train,
                               .backbone = &setting.model()}};
  std::set<std::string> seen;
  for (const engine::BackboneFile& backbone : setting.backbones) {
    Learned learned = pretraining_of(backbone.path);
    learned.backbone = &backbone;
    if (!seen.insert(learned.set ? learned.set->hash() : learned.path + learned.why).second)
      continue;
    if (seen.size() > 1) learned.name += fmt::format(" {}", seen.size());
    all.push_back(std::move(learned));
  }
  return all;
}

// What was found before, of the same two sets and in the same ways.
Json known(const Json& before, const std::string& hash, const std::string& test_hash,
           bool by_features) {
  for (const auto& [name, entry] : before.items())
    if (entry.value("hash", "") == hash && entry.value("test_hash", "") == test_hash &&
        entry.contains("alike") == by_features)
      return entry;
  return nullptr;
}

// By features of `backbone`, too, where it is not null.
Json compared(const data::Dataset& set, const data::Dataset& test,
              const engine::BackboneFile* backbone, const fs::path& sheet) {
  log::info("leaks", "looking for {} test images among {}", test.size(), set.size());
  leaks::Leaks found = leaks::find_leaks(test, set, core_share().cores);
  if (backbone != nullptr)
    found.add(find_alike(engine::TrainedModel::of(*backbone, backbone->path), test, set));
  Json entry = leaks::to_json(found, test, set);
  entry["hash"] = set.hash();
  entry["test_hash"] = test.hash();
  if (found.found() > 0) {
    const auto png = image::encode_png(leaks::draw_pairs(found, test, set, kMostDrawn));
    write_file(sheet, {reinterpret_cast<const char*>(png.data()), png.size()});
    entry["sheet"] = sheet.filename().string();
  }
  log::write(found.found() > 0 ? log::Level::kWarning : log::Level::kInfo, "leaks",
             leaks::summary(found));
  return entry;
}

}  // namespace

void check_leaks(const Setting& setting, const fs::path& folder) {
  if (!setting.config.data.leaks) return;
  const fs::path file = folder / "leaks.json";
  const Json before = fs::exists(file) ? Json::parse(read_file(file)) : Json::object();
  Json now = Json::object();
  const bool by_features = setting.config.data.leaks_by_features;
  for (const Learned& learned : learned_by(setting)) {
    Json entry;
    if (learned.set) {
      for (const Json& source : {before, now})
        if (entry.is_null())
          entry = known(source, learned.set->hash(), setting.test->hash(), by_features);
      if (entry.is_null())
        entry = compared(*learned.set, *setting.test, by_features ? learned.backbone : nullptr,
                         folder / fmt::format("leaks-{}.png", learned.name));
    } else {
      log::warning("leaks", "the images of {} are not checked for test images: {}", learned.name,
                   learned.why);
      entry["why"] = learned.why;
    }
    entry["path"] = learned.path;
    entry["checked"] = learned.set.has_value();
    now[learned.name] = std::move(entry);
  }
  write_file(file, now.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace espalier::transfer
