#include "augment/augment_options.h"

#include "augment/recipe.h"

namespace espalier::augment {

Fields AugmentOptions::fields() {
  return {
      {"views",
       &views,
       {.help = "one pipeline for each view of a sample, one for all views, or a recipe "
                "(espalier list op, espalier list recipe)"}},
      {"evaluate", &evaluate, {.help = "pipeline of evaluation images, which are not trained on"}},
      {"mean",
       &mean,
       {.min = 0,
        .max = 1,
        .help = "mean that is subtracted from pixels in [0, 1]: one number, or one per channel; "
                "empty = the mean of the training set, measured before the first step; a "
                "transfer takes that of the backbone"}},
      {"std",
       &std,
       {.min = 0.001,
        .max = 1,
        .help = "standard deviation that pixels are divided by, after the mean is subtracted; "
                "empty = that of the training set, as for mean"}},
      {"decode",
       &decode,
       {.help = "how JPEGs are decoded; exact: to the pixels of Pillow; scaled: at 1/2, 1/4 or "
                "1/8 of their size where the views are small enough, which is faster"}}};
}

std::vector<Pipeline> AugmentOptions::pipelines(int64_t views_wanted) const {
  std::vector<Pipeline> pipelines = parse_views(views, "augment.views");
  if (pipelines.size() == 1) pipelines.resize(static_cast<size_t>(views_wanted), pipelines[0]);
  check(static_cast<int64_t>(pipelines.size()) == views_wanted, Kind::kUsage,
        "augment.views has {} pipelines, the task takes {} views (try: one pipeline for all)",
        pipelines.size(), views_wanted);
  return pipelines;
}

Pipeline AugmentOptions::evaluation() const {
  return Pipeline::parse(evaluate, "augment.evaluate");
}

Views AugmentOptions::transform(std::vector<Pipeline> pipelines,
                                std::vector<image::SlabFormat> formats) const {
  check(!mean.empty() && !std.empty(), Kind::kBug, "augment.mean or augment.std is not settled");
  return Views(std::move(pipelines), image::Normaliser(mean, std), std::move(formats),
               decode == Decode::kScaled);
}

void refuse_byte_units(const config::Document& document) {
  for (const char* name : {"mean", "std"}) {
    std::vector<double> values;
    document.fill("augment", {{name, &values, {}}});
    for (const double value : values) {
      check(!(value > 1 && value <= 255), Kind::kUsage,
            "augment.{} has {}, and pixels are in [0, 1] (try: {:.3f})", name, value, value / 255);
    }
  }
}

}  // namespace espalier::augment
