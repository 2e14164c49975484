// What the fuzz targets of the formats share: damage in a source is an Error of kind usage, data or
// io, whatever the bytes.
#pragma once

#include "core/error.h"
#include "memory_file.h"
#include "pack/format.h"

namespace espalier::pack {

inline void open_and_read(const char* format, const uint8_t* bytes, size_t count) {
  const MemoryFile file(bytes, count);
  try {
    const auto source = Registry<Format>::create(format);
    source->open(file.path());
    const auto classes = static_cast<int64_t>(source->class_names().size());
    for (int64_t i = 0; i < source->size() && i < 100; ++i) {
      if (source->key(i).empty() || source->label(i) >= classes) abort();
      source->read(i);
    }
  } catch (const Error& error) {
    if (error.kind() == Kind::kBug) abort();
  }
}

}  // namespace espalier::pack
