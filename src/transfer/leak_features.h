// Test images that a network takes for images of another set: what pixels do not tell, as copies
// that are cropped or recoloured more than leaks::find_leaks() looks for.
//
//   leaks.add(find_alike(model, test, others));
//
// A pair is near by the rule of leaks/nearness.h, with the distance of the directions of features:
// pooled, of the last stage, less the mean of the other set. Features of images that differ are
// near, too, where a network was taught to overlook the difference: look at the pictures.
#pragma once

#include "engine/trained_model.h"
#include "leaks/leaks.h"

namespace espalier::transfer {

// One pass over both sets; memory for the features of the test set and 10,000 images. Throws
// kStopped (core/stop_request.h) between two parts. kUsage where images do not fit the network.
leaks::Alike find_alike(const engine::TrainedModel& model, const data::Dataset& test,
                        const data::Dataset& others);

}  // namespace espalier::transfer
