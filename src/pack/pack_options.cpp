#include "pack/pack_options.h"

#include <limits>
#include <sstream>

#include "core/error.h"

namespace espalier::pack {
namespace {

image::Background colour_named(const std::string& name) {
  if (name == "white") return image::kWhite;
  if (name == "black") return {0, 0, 0};
  if (name == "grey") return {128, 128, 128};
  image::Background colour{};
  std::istringstream text(name);
  bool good = true;
  for (size_t c = 0; c < colour.size(); ++c) {
    int value = -1;
    char comma = ',';
    good = good && (c == 0 || text >> comma) && comma == ',' && text >> value && value >= 0 &&
           value <= 255;
    colour[c] = static_cast<uint8_t>(value);
  }
  check(good && text.peek() == EOF, Kind::kUsage,
        "background is '{}' (try: white, black, grey or 255,128,0)", name);
  return colour;
}

}  // namespace

Fields PackOptions::fields() {
  return {
      {"seed", &seed, {.min = 0, .max = 9007199254740991, .help = "seed of the shuffled order"}},
      {"shard_size",
       &shard_size,
       {.min = 1, .max = 1e15, .unit = "bytes", .help = "image bytes per shard"}},
      {"order",
       &order,
       {.help = "order of the samples; shuffled: by hash(seed, key); path: by key"}},
      {"storage",
       &storage,
       {.help = "how images are stored; raw: as pixels; encoded: as image files; auto: as pixels "
                "where all images have one size of up to 96 px"}},
      {"class_names",
       &class_names,
       {.help =
            "names of the classes in the order of their labels, instead of those of the source"}},
      {"only_classes",
       &only_classes,
       {.help = "classes to pack, by name; images of others are left out; empty = all",
        .identity = false}},
      {"on_corrupt",
       &on_corrupt,
       {.help = "what to do when images cannot be decoded; skip: leave them out",
        .identity = false}},
      {"duplicates",
       &duplicates,
       {.help = "what to do with images of equal bytes; drop: pack only the first one by key",
        .identity = false}},
      {"background",
       &background,
       {.help = "colour behind pixels that are not opaque: white, black, grey or R,G,B",
        .identity = false}},
      {"orientation",
       &orientation,
       {.help = "what to do with the EXIF orientation; apply: turn images upright by it"}},
      {"progressive",
       &progressive,
       {.help =
            "what to do with progressive JPEGs; baseline: convert them without loss to baseline "
            "JPEGs, which decode several times faster"}},
      {"max_side",
       &max_side,
       {.min = 0,
        .max = 1e6,
        .unit = "px",
        .help = "longest side of an image: larger images are reduced to it; 0 = no limit"}},
      {"filter", &filter, {.help = "filter that reduces images to max_side"}},
      {"quality", &quality, {.min = 1, .max = 100, .help = "JPEG quality of reduced images"}},
      {"max_pixels",
       &max_pixels,
       {.min = 1,
        .max = 1e12,
        .unit = "px",
        .help = "most pixels of an image; one with more counts as corrupt",
        .identity = false}},
      {"memory",
       &memory,
       {.min = 0,
        .max = 1e15,
        .unit = "bytes",
        .help = "memory per rank for decoded images, so that each image is decoded once",
        .identity = false}},
      {"threads", &threads, {.min = 1, .max = 1024, .help = "threads per rank", .identity = false}},
  };
}

StorageRules PackOptions::rules() const {
  return {.limits = {.max_pixels = max_pixels},
          .background = colour_named(background),
          .turn = orientation == Orientation::kApply,
          .baseline = progressive == Progressive::kBaseline,
          .max_side = max_side,
          .filter = filter,
          .quality = static_cast<int>(quality),
          .encoded = storage != Storage::kRaw};
}

int64_t PackOptions::raw_side() const {
  if (storage == Storage::kRaw) return std::numeric_limits<int64_t>::max();
  return storage == Storage::kEncoded ? 0 : kRawSide;
}

std::string PackOptions::identity(bool any_composited) const {
  PackOptions options = *this;
  std::string text;
  for (const Field& field : options.fields()) {
    if (field.info.identity) text += fmt::format("{}: {}\n", field.name, value_text(field));
  }
  if (any_composited) {
    const image::Background colour = rules().background;
    text += fmt::format("background: [{}, {}, {}]\n", colour[0], colour[1], colour[2]);
  }
  return text;
}

}  // namespace espalier::pack
