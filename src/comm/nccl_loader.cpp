#include <dlfcn.h>
#include <link.h>

#include <filesystem>

#include "comm/nccl_comm.h"

namespace espalier::comm {
namespace {

namespace fs = std::filesystem;

struct Loaded {
  const CudaModule* module = nullptr;
  std::string reason;
};

Loaded load() {
  std::error_code error;
  const fs::path path =
      fs::read_symlink("/proc/self/exe", error).parent_path() / "libespalier_cuda.so";
  if (!fs::exists(path, error))
    return {nullptr, fmt::format("{} was not built (try: launch/setup.sh, then build again)",
                                 path.string())};
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr)
    return {nullptr, fmt::format("{} (try: launch/setup.sh --gpu)", dlerror())};
  const auto entry = reinterpret_cast<CudaModuleEntry>(dlsym(library, kCudaModuleEntry));
  const CudaModule* module = entry == nullptr ? nullptr : entry();
  if (module == nullptr || module->interface != CudaModule::kInterface)
    return {nullptr,
            fmt::format("{} is of another build of Espalier (try: build again)", path.string())};
  return {module, ""};
}

const Loaded& loaded() {
  static const Loaded instance = load();
  return instance;
}

std::string open_beside_libc10() {
  void* c10 = dlopen("libc10.so", RTLD_NOW | RTLD_NOLOAD);
  const link_map* map = nullptr;
  if (c10 == nullptr || dlinfo(c10, RTLD_DI_LINKMAP, &map) != 0) return "LibTorch is not loaded";
  const fs::path path = fs::path(map->l_name).parent_path() / "libtorch_cuda.so";
  if (dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL) != nullptr) return "";
  return fmt::format("{} (try: launch/setup.sh --gpu)", dlerror());
}

}  // namespace

const CudaModule* cuda_module() { return loaded().module; }
const std::string& cuda_module_reason() { return loaded().reason; }

const std::string& open_libtorch_cuda() {
  static const std::string reason = open_beside_libc10();
  return reason;
}

}  // namespace espalier::comm
