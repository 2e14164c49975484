// A row of numbers for each sample of a set, as a file that other programs read. By the end of its
// name:
//
//   .npy  numpy.load(FILE): f32 [N, D]; FILE.csv beside it has key,label,class of each row
//   .h5   h5py.File(FILE): features f32 [N, D], key, label i64 (-1 = none), class_names
//   .csv  key,label,class,0,1,...: a line a sample
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "data/selection.h"

namespace espalier::data {

// The ends of names that write_features() knows.
std::vector<std::string> feature_file_types();

// `rows`: width values for each sample of `selection`, in its order. Each file appears whole or not
// at all. kUsage for a name of another end, kIo.
void write_features(const std::filesystem::path& path, const Dataset& set,
                    const Selection& selection, std::span<const float> rows, int64_t width);

}  // namespace espalier::data
