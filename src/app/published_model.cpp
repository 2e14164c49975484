// What a backbone is called elsewhere, and the Python that loads it there.
#include <fmt/ranges.h>

#include "app/weights_export.h"

namespace espalier::app {
namespace {

PublishedModel alexnet(const engine::BackboneFile& backbone) {
  PublishedModel model{.first = "features.0", .classifier = "classifier.6"};
  if (backbone.document.peek("model", "hidden", "4096") == "4096") model.torchvision = "alexnet";
  return model;
}

PublishedModel resnet(const engine::BackboneFile& backbone) {
  PublishedModel model{.first = "conv1", .classifier = "fc"};
  if (!backbone.weights.contains("bn1.running_mean")) return model;
  model.timm = model.torchvision = backbone.model.name;
  const int64_t channels = backbone.input.channels;
  if (backbone.document.peek("model", "stem", "cifar") == "cifar")
    model.changes = fmt::format(
        "model.conv1 = torch.nn.Conv2d({}, 64, 3, padding=1, bias=False)\n"
        "model.maxpool = torch.nn.Identity()\n",
        channels);
  return model;
}

// timm's names for the sizes; everything else is an argument.
PublishedModel vit(const engine::BackboneFile& backbone) {
  const auto option = [&](const char* name) { return backbone.document.peek("model", name, "0"); };
  const int64_t width = std::stoll(option("width")), patch = std::stoll(option("patch"));
  const int64_t registers = std::stoll(option("registers"));
  const double layer_scale = std::stod(option("layer_scale"));
  const bool class_token = option("class_token") == "true";
  PublishedModel model{.timm = backbone.model.name + "_patch16_224",
                       .pool = class_token ? "token" : "avg",
                       .first = "patch_embed.proj",
                       .classifier = "head"};
  model.model_args = {{"img_size", {backbone.input.height, backbone.input.width}},
                      {"patch_size", patch},
                      {"embed_dim", width},
                      {"depth", std::stoll(option("depth"))},
                      {"num_heads", std::max<int64_t>(1, width / 64)}};
  if (!class_token) model.model_args.update({{"class_token", false}, {"fc_norm", false}});
  if (registers > 0) model.model_args.update({{"reg_tokens", registers}, {"no_embed_class", true}});
  if (layer_scale > 0) model.model_args["init_values"] = layer_scale;
  return model;
}

std::string torchvision_program(const engine::BackboneFile& backbone, const PublishedModel& model) {
  const bool alexnet = model.torchvision == "alexnet";
  std::string changes = model.changes;
  if (changes.empty() && backbone.input.channels != 3)
    changes =
        fmt::format("model.{} = torch.nn.Conv2d({}, 64, {})\n", alexnet ? "features[0]" : "conv1",
                    backbone.input.channels, alexnet ? "11, 4, 2" : "7, 2, 3, bias=False");
  return fmt::format(
      "import pathlib, torch, torchvision\n"
      "here = pathlib.Path(__file__).parent\n"
      "model = torchvision.models.{}()\n"
      "model.{} = torch.nn.Identity()\n"
      "{}"
      "model.load_state_dict(torch.load(here / \"backbone.pth\", weights_only=True))\n"
      "model.eval()\n",
      model.torchvision, alexnet ? "classifier[6]" : model.classifier, changes);
}

std::string timm_program(const engine::BackboneFile& backbone, const PublishedModel& model) {
  if (model.changes.empty())
    return "import pathlib, timm\n"
           "here = pathlib.Path(__file__).parent.resolve()\n"
           "model = timm.create_model(f\"local-dir:{here}\", pretrained=True)\n"
           "model.eval()\n";
  return fmt::format(
      "import pathlib, safetensors.torch, timm, torch\n"
      "here = pathlib.Path(__file__).parent\n"
      "model = timm.create_model(\"{}\", num_classes=0, in_chans={})\n"
      "{}"
      "model.load_state_dict(safetensors.torch.load_file(here / \"model.safetensors\"))\n"
      "model.eval()\n",
      model.timm, backbone.input.channels, model.changes);
}

}  // namespace

PublishedModel published_model(const engine::BackboneFile& backbone) {
  const std::string& name = backbone.model.name;
  PublishedModel model;
  if (name == "alexnet") model = alexnet(backbone);
  if (name.starts_with("resnet")) model = resnet(backbone);
  if (name.starts_with("vit_")) model = vit(backbone);
  if (name == "convnext_tiny") {
    model = {.timm = name, .first = "stem.0", .classifier = "head.fc"};
    const int64_t patch = std::stoll(backbone.document.peek("model", "patch", "4"));
    if (patch != 4) model.model_args["patch_size"] = patch;
  }
  if (backbone.input.channels != 3) model.model_args["in_chans"] = backbone.input.channels;
  return model;
}

std::string load_program(const engine::BackboneFile& backbone, const PublishedModel& model,
                         Library library, const std::string& file) {
  if (library == Library::kTorchvision) return torchvision_program(backbone, model);
  if (library == Library::kTimm) return timm_program(backbone, model);
  if (library == Library::kHuggingface)
    return "import pathlib, transformers\n"
           "here = pathlib.Path(__file__).parent\n"
           "model = transformers.AutoModel.from_pretrained(here)\n"
           "model.eval()\n";
  if (library == Library::kPth)
    return fmt::format(
        "import pathlib, torch\n"
        "here = pathlib.Path(__file__).parent\n"
        "state = torch.load(here / \"{}\", weights_only=True)\n",
        file);
  return fmt::format(
      "import pathlib, safetensors.torch\n"
      "here = pathlib.Path(__file__).parent\n"
      "state = safetensors.torch.load_file(here / \"{}\")\n",
      file);
}

}  // namespace espalier::app
