#include "train/checkpoint.h"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <csignal>

#include "core/files.h"
#include "core/hash.h"
#include "support/error_of.h"
#include "support/temp_dir.h"
#include "train/train_support.h"

namespace espalier::train {
namespace {

namespace fs = std::filesystem;

class Checkpoint : public testing::Test {
 protected:
  Checkpoint() {
    std::vector<std::string> names;
    std::vector<at::Tensor> weights, gradients;
    for (const engine::NamedTensor& parameter : network_.trained_parameters()) {
      names.push_back(parameter.name);
      weights.push_back(parameter.tensor);
      gradients.push_back(torch::ones_like(parameter.tensor));
    }
    optimizer_->start(optim::decay_groups(names, weights, gradients, 1, false));
    optimizer_->step(0.1);
  }

  void save(int64_t step, int64_t keep = 2) {
    save_checkpoint(folder_, {.step = step, .position = static_cast<uint64_t>(8 * step)}, network_,
                    *optimizer_, config_.document.resolved(), keep);
  }

  fs::path path(int64_t step) const {
    return folder_.checkpoints() / engine::RunFolder::checkpoint_name(step);
  }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_.checkpoints()))
      names.push_back(entry.path().filename());
    return names;
  }

  int64_t step_loaded() const { return load_checkpoint(folder_, /*report=*/false)->state.step; }

  TempDir dir_;
  engine::RunFolder folder_{dir_.path()};
  RunConfig config_ = toy_config("rotation", "batch");
  std::shared_ptr<optim::Optimizer> optimizer_ = config_.optim.make_optimizer(config_.document);
  engine::Network network_ = toy_network(config_);
};

void flip_middle(const fs::path& path) {
  std::string bytes = read_file(path);
  bytes[bytes.size() / 2] ^= 1;
  write_file(path, bytes);
}

TEST_F(Checkpoint, HoldsWhatWasSaved) {
  save(5);
  const auto loaded = load_checkpoint(folder_);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->state.step, 5);
  EXPECT_EQ(loaded->state.position, 40);
  EXPECT_TRUE(equal_bits(loaded->model, engine::state_of(*network_.backbone)));
  EXPECT_TRUE(equal_bits(loaded->task, engine::state_of(*network_.task)));
  EXPECT_TRUE(equal_bits(loaded->optim, optimizer_->state()));
  EXPECT_EQ(loaded->config, config_.document.resolved());
}

TEST_F(Checkpoint, IsAbsentBeforeTheFirst) { EXPECT_FALSE(load_checkpoint(folder_)); }

TEST_F(Checkpoint, KeepsTheNewestOnes) {
  for (const int64_t step : {5, 10, 15}) save(step);
  EXPECT_THAT(names(), testing::UnorderedElementsAre("LATEST", "step-00000010", "step-00000015"));
}

TEST_F(Checkpoint, DamageToAnyFileLeadsToTheOneBefore) {
  for (const char* file : {"model.safetensors", "task.safetensors", "optim.safetensors",
                           "state.json", "config.yaml", "MANIFEST"}) {
    save(5);
    save(10);
    flip_middle(path(10) / file);
    EXPECT_EQ(step_loaded(), 5) << file;
    save(10);
    fs::resize_file(path(10) / file, fs::file_size(path(10) / file) / 2);
    EXPECT_EQ(step_loaded(), 5) << file;
    save(10);
    fs::remove(path(10) / file);
    EXPECT_EQ(step_loaded(), 5) << file;
    write_file(path(10) / file, "");
    EXPECT_EQ(step_loaded(), 5) << file;
  }
}

TEST_F(Checkpoint, RefusesWhenNoneIsWhole) {
  save(5);
  flip_middle(path(5) / "model.safetensors");
  EXPECT_THROW(load_checkpoint(folder_, false), Error);
}

// A run that was taken up before a damaged checkpoint must not lose its own new ones to it.
TEST_F(Checkpoint, DamagedOneOfALaterStepGivesWay) {
  save(10, /*keep=*/1);
  flip_middle(path(10) / "model.safetensors");
  save(7, /*keep=*/1);
  EXPECT_EQ(step_loaded(), 7);
}

TEST_F(Checkpoint, LeavesNamesOfOthersAlone) {
  make_directories(folder_.checkpoints() / "step-00000099-copy");
  make_directories(folder_.checkpoints() / "step-best");
  make_directories(folder_.checkpoints() / ".step-00000020.partial");
  engine::remove_leftovers(folder_);
  save(5, /*keep=*/1);
  EXPECT_EQ(step_loaded(), 5);
  EXPECT_THAT(names(), testing::UnorderedElementsAre("LATEST", "step-00000005",
                                                     "step-00000099-copy", "step-best"));
}

// Damage that nobody proved must cost nothing: a file that cannot be read just now, or a format of
// a newer program, ends the resume.
TEST_F(Checkpoint, ThatCannotBeReadIsNotTakenForADamagedOne) {
  for (const char* file : {"model.safetensors", "task.safetensors", "optim.safetensors",
                           "state.json", "config.yaml", "MANIFEST"}) {
    save(5);
    save(10);
    const std::string bytes = read_file(path(10) / file);
    fs::remove(path(10) / file);
    fs::create_symlink(file, path(10) / file);  // a loop: ELOOP for root too
    error_of(Kind::kIo, [&] { load_checkpoint(folder_, false); });
    fs::remove(path(10) / file);
    write_file(path(10) / file, bytes);
    EXPECT_EQ(step_loaded(), 10) << file;
  }
}

TEST_F(Checkpoint, OfAnUnknownFormatEndsTheResume) {
  save(5);
  save(10);
  std::string state = read_file(path(10) / "state.json");
  const std::string before = sha256_hex(state);
  state.replace(state.find("\"format_version\": 1"), 19, "\"format_version\": 2");
  std::string manifest = read_file(path(10) / "MANIFEST");
  manifest.replace(manifest.find(before), 64, sha256_hex(state));
  write_file(path(10) / "state.json", state);
  write_file(path(10) / "MANIFEST", manifest);
  error_of(Kind::kUsage, [&] { load_checkpoint(folder_, false); });
}

TEST_F(Checkpoint, OfALaterStepIsNotDeleted) {
  save(15);
  for (const int64_t step : {10, 11, 12}) save(step, /*keep=*/1);
  EXPECT_THAT(names(), testing::UnorderedElementsAre("LATEST", "step-00000012", "step-00000015"));
  EXPECT_EQ(step_loaded(), 15);
}

TEST_F(Checkpoint, ThatDidNotFitLeavesNothingBehind) {
  save(5);
  const rlimit small = {512, RLIM_INFINITY};  // bytes of a file
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  error_of(Kind::kIo, [&] { save(10); });
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_THAT(names(), testing::UnorderedElementsAre("LATEST", "step-00000005"));
}

}  // namespace
}  // namespace espalier::train
