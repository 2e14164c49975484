// A configuration: a YAML file with `key=value` overrides, read into option structs.
//
//   Document document = Document::load("configs/pretrain/rotation.yaml");
//   document.set("optim.lr=0.3");
//   document.bind("train", train_options.fields());
//   document.finish();
//
// A file has sections, a section has options; there is no deeper nesting. A list has brackets, also
// where it holds one value: [8]. Anything wrong is kUsage with file, line and column (or the
// override's text), the value seen, and the nearest legal name.
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

  // "section.option=value"; the value is YAML. `seed=7` sets a top-level option; `optim.lr=` resets
  // an option to its default.
  void set(const std::string& assignment);

  // The text of one scalar option before anything is bound, e.g. the plug-in that a section names.
  [[nodiscard]] std::string peek(const std::string& section, const std::string& option,
                                 const std::string& otherwise) const;

  // For an option that names a plug-in: its value in the file where an override has replaced it,
  // else "".
  [[nodiscard]] std::string replaced(const std::string& section, const std::string& option) const;

  // Drops the values that the file, not an override, gives to options in `gone` that are not in
  // `kept`. Returns their names.
  std::vector<std::string> forget(const std::string& section, const Fields& gone,
                                  const Fields& kept);

  // Writes the values of the document into the fields of `section` ("" = top level), and keeps them
  // for resolved(). `fields` are all options that the section may hold; those that the document
  // does not mention keep their value. finish(), which knows all sections, refuses any other
  // option.
  void bind(const std::string& section, const Fields& fields);

  // As bind(), for another instance of something already bound: reads the options in `fields`,
  // ignores the rest of the section, and keeps nothing for resolved().
  void fill(const std::string& section, const Fields& fields) const;

  // Refuses sections and options that nothing has bound, and names the section to which such an
  // option belongs.
  void finish() const;

  // Complete YAML of everything bound, in the order of binding. Reading it gives the same values.
  [[nodiscard]] std::string resolved() const;
  [[nodiscard]] std::string resolved_section(const std::string& section) const;

  // SHA-256 over the options that are part of the run's identity.
  [[nodiscard]] std::string identity_hash() const;

  // "optim.lr: 0.1 -> 0.3" for every identity option whose value differs between two bound
  // documents.
  [[nodiscard]] static std::vector<std::string> identity_changes(const Document& before,
                                                                 const Document& after);

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
