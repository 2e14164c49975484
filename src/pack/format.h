// A source of images: a folder tree, the files of CIFAR, IDX files. One file in pack/formats per
// format.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "core/registry.h"
#include "image/image.h"

namespace espalier::pack {

// An image as its source holds it: the bytes of an image file, or pixels.
using Content = std::variant<std::vector<uint8_t>, image::Image>;

// A file that looks like an image and is not an item.
struct LeftOut {
  std::string key, reason;
};

class Format : public Plugin {
 public:
  static constexpr const char* kKind = "format";

  // Lists what `source` holds. kUsage when it is no such source, kData when it is damaged, kIo (or
  // std::filesystem's own error) when the system refuses.
  virtual void open(const std::filesystem::path& source) = 0;

  virtual int64_t size() const = 0;
  // Keys rise in byte order and do not depend on where the source lies.
  virtual std::string key(int64_t item) const = 0;
  virtual int64_t label(int64_t item) const = 0;             // -1 = none
  virtual std::vector<std::string> class_names() const = 0;  // empty when there are no labels
  // Bits of shards/flags.h that are true of the image before it is packed.
  virtual uint32_t flags(int64_t) const { return 0; }

  // For skipped.tsv, beside the items that cannot be used.
  virtual std::vector<LeftOut> left_out() const { return {}; }
  // What a person must know about the source, for example labels that were not found.
  virtual std::vector<std::string> warnings() const { return {}; }

  // Any thread. kIo when the system refuses; an image file is not decoded.
  virtual Content read(int64_t item) const = 0;
};

}  // namespace espalier::pack
