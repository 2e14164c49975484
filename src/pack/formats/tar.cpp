// WebDataset's tar files: images, and KEY.cls with a class number or a class name as text. A member
// is an image by its last extension or by its content. Its class is that of the longest KEY which
// its name begins with, up to a dot: 0000.5.png takes 0000.5.cls, and without that 0000.cls.
// (WebDataset itself cuts at the first dot: it would take 0000.5.png for the field "5.png" of
// sample 0000.) The source is one .tar, or a folder of them, taken in byte order of their names.
// Members are listed once by libarchive and read by pread; hidden ones and links are left out.
#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <memory>
#include <optional>

#include "core/files.h"
#include "core/log.h"
#include "pack/format.h"
#include "pack/image_files.h"
#include "shards/class_order.h"

namespace espalier::pack {
namespace {

namespace fs = std::filesystem;

struct Member {
  std::string name;
  int64_t offset = 0, size = 0;  // of its bytes in the file
  bool is_link = false;          // without bytes
};

void refuse_compressed(const ReadOnlyFile& file) {
  constexpr std::array<std::string_view, 4> kStarts = {"\x1f\x8b", "BZh",
                                                       "\xfd"
                                                       "7zXZ",
                                                       "\x28\xb5\x2f\xfd"};
  std::string start(std::min<size_t>(8, file.size_bytes()), '\0');
  file.read(0, {reinterpret_cast<uint8_t*>(start.data()), start.size()});
  const bool compressed = std::ranges::any_of(
      kStarts, [&](std::string_view magic) { return start.starts_with(magic); });
  check(!compressed, Kind::kUsage,
        "{} is compressed, which allows no random access (try: gunzip, unzstd, unxz or bunzip2)",
        file.path().string());
}

// What lies in a tar file, in its order, without folders.
std::vector<Member> list_members(const ReadOnlyFile& file) {
  refuse_compressed(file);
  const std::string path = file.path().string();
  const std::unique_ptr<archive, int (*)(archive*)> tar(archive_read_new(), archive_read_free);
  archive_read_support_format_tar(tar.get());
  const auto require = [&](bool holds, const std::string& what) {
    check(holds, Kind::kData, "{} is damaged or not a tar file: {}", path, what);
  };
  const auto reason = [&] {
    const char* text = archive_error_string(tar.get());
    return std::string(text == nullptr ? "it ends early" : text);
  };
  constexpr size_t kBlock = 1 << 16;
  require(archive_read_open_filename(tar.get(), path.c_str(), kBlock) == ARCHIVE_OK, reason());
  std::vector<Member> members;
  for (;;) {
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(tar.get(), &entry);
    if (status == ARCHIVE_EOF) return members;
    require(status == ARCHIVE_OK || status == ARCHIVE_WARN, reason());
    if (archive_entry_filetype(entry) == AE_IFDIR) continue;
    const char* name = archive_entry_pathname_utf8(entry);
    if (name == nullptr) name = archive_entry_pathname(entry);
    require(name != nullptr && *name != '\0', "a member has no name");
    Member member{.name = name,
                  .offset = archive_filter_bytes(tar.get(), 0),
                  .size = archive_entry_size(entry),
                  .is_link = archive_entry_filetype(entry) != AE_IFREG ||
                             archive_entry_hardlink(entry) != nullptr};
    require(archive_entry_sparse_count(entry) == 0, member.name + " is a sparse file");
    require(member.size >= 0 && member.size <= file.size_bytes() - member.offset,
            member.name + " goes past the end of the file");
    if (member.name.starts_with("./")) member.name.erase(0, 2);
    members.push_back(std::move(member));
  }
}

std::optional<int64_t> class_number(const std::string& text) {
  int64_t number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  constexpr int64_t kMostClasses = 1'000'000;
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && number >= 0 && number < kMostClasses ? std::optional(number) : std::nullopt;
}

class Tar : public Format {
 public:
  void open(const fs::path& source) override {
    const bool folder = fs::is_directory(source);
    files_ = files_of(source, folder);
    for (size_t file = 0; file < files_.size(); ++file) {
      add(file, folder ? files_[file].filename().string() + '/' : "");
    }
    if (!others_.empty()) {
      log::info("pack", "{} members are neither images nor their classes and left out: {}",
                others_.size(), count_extensions(others_));
    }
    check(!items_.empty(), Kind::kData, "{} holds no images{}", source.string(),
          others_.empty() ? "" : "; it holds " + count_extensions(others_));
    std::ranges::sort(items_, {}, &Item::key);
    const auto twice = std::ranges::adjacent_find(items_, {}, &Item::key);
    check(twice == items_.end(), Kind::kData, "{}: member {} is there twice", source.string(),
          twice == items_.end() ? "" : twice->key);
    number_classes();
  }

  int64_t size() const override { return static_cast<int64_t>(items_.size()); }
  std::string key(int64_t item) const override { return items_[item].key; }
  int64_t label(int64_t item) const override { return items_[item].label; }
  std::vector<std::string> class_names() const override { return classes_.names(); }
  std::vector<LeftOut> left_out() const override { return left_out_; }
  std::vector<std::string> warnings() const override;

  Content read(int64_t item) const override {
    return bytes_of_member(ReadOnlyFile(files_[items_[item].file]), items_[item].member);
  }

 private:
  struct Item {
    std::string key, class_text;
    size_t file;
    Member member;
    int64_t label = -1;
  };

  struct Class {
    std::string text;
    bool used = false;
  };

  static std::vector<fs::path> files_of(const fs::path& source, bool folder) {
    if (!folder) return {source};
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(source)) {
      if (entry.path().extension() == ".tar") files.push_back(entry.path());
    }
    check(!files.empty(), Kind::kUsage, "{} holds no .tar file", source.string());
    std::ranges::sort(files, {}, [](const fs::path& path) { return path.filename().string(); });
    return files;
  }

  static std::vector<uint8_t> bytes_of_member(const ReadOnlyFile& file, const Member& member) {
    std::vector<uint8_t> bytes(static_cast<size_t>(member.size));
    file.read(member.offset, bytes);
    return bytes;
  }

  void add(size_t number, const std::string& prefix) {
    const ReadOnlyFile file(files_[number]);
    std::map<std::string, Class> classes;  // by KEY
    const size_t first = items_.size();
    for (Member& member : list_members(file)) {
      const std::string extension = extension_of(member.name);
      if (extension == ".cls" && !member.is_link && !is_hidden(member.name)) {
        const std::string key = member.name.substr(0, member.name.size() - extension.size());
        check(classes.emplace(key, Class{class_text(file, member)}).second, Kind::kData,
              "{}: member {} is there twice", file.path().string(), member.name);
      } else if (!looks_like_image(file, member)) {
        others_.push_back(prefix + member.name);
      } else if (member.is_link || is_hidden(member.name)) {
        left_out_.push_back({prefix + member.name, member.is_link ? "a link" : "hidden"});
      } else {
        items_.push_back({prefix + member.name, "", number, std::move(member)});
      }
    }
    for (size_t i = first; i < items_.size(); ++i) {
      if (Class* found = class_of(items_[i].member.name, classes)) {
        items_[i].class_text = found->text;
        found->used = true;
      }
    }
    for (const auto& [key, found] : classes) {
      if (!found.used) lost_labels_.push_back(prefix + key + ".cls");
    }
  }

  static bool looks_like_image(const ReadOnlyFile& file, Member member) {
    const bool named = is_named_as_image(member.name);
    if (member.is_link || (named && !is_hidden(member.name))) return named;
    member.size = std::min(member.size, kFirstBytes);
    return begins_as_image(bytes_of_member(file, member));
  }

  static Class* class_of(const std::string& name, std::map<std::string, Class>& classes) {
    const size_t slash = name.rfind('/'), component = slash == name.npos ? 0 : slash + 1;
    for (size_t end = name.size(); end != name.npos && end > component;
         end = name.rfind('.', end - 1)) {
      const auto found = classes.find(name.substr(0, end));
      if (found != classes.end()) return &found->second;
    }
    return nullptr;
  }

  static std::string class_text(const ReadOnlyFile& file, const Member& member) {
    constexpr int64_t kMostBytes = 1024;
    check(member.size <= kMostBytes, Kind::kData, "{}: {} has {} bytes, a class has up to {}",
          file.path().string(), member.name, member.size, kMostBytes);
    const std::vector<uint8_t> bytes = bytes_of_member(file, member);
    std::string text(bytes.begin(), bytes.end());
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) {
      text.pop_back();
    }
    check(!text.empty() && text.find('\0') == text.npos, Kind::kData, "{}: {} names no class",
          file.path().string(), member.name);
    return text;
  }

  // Where all classes are numbers there is a name for each number up to the largest.
  void number_classes() {
    std::vector<std::string> names;
    bool numbers = true;
    int64_t classes = 0;
    for (const Item& item : items_) {
      if (item.class_text.empty()) continue;
      names.push_back(item.class_text);
      const std::optional<int64_t> number = class_number(item.class_text);
      numbers = numbers && number.has_value();
      if (numbers) classes = std::max(classes, *number + 1);
    }
    if (numbers) {
      names.clear();
      for (int64_t c = 0; c < classes; ++c) names.push_back(fmt::format("{}", c));
    }
    classes_ = shards::ClassOrder(std::move(names));
    for (Item& item : items_) {
      if (item.class_text.empty()) continue;
      item.label = numbers ? *class_number(item.class_text) : classes_.number(item.class_text);
    }
  }

  std::vector<fs::path> files_;  // opened for each read: there may be more than may be open
  std::vector<Item> items_;
  std::vector<std::string> others_, lost_labels_;
  std::vector<LeftOut> left_out_;
  shards::ClassOrder classes_;
};

std::vector<std::string> Tar::warnings() const {
  std::vector<std::string> warnings;
  if (classes_.names().empty()) {
    warnings.push_back(fmt::format(
        "no image has a label: the label of KEY.png is in a member KEY.cls{}",
        others_.empty() ? "" : fmt::format("; there are {}", count_extensions(others_))));
  }
  if (!lost_labels_.empty()) {
    warnings.push_back(fmt::format("{} labels belong to no image, as {}", lost_labels_.size(),
                                   lost_labels_.front()));
  }
  return warnings;
}

}  // namespace

ESPALIER_REGISTER(
    Format, Tar, "tar",
    "WebDataset: members KEY.jpg|jpeg|png and KEY.cls, in one .tar file or a folder of them");

}  // namespace espalier::pack
