// espalier VERB ...: what every verb needs before it runs, and how it ends.
#include <ATen/Parallel.h>
#include <malloc.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>

#include "app/numbers.h"
#include "app/verb.h"
#include "comm/agree.h"
#include "comm/mpi_comm.h"
#include "comm/nccl_comm.h"
#include "comm/topology.h"
#include "comm/world.h"
#include "core/cores.h"
#include "core/environment.h"
#include "core/error_of.h"
#include "core/log.h"
#include "core/printable.h"
#include "core/stop_request.h"
#include "core/version.h"
#include "tensor/instruction_set.h"

namespace espalier::app {
namespace {

constexpr const char* kIntroduction =
    "Espalier trains image backbones without labels on an MPI cluster, then cuts and grafts them "
    "onto a task that has "
    "few labels.\n\n"
    "  espalier pack --source photos --format image_folder --out data/photos\n"
    "  mpirun -n 4 espalier pretrain configs/pretrain/rotation_fashion_mnist.yaml --out "
    "runs/first\n"
    "  espalier transfer configs/transfer/quick_fashion_mnist.yaml --backbone runs/first --out "
    "runs/first-transfer\n"
    "  espalier report runs/first runs/first-transfer --out report.html\n";

constexpr const char* kHugePages = "glibc.malloc.hugetlb=1";

// Large tensors are allocated anew in every step: the allocator must keep their pages instead of
// asking the system for new ones.
void keep_large_blocks() {
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 2'000'000'000);
}

// Large tensors on huge pages: a tenth less time in a step of small convolutions, since the processor
// misses fewer addresses. glibc takes them only when asked at the start of a process, so that the
// program starts itself again, with the variables that were taken from it (core/environment.h).
// Where this cannot be, it runs on small pages.
void use_huge_pages(char** argv) {
  const char* given = std::getenv("GLIBC_TUNABLES");
  const std::string tunables = given == nullptr ? "" : given;
  if (tunables.find("glibc.malloc.hugetlb") != std::string::npos) return;
  setenv("GLIBC_TUNABLES", (tunables + (tunables.empty() ? "" : ":") + kHugePages).c_str(), 1);
  std::vector<std::string> ignored = ignored_environment();
  for (std::string& variable : ignored) putenv(variable.data());
  std::error_code error;
  // By its own path, so that the process keeps its name.
  execv(std::filesystem::read_symlink("/proc/self/exe", error).c_str(), argv);
  for (const std::string& variable : ignored)
    unsetenv(variable.substr(0, variable.find('=')).c_str());
}

// Ranks use the lowest instruction set of any of them and of what the verb continues; then
// LibTorch's CUDA half is opened where there is a GPU. Both come before anything else of LibTorch.
void prepare_libtorch(comm::Communicator& control, const Verb& verb) {
  std::string local, before;
  comm::agree(control, [&] { local = tensor::local_instruction_set(); });
  comm::on_rank_zero(control, [&] { before = verb.instruction_set_before(); });
  std::vector<std::string> sets = comm::gather_texts(control, local);
  sets.push_back(comm::broadcast_text(control, before));
  tensor::cap_instruction_set(tensor::lowest_instruction_set(sets));
  at::set_num_threads(static_cast<int>(core_share().cores));
  comm::CudaText reason{};
  const comm::CudaModule* module = comm::cuda_module();
  if (module != nullptr && module->device_count(&reason) > 0) comm::open_libtorch_cuda();
}

bool wants_huge_pages(const std::string& name) {
  const std::vector<std::string> verbs = Registry<Verb>::names();
  return std::ranges::find(verbs, name) != verbs.end() &&
         Registry<Verb>::create(name)->wants_huge_pages();
}

std::string command_line(int argc, char** argv) {
  std::string text;
  for (int i = 0; i < argc; ++i) text += (i ? " " : "") + std::string(argv[i]);
  return text;
}

void require_verb(const std::string& name) {
  const std::vector<std::string> verbs = Registry<Verb>::names();
  if (name.starts_with('-') || std::find(verbs.begin(), verbs.end(), name) != verbs.end()) return;
  const std::string near = nearest(name, verbs);
  throw Error(Kind::kUsage, "there is no verb '{}'{} (try: espalier --help)", name,
              near.empty() ? "" : fmt::format("; did you mean '{}'?", near))
      .set_agreed();  // every rank was given the same command
}

// An error that only this rank holds ends it here, where ranks are processes.
int fail(comm::Communicator& control, const Error& error) {
  if (!error.agreed()) control.raise(error);
  if (error.agreed() && control.rank() != 0) return error.exit_code();
  if (error.kind() == stop_request::kStopped)
    log::warning("espalier", "{}", error.what());
  else
    log::error("espalier", "{}", error.what());
  return error.exit_code();
}

int run(comm::Communicator& control, int argc, char** argv) {
  CLI::App app(kIntroduction, "espalier");
  app.require_subcommand(1);
  app.set_version_flag("--version",
                       fmt::format("espalier {} ({}, {})", kVersion, kCommit, kCompiler));
  Context context{control};
  std::map<CLI::App*, std::shared_ptr<Verb>> verbs;
  for (const auto& [name, entry] : registry_entries(Verb::kKind)) {
    const auto verb = Registry<Verb>::create(name);
    CLI::App* command = app.add_subcommand(name, entry.help);
    command->add_flag("--quiet", context.quiet, "write only warnings and errors to stderr");
    verb->declare(*command);
    refuse_wrapped_integers(*command);
    verbs[command] = verb;
  }
  log::setup(control.rank(), context.quiet);
  try {
    require_unique_names();
    if (argc > 1) require_verb(argv[1]);
    app.parse(argc, argv);
    log::setup(control.rank(), context.quiet);
    CLI::App* command = app.get_subcommands().front();
    for (const CLI::Option* option : command->get_options())
      for (const std::string& text : option->results()) require_expanded(option->get_name(), text);
    Verb& verb = *verbs.at(command);
    if (control.size() > 1 && !verb.uses_ranks())
      throw Error(Kind::kUsage,
                  "{} runs on one process, it was started on {} (try: without mpirun)",
                  command->get_name(), control.size())
          .set_agreed();
    if (verb.requires_ranks()) comm::require_launched_ranks(control.size());
    if (!verb.stops_on_request()) stop_request::decline();
    prepare_libtorch(control, verb);
    context.command = command_line(argc, argv);
    return verb.run(context);
  } catch (const CLI::ParseError& error) {  // every rank was given the same command
    if (control.rank() != 0) return error.get_exit_code() == 0 ? 0 : static_cast<int>(Kind::kUsage);
    return app.exit(error) == 0 ? 0 : static_cast<int>(Kind::kUsage);
  } catch (...) {
    return fail(control, error_of(std::current_exception()));
  }
}

// As early as a program can: a stop request may come while libraries still start.
[[gnu::section(".preinit_array"), gnu::used]] void (*before_libraries)() = &stop_request::listen;

}  // namespace
}  // namespace espalier::app

int main(int argc, char** argv) {
  if (argc > 1 && espalier::app::wants_huge_pages(argv[1])) espalier::app::use_huge_pages(argv);
  espalier::app::keep_large_blocks();
  std::signal(SIGXFSZ, SIG_IGN);  // a limit of file sizes is then an error of write()
  try {
    espalier::comm::World world(argc, argv);
    espalier::comm::share_cores(world.control());
    world.exit(espalier::app::run(world.control(), argc, argv));
  } catch (...) {  // before there are ranks to tell
    const espalier::Error error = espalier::error_of(std::current_exception());
    std::fprintf(stderr, "espalier: %s\n", espalier::printable(error.what()).c_str());
    _exit(error.exit_code());
  }
}
