// A configuration: a YAML file with `key=value` overrides, read into option structs.
//
//   Document document = Document::load("configs/pretrain/rotation.yaml");
//   document.set("optim.lr=0.3");
//   document.bind("train", train_options.fields());
//   document.finish();
//
// A file has sections, a section has options; there is no deeper nesting. Anything wrong is kUsage
// with file, line and column (or the override's text), the value seen, and the nearest legal name.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/options.h"

namespace espalier::config {

class Document {
 public:
  Document() = default;  // empty: every option keeps its default
  static Document load(const std::filesystem::path& path);
  static Document parse(const std::string& yaml, const std::string& origin);

  // "section.option=value"; the value is YAML. `seed=7` sets a top-level option.
  void set(const std::string& assignment);

  // The text of one scalar option before anything is bound, e.g. the plug-in that a section names.
  std::string peek(const std::string& section, const std::string& option,
                   const std::string& otherwise) const;

  // Writes what the document says into the fields of `section` ("" = top level), which are all that
  // it may hold, and remembers the values for resolved(). Fields the document does not mention keep
  // their value.
  void bind(const std::string& section, const Fields& fields);

  // As bind(), for a further instance of something already bound: takes the options in `fields` and
  // leaves the rest of the section to others; nothing is remembered.
  void fill(const std::string& section, const Fields& fields) const;

  // Refuses sections that nothing has bound.
  void finish() const;

  // Complete YAML of everything bound, in the order of binding. Reads back to the same values.
  std::string resolved() const;
  std::string resolved_section(const std::string& section) const;

  // SHA-256 over the options that are part of the run's identity.
  std::string identity_hash() const;

  // "optim.lr: 0.1 -> 0.3" for every identity option whose value differs between two bound
  // documents.
  static std::vector<std::string> identity_changes(const Document& before, const Document& after);

 private:
  struct Scalar {
    std::string text;
    std::string where;  // "file.yaml:3:7"
  };
  struct Value {
    bool is_list = false;
    std::vector<Scalar> items;  // one for a scalar
    std::string where;
  };
  struct Bound {
    std::string section, option, value;
    bool identity;
  };

  void read(const std::string& yaml, const std::string& origin);
  void assign(const Field& field, const Value& value, const std::string& path) const;

  std::string origin_;
  std::map<std::string, std::map<std::string, Value>> sections_;
  std::map<std::string, std::string> section_where_;
  std::vector<std::string> bound_sections_;
  std::vector<Bound> bound_;

  friend struct Reader;
};

// The options of `fields` for people: name, type, default, range and help, one paragraph an option.
std::string describe(const Fields& fields, const std::string& indent);

// The same as rows of a Markdown table.
std::string describe_markdown(const Fields& fields);

}  // namespace espalier::config
