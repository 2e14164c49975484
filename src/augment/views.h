// All views of a sample, from its stored bytes to normalised numbers: what is random is drawn for
// every view first, then the union of the boxes that the views need is decoded once, then each view
// is made and written in one pass. Where a format has three channels, a grey image is repeated into
// three before any op, and a grey view after the last.
//
//   const Views views(pipelines, normalise, {{.shape = {3, 224, 224}}, ...});
//   views(encoded, {.seed = 7, .epoch = 0, .sample = 12}, into);
//
// Const after construction: any number of threads may call it at once. Each thread keeps its
// memory, so that nothing is allocated after images of the largest size.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "augment/pipeline.h"
#include "image/encoded.h"
#include "image/normalise.h"

namespace espalier::augment {

// The one rule by which images fit a network: kUsage, beginning with `data`, the name of the
// images, and with what to try, unless the views that Views makes by `pipeline`, of images of shape
// `stored` and in a format of the channels of `wanted`, have the shape `wanted`.
void require_fit(const Pipeline& pipeline, image::ViewShape stored, const image::ViewShape& wanted,
                 const std::string& data);

class Views {
 public:
  // One pipeline and one format per view; kBug where their numbers differ, kUsage where `normalise`
  // has numbers for other channels. `scaled` decodes a JPEG at a half, a quarter or an eighth where
  // every view is small enough: faster, not Pillow's bits.
  Views(std::vector<Pipeline> pipelines, image::Normaliser normalise,
        std::vector<image::SlabFormat> formats, bool scaled = false);

  // Writes view v to into[v], in its format. `key.view` is that of the first view.
  void operator()(const image::Encoded& image, const image::SampleKey& key,
                  std::span<std::byte* const> into) const;

 private:
  std::vector<Pipeline> pipelines_;
  image::Normaliser normalise_;
  std::vector<image::SlabFormat> formats_;
  bool scaled_;
};

}  // namespace espalier::augment
