// A fitted model on disk: a run folder with the network of one arm and what it takes to use it.
//
//   fit.json              the arm, rate and steps, classes in the order of the scores, training set,
//                         SHA-256 of head.safetensors; written first without it
//   backbone.safetensors, backbone.json   the backbone as trained; stages that the head does not use
//                         are as they were
//   head.safetensors      what stands on it; written last
//   curve.csv, config.yaml, log.txt, provenance.json
#pragma once

#include "engine/run_folder.h"
#include "engine/trained_model.h"
#include "transfer/fit/fit.h"

namespace espalier::transfer {

std::filesystem::path fit_facts(const engine::RunFolder& folder);

// Before the training: config.yaml and fit.json, by which others know the folder.
void begin_fitted(const engine::RunFolder& folder, const Fit& fit);
// After it: everything else.
void write_fitted(const engine::RunFolder& folder, const Fit& fit, const TrainedCell& trained,
                  const std::string& command);

// kUsage where the folder holds no fitted model that has ended; kData where it is damaged.
engine::TrainedModel open_fitted(const engine::RunFolder& folder);

}  // namespace espalier::transfer
