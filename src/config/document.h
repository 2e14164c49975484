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

  // "section.option=value"; the value is YAML. `seed=7` sets a top-level option; `optim.lr=` takes
  // one back, so that it has its default.
  void set(const std::string& assignment);

  // The text of one scalar option before anything is bound, e.g. the plug-in that a section names.
  std::string peek(const std::string& section, const std::string& option,
                   const std::string& otherwise) const;

  // For an option that names a plug-in: what the file said where an override has taken its place,
  // else "".
  std::string replaced(const std::string& section, const std::string& option) const;

  // Forgets what the file, not an override, gives for those options in `gone` that are not in
  // `kept`. Returns their names.
  std::vector<std::string> forget(const std::string& section, const Fields& gone,
                                  const Fields& kept);

  // Writes what the document says into the fields of `section` ("" = top level), which are all that
  // it may hold, and remembers the values for resolved(). Fields the document does not mention keep
  // their value. An option that is in no field is refused by finish(), which knows all sections.
  void bind(const std::string& section, const Fields& fields);

  // As bind(), for a further instance of something already bound: takes the options in `fields` and
  // leaves the rest of the section to others; nothing is remembered.
  void fill(const std::string& section, const Fields& fields) const;

  // Refuses sections and options that nothing has bound, with the place where such an option is.
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
    bool is_list = false, is_null = false, is_override = false;
    std::vector<Scalar> items;  // one for a scalar
    std::string where;
  };
  struct Unknown {
    std::string section, option, where;
    std::vector<std::string> legal;  // in that section
  };
  struct Bound {
    std::string section, option, value;
    bool identity;
  };

  static std::string path_of(const std::string& section, const std::string& option);
  std::string hint(const Unknown& unknown) const;
  void assign(const Field& field, const Value& value, const std::string& path) const;

  std::string origin_;
  std::map<std::string, std::map<std::string, Value>> sections_;
  std::map<std::string, std::string> section_where_;
  std::map<std::string, std::string> replaced_;  // by path
  std::vector<std::string> bound_sections_;
  std::vector<Unknown> unknown_;
  std::vector<Bound> bound_;

  friend struct Reader;
};

// The options of `fields` for people: name, type, default, range and help, one paragraph an option.
std::string describe(const Fields& fields, const std::string& indent);

// The same as rows of a Markdown table.
std::string describe_markdown(const Fields& fields);

}  // namespace espalier::config
