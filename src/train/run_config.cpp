#include "train/run_config.h"

#include <algorithm>
#include <cmath>

#include <fmt/ranges.h>

#include "config/plugin_options.h"
#include "data/classes.h"
#include "engine/given_weights.h"
#include "engine/view_shape.h"
#include "train/network_check.h"

namespace espalier::train {
namespace {

// "auto", or a number from 1 to `most`.
void require_count_or_auto(const std::string& text, const char* option, int64_t most) {
  const bool is_number = !text.empty() && text.size() < 9 &&
                         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  const int64_t number = is_number ? std::stoll(text) : 0;
  check(text == "auto" || (number >= 1 && number <= most), Kind::kUsage,
        "{} is '{}', it must be auto or a number from 1 to {}", option, text, most);
}

}  // namespace

Fields TrainOptions::fields() {
  return {
      {"epochs",
       &epochs,
       {.min = 0,
        .max = 1e6,
        .unit = "epochs",
        .help = "length of the run; not used when train.steps is above 0"}},
      {"steps",
       &steps,
       {.min = 0,
        .max = 1e12,
        .unit = "steps",
        .help = "length of the run; 0 = train.epochs decides"}},
      {"device",
       &device,
       {.help = "where a rank computes; auto = on its GPU where there is one", .identity = false}},
      {"precision",
       &precision,
       {.help = "number type of the computation; auto = bf16 where every processor or GPU computes "
                "it well, else f32; fp16 scales the loss so that small gradients do not vanish"}},
      {"checkpoint_steps",
       &checkpoint_steps,
       {.min = 0,
        .max = 1e12,
        .unit = "steps",
        .help = "steps between checkpoints; 0 = by train.checkpoint_minutes alone",
        .identity = false}},
      {"checkpoint_minutes",
       &checkpoint_minutes,
       {.min = 0,
        .max = 1e6,
        .unit = "minutes",
        .help = "longest time between checkpoints; 0 = by train.checkpoint_steps alone",
        .identity = false}},
      {"keep_checkpoints",
       &keep_checkpoints,
       {.min = 1,
        .max = 1e6,
        .help = "how many of the newest checkpoints are kept",
        .identity = false}},
      {"log_steps",
       &log_steps,
       {.min = 1,
        .max = 1e12,
        .unit = "steps",
        .help = "steps between two rows of metrics.jsonl",
        .identity = false}},
      {"nonfinite_limit",
       &nonfinite_limit,
       {.min = 1,
        .max = 1e6,
        .unit = "steps",
        .help =
            "the run ends after so many steps in a row whose loss or gradient is not finite; in "
            "fp16 a gradient that overflows lowers the loss scale and does not count"}},
      {"deadline_seconds",
       &deadline_seconds,
       {.min = 1,
        .max = 1e6,
        .unit = "s",
        .help = "how long a rank may go without progress before the run ends",
        .identity = false}},
      {"hooks",
       &hooks,
       {.help = "what measures the network after each epoch (espalier list hook)",
        .identity = false}}};
}

RunConfig RunConfig::read(config::Document document) {
  RunConfig run;
  run.task = document.peek("task", "name", run.task);
  const auto task = Registry<pretext::Task>::create(run.task);
  run.model.name = document.peek("model", "name", run.model.name);
  const auto backbone = Registry<model::Backbone>::create(run.model.name);

  engine::WeightsOptions weights;
  const Fields model =
      config::with(config::with(run.model.fields(), weights.fields()), backbone->fields());
  const Fields pretext =
      config::with({{"name",
                     &run.task,
                     {.choices = Registry<pretext::Task>::names(), .help = "the pretext task"}}},
                   task->fields());
  config::drop_options_of_replaced<model::Backbone>(document, "model", "name", model);
  config::drop_options_of_replaced<pretext::Task>(document, "task", "name", pretext);

  document.bind("", {seed_field(run.seed)});
  document.bind("data", run.data.fields());
  augment::refuse_byte_units(document);
  document.bind("augment", run.augment.fields());
  document.bind("model", model);
  document.bind("task", pretext);
  run.optim.bind(document);
  document.bind("train", run.train.fields());
  document.bind("parallel", run.parallel.fields());
  // Options of hooks stand in the file whether or not the hook is named; they measure, so they may
  // change.
  for (const std::string& name : Registry<Hook>::names()) {
    const auto hook = Registry<Hook>::create(name);
    Fields fields = hook->fields();
    for (Field& field : fields) field.info.identity = false;
    if (!fields.empty()) document.bind(name, fields);
  }
  for (const std::string& name : run.train.hooks)
    Registry<Hook>::create(name);  // refuses unknown ones
  document.finish();

  require_count_or_auto(run.parallel.lanes, "parallel.lanes", 65536);
  require_count_or_auto(run.data.threads, "data.threads", 1024);
  check(run.parallel.wire == sync::Wire::kNative || run.parallel.mode != sync::Mode::kExact,
        Kind::kUsage,
        "parallel.wire is {}, and parallel.mode exact exchanges gradients as they are (try: "
        "parallel.mode=fast)",
        run.parallel.wire);
  check(!weights.weights.empty() || (weights.weights_stages == 0 && weights.warmup_steps == 0),
        Kind::kUsage,
        "model.weights is empty, and model.weights_stages or model.warmup_steps is not 0: they "
        "say what becomes of given weights");
  check(run.train.steps > 0 || run.train.epochs > 0, Kind::kUsage,
        "train.epochs and train.steps are both 0: the run has no length");
  check(run.data.holdout == 0 || run.data.validation.empty(), Kind::kUsage,
        "data.validation is {} and data.holdout is {}: hooks measure on one set (try: "
        "data.holdout=0)",
        run.data.validation, run.data.holdout);
  run.document = std::move(document);
  return run;
}

int64_t RunConfig::view_count() const {
  const auto made = Registry<pretext::Task>::create(task);
  document.fill("task", made->fields());
  return made->view_count();
}

engine::DataFacts RunConfig::data_facts(const data::Dataset& dataset) const {
  engine::DataFacts facts{.input = engine::output_of(augment.evaluation(), dataset)};
  check(facts.input.height > 0 && facts.input.width > 0, Kind::kUsage,
        "images differ in size and augment.evaluate does not make them equal (try: \"resize(256, "
        "256) | centre_crop(224)\")");
  for (const augment::Pipeline& pipeline : augment.pipelines(view_count())) {
    const image::ViewShape own = engine::output_of(pipeline, dataset);
    check(
        facts.views.empty() ? own == facts.input : own.channels == facts.input.channels,
        Kind::kUsage,
        "'{}' of augment.views gives {} x {} x {}, augment.evaluate gives {} x {} x {}: the first "
        "view must agree with it, and the channels of all",
        pipeline.text(), own.channels, own.height, own.width, facts.input.channels,
        facts.input.height, facts.input.width);
    facts.views.push_back(own);
  }
  facts.classes = static_cast<int64_t>(data::class_names(dataset).size());
  facts.ids = dataset.size();
  facts.hash = dataset.hash();
  facts.samples = dataset.size() - static_cast<int64_t>(parts(dataset).held_out.size());
  return facts;
}

data::Holdout RunConfig::parts(const data::Dataset& dataset) const {
  if (data.holdout == 0) return {.block = dataset.order().block};
  return data::hold_out(dataset.size(), dataset.order().block, data.holdout,
                        static_cast<uint64_t>(seed));
}

RunConfig RunConfig::with_normalisation(const std::vector<double>& mean,
                                        const std::vector<double>& std) const {
  config::Document complete = config::Document::parse(document.resolved(), "the configuration");
  complete.set(fmt::format("augment.mean=[{}]", fmt::join(mean, ", ")));
  complete.set(fmt::format("augment.std=[{}]", fmt::join(std, ", ")));
  return read(std::move(complete));
}

int64_t RunConfig::steps(int64_t samples) const {
  if (train.steps > 0) return train.steps;
  return static_cast<int64_t>(
      std::ceil(train.epochs * static_cast<double>(samples) / static_cast<double>(data.batch)));
}

engine::Network RunConfig::make_network(const engine::DataFacts& facts) const {
  engine::Network network;
  with_options_named(*this, facts.input, [&] {
    const auto made = Registry<pretext::Task>::create(task);
    document.fill("task", made->fields());
    engine::DataFacts normalised = facts;
    if (!augment.mean.empty()) normalised.mean = augment.mean;
    if (!augment.std.empty()) normalised.std = augment.std;
    network = engine::build_network(
        [this, input = facts.input] { return model.make(document, input); }, made, normalised);
  });
  return network;
}

}  // namespace espalier::train
