// Finished cells on disk, each a folder named by its id that appears whole or not at all:
//
//   cells/<id>/spec.json        what decided the result, canonical (transfer/cell.h)
//              result.json      accuracy, loss, validation_accuracy, probe_strength, seconds, steps,
//                               status, stuck, kept_sha256; null where there is no such number
//              curve.csv        step, loss, accuracy, lr, validation_loss, validation_accuracy
//              predictions.bin  the class of each test image in the set's order, in the training
//                               set's numbers: u8, or little-endian i16 above 256 classes
//   bases/<id>.safetensors      weights that cells of controls begin with
//   cells/<id>.lock, bases/<id>.lock   while a process computes it (transfer/claims.h)
//
// Any number of threads and processes on any hosts may share a store.
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>

#include "transfer/cell.h"
#include "transfer/claims.h"

namespace espalier::transfer {

// As predictions.bin has them.
std::string class_bytes(const std::vector<int64_t>& numbers, int64_t classes);

class CellStore {
 public:
  // Touches no file.
  explicit CellStore(const std::filesystem::path& folder);

  // Makes the folders and removes what processes left that were killed.
  void prepare();

  bool has(const std::string& id) const;
  // kData, naming the file, when it is damaged.
  CellResult read(const std::string& id) const;
  // Nothing when another thread or process computes the cell.
  std::optional<Claim> claim(const std::string& id) { return cell_claims_.claim(id); }
  void write(const std::string& id, const nlohmann::json& spec, const CellOutput& output) const;
  void remove(const std::string& id) const;

  // The weights of a base, computed by `compute` where they are not there yet. Waits for another
  // thread or process that computes them.
  tensor::TensorMap base(const std::string& id, const std::function<tensor::TensorMap()>& compute);

 private:
  std::filesystem::path cells_, bases_;
  Claims cell_claims_, base_claims_;
  mutable std::mutex mutex_;
  mutable std::set<std::string> there_;  // ids that were found; a result stays
};

}  // namespace espalier::transfer
