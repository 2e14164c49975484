#include "pack/export.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <set>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/files.h"
#include "core/log.h"
#include "image/codec.h"
#include "shards/parallel.h"

namespace espalier::pack {
namespace {

namespace fs = std::filesystem;

std::vector<uint8_t> file_bytes(const shards::StoredSet& set, int64_t sample) {
  const bool raw = set.codec(sample) == image::Codec::kRaw;
  return raw ? image::encode_png(set.image(sample)) : set.bytes(sample);
}

std::string extension_of(const shards::StoredSet& set, int64_t sample) {
  return set.codec(sample) == image::Codec::kJpeg ? ".jpg" : ".png";
}

std::string safe_component(std::string text) {
  for (char& letter : text) {
    const auto code = static_cast<unsigned char>(letter);
    if (code < 0x20 || code == 0x7F || letter == '\\' || letter == '/') letter = '_';
  }
  return text.empty() || text == "." || text == ".." ? "_" + text : text;
}

std::string safe_path(const std::string& key) {
  std::string path;
  for (size_t begin = 0;;) {
    const size_t end = key.find('/', begin);
    path += safe_component(key.substr(begin, end - begin));
    if (end == key.npos) return path;
    path += '/';
    begin = end + 1;
  }
}

// Without the extension of an image file.
std::string stem_of(const std::string& name) {
  constexpr std::array<std::string_view, 4> kExtensions = {".jpg", ".jpeg", ".jpe", ".png"};
  std::string lower = name;
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  for (const std::string_view extension : kExtensions) {
    if (name.size() > extension.size() && lower.ends_with(extension)) {
      return name.substr(0, name.size() - extension.size());
    }
  }
  return name;
}

std::string class_of(const shards::StoredSet& set, int64_t sample) {
  const int64_t label = set.label(sample);
  return label < 0 ? "" : set.class_names().at(static_cast<size_t>(label));
}

std::string name_in_folder(const shards::StoredSet& set, int64_t sample) {
  const std::string key = set.key(sample), name = class_of(set, sample);
  const std::string file = safe_path(stem_of(key)) + extension_of(set, sample);
  if (set.class_names().empty()) return file;
  const std::string folder = name.empty() ? "unlabeled" : safe_component(name);
  return file.starts_with(folder + '/') ? file : folder + '/' + file;
}

// Without its extension, which begins at the first dot of the last component.
std::string name_in_tar(const shards::StoredSet& set, int64_t sample) {
  std::string name = safe_path(stem_of(set.key(sample)));
  const size_t slash = name.rfind('/');
  for (size_t i = slash == name.npos ? 0 : slash + 1; i < name.size(); ++i) {
    if (name[i] == '.') name[i] = '_';
  }
  return name;
}

void require_new(const std::set<std::string>& names, const std::string& name,
                 const std::string& key) {
  check(!names.contains(name), Kind::kUsage,
        "two samples would be called {}, one of them is {} (try: the other --format)", name, key);
}

void require_absent(const fs::path& out) {
  check(shards::is_missing(out), Kind::kUsage, "{} is there already (try: another --out)",
        out.string());
}

// Writes members of fixed mode, owner and time, so that equal contents are equal bytes.
class TarWriter {
 public:
  explicit TarWriter(const fs::path& path) : path_(path), tar_(archive_write_new()) {
    archive_write_set_format_gnutar(tar_);  // names are bytes and of any length
    archive_write_set_bytes_in_last_block(tar_, 1);
    require(archive_write_open_filename(tar_, path.c_str()));
  }
  ~TarWriter() {
    archive_entry_free(entry_);
    archive_write_free(tar_);
  }
  TarWriter(const TarWriter&) = delete;

  void add(const std::string& name, std::span<const uint8_t> bytes) {
    archive_entry_clear(entry_);
    archive_entry_copy_pathname(entry_, name.c_str());
    archive_entry_set_filetype(entry_, AE_IFREG);
    archive_entry_set_perm(entry_, 0644);
    archive_entry_set_size(entry_, static_cast<int64_t>(bytes.size()));
    archive_entry_set_mtime(entry_, 0, 0);
    require(archive_write_header(tar_, entry_));
    const auto written = archive_write_data(tar_, bytes.data(), bytes.size());
    require(written == static_cast<la_ssize_t>(bytes.size()) ? ARCHIVE_OK : ARCHIVE_FATAL);
  }
  void close() { require(archive_write_close(tar_)); }

 private:
  void require(int status) {
    const char* reason = archive_error_string(tar_);
    check(status == ARCHIVE_OK || status == ARCHIVE_WARN, Kind::kIo, "cannot write {}: {} ({})",
          path_.string(), reason == nullptr ? "" : reason,
          std::generic_category().message(archive_errno(tar_)));
  }

  fs::path path_;
  archive* tar_;
  archive_entry* entry_ = archive_entry_new();
};

}  // namespace

void export_folder(const shards::StoredSet& set, const fs::path& out, int64_t threads,
                   const ExportProgress& progress) {
  require_absent(out);
  const fs::path partial = temporary_name(out);
  std::vector<std::string> names;
  std::set<std::string> taken, folders;
  for (int64_t i = 0; i < set.size(); ++i) {
    const std::string& name = names.emplace_back(name_in_folder(set, i));
    require_new(taken, name, set.key(i));
    taken.insert(name);
    folders.insert((partial / name).parent_path().string());
  }
  const auto unlabeled = std::ranges::count(set.index().table.label, -1);
  if (unlabeled > 0 && !set.class_names().empty()) {
    log::warning("export", "{} images have no class and are in {}, which looks like a class",
                 unlabeled, (out / "unlabeled").string());
  }
  for (const std::string& folder : folders) make_directories(folder);
  const auto write_image = [&](int64_t i) {
    const std::vector<uint8_t> bytes = file_bytes(set, i);
    std::ofstream file(partial / names[i], std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()), std::ssize(bytes));
    file.close();
    check(file.good(), Kind::kIo, "cannot write {}: {}", (partial / names[i]).string(),
          errno_text());
  };
  try {
    shards::parallel_for(set.size(), threads, write_image, progress);
    std::error_code error;
    fs::rename(partial, out, error);
    check(!error, Kind::kIo, "cannot rename to {}: {}", out.string(), error.message());
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(partial, ignored);
    throw;
  }
}

void export_tar(const shards::StoredSet& set, const fs::path& out, const ExportProgress& progress) {
  require_absent(out);
  const fs::path partial = temporary_name(out);
  try {
    TarWriter tar(partial);
    std::set<std::string> taken;
    for (int64_t i = 0; i < set.size(); ++i) {
      const std::string name = name_in_tar(set, i), label = class_of(set, i);
      require_new(taken, name, set.key(i));
      taken.insert(name);
      tar.add(name + extension_of(set, i), file_bytes(set, i));
      const auto* text = reinterpret_cast<const uint8_t*>(label.data());
      if (!label.empty()) tar.add(name + ".cls", {text, label.size()});
      if (progress) progress(i + 1);
    }
    tar.close();
    publish(partial, out);
  } catch (...) {
    std::error_code ignored;
    fs::remove(partial, ignored);
    throw;
  }
}

}  // namespace espalier::pack
