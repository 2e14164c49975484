// A CSV list of image files (RFC 4180: quotes, doubled quotes, line ends inside quotes): rows of
// path,label or of path alone, with or without that as a header. A first row of other words that
// names no file is taken for a header and refused. Paths are relative to the list's folder, or all
// absolute: keys are then relative to the folder that holds all of them. Labels are class names.
#include <algorithm>
#include <numeric>
#include <optional>

#include "core/files.h"
#include "pack/format.h"
#include "shards/class_order.h"

namespace espalier::pack {
namespace {

namespace fs = std::filesystem;

struct Row {
  std::vector<std::string> fields;
  int64_t line = 0;  // where it begins
};

class Reader {
 public:
  Reader(const std::string& text, const std::string& path) : text_(text), path_(path) {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
  }

  // Blank lines are no rows.
  std::optional<Row> next() {
    while (ends_line()) take_line_end();
    if (at_ == text_.size()) return std::nullopt;
    Row row{.fields = {}, .line = line_};
    for (;;) {
      row.fields.push_back(at_ < text_.size() && text_[at_] == '"' ? quoted() : plain());
      if (at_ == text_.size()) return row;
      if (ends_line()) {
        take_line_end();
        return row;
      }
      check(text_[at_] == ',', Kind::kData, "{}:{}: text after a closing quote (try: \"\" for one)",
            path_, line_);
      ++at_;
    }
  }

 private:
  bool ends_line() const {
    return at_ < text_.size() &&
           (text_[at_] == '\n' || std::string_view(text_).substr(at_).starts_with("\r\n"));
  }
  void take_line_end() {
    at_ += text_[at_] == '\r' ? 2 : 1;
    ++line_;
  }

  std::string plain() {
    const size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != ',' && !ends_line()) {
      check(text_[at_] != '"', Kind::kData, "{}:{}: a quote inside a plain field (try: quote all)",
            path_, line_);
      ++at_;
    }
    return text_.substr(begin, at_ - begin);
  }

  std::string quoted() {
    const int64_t first_line = line_;
    std::string field;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '"') {
        ++at_;
        if (at_ == text_.size() || text_[at_] != '"') return field;
      }
      if (text_[at_] == '\n') ++line_;
      field += text_[at_];
    }
    throw Error(Kind::kData, "{}:{}: the quote is not closed", path_, first_line);
  }

  const std::string& text_;
  const std::string path_;
  size_t at_ = 0;
  int64_t line_ = 1;
};

class Csv : public Format {
 public:
  void open(const fs::path& source) override {
    folder_ = source.parent_path();
    list_ = source.string();
    const std::string text = read_file(source);
    Reader reader(text, list_);
    int64_t first_line = 0;
    size_t columns = 0;
    while (std::optional<Row> row = reader.next()) {
      if (first_line == 0) columns = row->fields.size(), first_line = row->line;
      const bool header = row->line == first_line && row->fields[0] == "path" &&
                          (columns == 1 || (columns == 2 && row->fields[1] == "label"));
      const std::string where = fmt::format("{}:{}", list_, row->line);
      check(columns <= 2 && row->fields.size() == columns, Kind::kData, "{}: {} fields, {}", where,
            row->fields.size(),
            columns > 2
                ? "but a row is path,label or path (try: these two columns alone)"
                : "the first row has another number of them (try: quote fields that hold commas)");
      if (row->line == first_line && !header) refuse_other_header(*row, where);
      if (!header) add(std::move(*row), where);
    }
    finish();
  }

  int64_t size() const override { return static_cast<int64_t>(entries_.size()); }
  std::string key(int64_t item) const override { return entries_[item].path; }
  int64_t label(int64_t item) const override {
    if (classes_.names().empty()) return -1;
    return classes_.number(entries_[item].label);
  }
  std::vector<std::string> class_names() const override { return classes_.names(); }

  Content read(int64_t item) const override {
    const Entry& entry = entries_[item];
    try {
      return read_bytes(folder_ / entry.path);
    } catch (const Error& error) {
      throw Error(error.kind(), "{}:{}: {}", list_, entry.line, error.what());
    }
  }

 private:
  struct Entry {
    std::string path, label;
    int64_t line;
  };

  void add(Row row, const std::string& where) {
    std::string& path = row.fields[0];
    check(!path.empty(), Kind::kData, "{}: the path is empty", where);
    check(path.find('\0') == path.npos, Kind::kData, "{}: the path holds a zero byte", where);
    const bool labeled = row.fields.size() == 2;
    check(!labeled || !row.fields[1].empty(), Kind::kData, "{}: the label is empty", where);
    check(!labeled || row.fields[1].find('\0') == path.npos, Kind::kData,
          "{}: the label holds a zero byte", where);
    entries_.push_back({std::move(path), labeled ? std::move(row.fields[1]) : "", row.line});
  }

  // Image files have an extension or lie in a folder; words that name no file are a header.
  void refuse_other_header(const Row& row, const std::string& where) const {
    const std::string& path = row.fields[0];
    std::error_code ignored;
    const bool is_word = path.find_first_of("./") == path.npos;
    if (!is_word || path.empty() || fs::exists(folder_ / path, ignored)) return;
    throw Error(Kind::kUsage, "{}: '{}' is no file and looks like the name of a column (try: {})",
                where, path, row.fields.size() == 2 ? "path,label" : "path");
  }

  // Keys do not depend on where the source lies.
  void take_common_folder() {
    const auto is_absolute = [](const Entry& entry) { return entry.path.starts_with('/'); };
    if (std::ranges::none_of(entries_, is_absolute)) return;
    const auto relative = std::ranges::find_if_not(entries_, is_absolute);
    if (relative != entries_.end()) {
      throw Error(Kind::kData, "{}:{}: {} is relative, others are absolute (try: one or the other)",
                  list_, relative->line, relative->path);
    }
    const auto with_slash = [](const std::string& path, size_t end) {
      return path.substr(0, path.rfind('/', end) + 1);
    };
    std::string common = with_slash(entries_[0].path, std::string::npos);
    for (const Entry& entry : entries_) {
      while (!entry.path.starts_with(common)) common = with_slash(common, common.size() - 2);
    }
    folder_ = common;
    for (Entry& entry : entries_) {
      check(entry.path.size() > common.size(), Kind::kData, "{}:{}: {} is a folder", list_,
            entry.line, entry.path);
      entry.path.erase(0, common.size());
    }
  }

  void finish() {
    take_common_folder();
    std::ranges::stable_sort(entries_, {}, &Entry::path);
    const auto twice = std::ranges::adjacent_find(entries_, {}, &Entry::path);
    if (twice != entries_.end()) {
      throw Error(Kind::kData, "{}:{}: {} is already in line {}", list_, (twice + 1)->line,
                  twice->path, twice->line);
    }
    std::vector<std::string> labels;
    for (const Entry& entry : entries_) {
      if (!entry.label.empty()) labels.push_back(entry.label);
    }
    classes_ = shards::ClassOrder(std::move(labels));
  }

  fs::path folder_;
  std::string list_;  // its path
  std::vector<Entry> entries_;
  shards::ClassOrder classes_;
};

}  // namespace

ESPALIER_REGISTER(
    Format, Csv, "csv",
    "a CSV list with rows of path,label or of path; paths are relative to its folder");

}  // namespace espalier::pack
