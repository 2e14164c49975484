// WebDataset's tar files: key.jpg, key.jpeg or key.png, and key.cls with a class number or a class
// name as text. The source is one .tar, or a folder of them, taken in byte order of their names.
// Members are listed once by libarchive and read by pread; links are left out.
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
#include "data/format.h"

namespace espalier::data {
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
    check(holds, Kind::kData, "{} is damaged or no tar file: {}", path, what);
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

// WebDataset's split: the extension begins at the first dot of the file's name.
size_t extension_of(const std::string& name) {
  const size_t slash = name.rfind('/');
  const size_t dot = name.find('.', slash == name.npos ? 0 : slash + 1);
  return dot == name.npos ? name.size() : dot;
}

bool names_an_image(std::string extension) {
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char letter) { return std::tolower(letter); });
  return extension == ".jpg" || extension == ".jpeg" || extension == ".png";
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
    if (others_ > 0) {
      log::info("pack", "{} members are neither images nor their classes and left out, as {}",
                others_, first_other_);
    }
    std::ranges::sort(items_, {}, &Item::key);
    const auto twice = std::ranges::adjacent_find(items_, {}, &Item::key);
    check(twice == items_.end(), Kind::kData, "{}: member {} is there twice", source.string(),
          twice == items_.end() ? "" : twice->key);
    number_classes();
  }

  int64_t size() const override { return static_cast<int64_t>(items_.size()); }
  std::string key(int64_t item) const override { return items_[item].key; }
  int64_t label(int64_t item) const override { return items_[item].label; }
  std::vector<std::string> class_names() const override { return class_names_; }

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
    std::map<std::string, std::string> classes;  // by key without extension
    const size_t first = items_.size();
    for (Member& member : list_members(file)) {
      const size_t dot = extension_of(member.name);
      const std::string extension = member.name.substr(dot);
      if (extension == ".cls" && !member.is_link) {
        check(classes.emplace(member.name.substr(0, dot), class_text(file, member)).second,
              Kind::kData, "{}: member {} is there twice", file.path().string(), member.name);
      } else if (names_an_image(extension) && !member.is_link) {
        items_.push_back({prefix + member.name, "", number, std::move(member)});
      } else if (others_++ == 0) {
        first_other_ = member.name;
      }
    }
    for (size_t i = first; i < items_.size(); ++i) {
      const std::string& name = items_[i].member.name;
      const auto found = classes.find(name.substr(0, extension_of(name)));
      if (found != classes.end()) items_[i].class_text = found->second;
    }
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

  // Numbers where all classes are numbers, else the names in byte order.
  void number_classes() {
    bool numbers = true;
    int64_t classes = 0;
    for (const Item& item : items_) {
      if (item.class_text.empty()) continue;
      class_names_.push_back(item.class_text);
      const std::optional<int64_t> number = class_number(item.class_text);
      numbers = numbers && number.has_value();
      if (numbers) classes = std::max(classes, *number + 1);
    }
    if (numbers) {
      class_names_.clear();
      for (int64_t c = 0; c < classes; ++c) class_names_.push_back(fmt::format("{}", c));
    } else {
      std::ranges::sort(class_names_);
      class_names_.erase(std::unique(class_names_.begin(), class_names_.end()), class_names_.end());
    }
    for (Item& item : items_) {
      if (item.class_text.empty()) continue;
      item.label =
          numbers ? *class_number(item.class_text)
                  : std::ranges::lower_bound(class_names_, item.class_text) - class_names_.begin();
    }
  }

  std::vector<fs::path> files_;  // opened for each read: there may be more than may be open
  std::vector<Item> items_;
  std::vector<std::string> class_names_;
  int64_t others_ = 0;
  std::string first_other_;
};

}  // namespace

ESPALIER_REGISTER(Format, Tar, "tar",
                  "WebDataset tar files: key.jpg|jpeg|png + key.cls; one .tar or a folder of them");

}  // namespace espalier::data
