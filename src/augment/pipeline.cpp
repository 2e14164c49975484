#include "augment/pipeline.h"

#include <algorithm>
#include <string_view>

#include "config/document.h"
#include "core/error.h"

namespace espalier::augment {
namespace {

std::string trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

// The parts of `text` between separators that stand outside all brackets.
std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  int depth = 0;
  size_t start = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(' || text[i] == '[') ++depth;
    if (text[i] == ')' || text[i] == ']') --depth;
    if (text[i] != separator || depth != 0) continue;
    parts.push_back(trimmed(std::string_view(text).substr(start, i - start)));
    start = i + 1;
  }
  parts.push_back(trimmed(std::string_view(text).substr(start)));
  return parts;
}

bool is_name(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// "size=32" or "32" -> `op.size=32`, as an override of the op's options.
void set_argument(config::Document& options, const std::string& op, const Fields& fields,
                  const std::string& argument, size_t position, bool& named) {
  const size_t equals = argument.find('=');
  check(!argument.empty(), Kind::kUsage, "{} has an empty argument", op);
  if (equals != std::string::npos) {
    named = true;
    options.set(op + "." + trimmed(argument.substr(0, equals)) + argument.substr(equals));
    return;
  }
  check(!named, Kind::kUsage, "{}: '{}' has no name, but stands after an argument that has", op,
        argument);
  check(position < fields.size(), Kind::kUsage, "{} takes {} arguments, '{}' is one more", op,
        fields.size(), argument);
  options.set(op + "." + fields[position].name + "=" + argument);
}

struct Call {
  std::string name;
  std::vector<std::string> arguments;
};

// "flip(p=0.5)" or "flip".
Call parse_call(const std::string& text) {
  const size_t open = text.find('(');
  Call call{.name = trimmed(text.substr(0, open)), .arguments = {}};
  check(is_name(call.name), Kind::kUsage, "'{}' is not an op (try: flip(p=0.5))", text);
  if (open == std::string::npos) return call;
  check(text.back() == ')', Kind::kUsage, "'{}' does not end with ')'", text);
  const std::string arguments = trimmed(text.substr(open + 1, text.size() - open - 2));
  if (!arguments.empty()) call.arguments = split(arguments, ',');
  return call;
}

std::shared_ptr<Op> make_op(const Call& call) {
  std::shared_ptr<Op> op = Registry<Op>::create(call.name);
  const Fields fields = op->fields();
  config::Document options;
  bool named = false;
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    set_argument(options, call.name, fields, call.arguments[i], i, named);
  }
  options.bind(call.name, fields);
  op->validate();
  return op;
}

std::string text_of(const std::string& name, Op& op) {
  std::string arguments;
  for (const Field& field : op.fields()) {
    arguments += (arguments.empty() ? "" : ", ") + field.name + "=" + value_text(field);
  }
  return arguments.empty() ? name : name + "(" + arguments + ")";
}

image::ViewShape shape_of(const image::Image& image) {
  return {image.channels, image.height, image.width};
}

}  // namespace

Pipeline Pipeline::parse(const std::string& text, const std::string& where) {
  Pipeline pipeline;
  if (trimmed(text).empty()) return pipeline;
  try {
    for (const std::string& part : split(text, '|')) {
      const Call call = parse_call(part);
      const std::shared_ptr<Op> op = make_op(call);
      pipeline.text_ += (pipeline.text_.empty() ? "" : " | ") + text_of(call.name, *op);
      pipeline.steps_.push_back({fmt::format("{}.{}", pipeline.steps_.size(), call.name), op});
    }
  } catch (const Error& error) {
    throw Error(error.kind(), "{}: {}", where, error.what());
  }
  return pipeline;
}

image::ViewShape Pipeline::output(image::ViewShape shape) const {
  for (const auto& [name, op] : steps_) {
    const std::vector<int64_t> legal = op->channels();
    check(legal.empty() || std::find(legal.begin(), legal.end(), shape.channels) != legal.end(),
          Kind::kUsage, "op {} does not take images of {} channels (it takes: {})", name,
          shape.channels, fmt::join(legal, ", "));
    shape = op->output(shape);
  }
  return shape;
}

image::Image Pipeline::apply(const image::Image& image, const image::SampleKey& key) const {
  const image::Image* current = &image;
  image::Image made;
  for (const auto& [name, op] : steps_) {
    Draw draw(key.seed, name, {key.epoch, key.sample, key.view});
    const auto parameters = op->draw(draw, shape_of(*current));
    if (!parameters) continue;
    made = op->apply(*current, *parameters);
    current = &made;
  }
  return current == &made ? std::move(made) : *current;
}

}  // namespace espalier::augment
